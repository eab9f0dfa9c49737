"""Steps of the driver's own test."""

import os
import signal
import time

from steps import StepError, Task, step
from tables import held


def slowly(rows):
    """Takes a second per row."""
    for row in rows:
        time.sleep(1)
        yield row


@step
def count(task: Task, args: dict) -> dict:
    """Counts by a job, and says whose process this is."""
    return {"count": task.spark.range(args["rows"]).count(), "pid": os.getpid(), "group": os.getpgrp()}


@step
def slow(task: Task, args: dict) -> dict:
    """A job of some tasks that takes so many seconds, or until it is cancelled."""
    task.stage("dawdling")
    context = task.spark.sparkContext
    return {"count": context.parallelize(range(args["seconds"]), args["seconds"]).mapPartitions(slowly).count()}


@step
def holding(task: Task, args: dict) -> dict:
    """Fails, or dawdles, while it holds rows."""
    with held(task.spark.range(10)) as rows:
        rows.count()
        return slow(task, args) if "seconds" in args else bad_file(task, args)


@step
def still_held(task: Task, args: dict) -> dict:
    """Of how many row sets something is held."""
    return {"count": task.spark.sparkContext._jsc.getPersistentRDDs().size()}


@step
def jobs(task: Task, args: dict) -> dict:
    """How many jobs are at work."""
    return {"active": len(task.spark.sparkContext.statusTracker().getActiveJobsIds())}


@step
def missing_file(task: Task, args: dict) -> dict:
    """Fails as Spark does where a file is not there."""
    return {"rows": task.spark.read.parquet(args["path"]).count()}


@step
def bad_file(task: Task, args: dict) -> dict:
    """Fails within a task."""
    return {"rows": task.spark.read.schema("a INT").parquet(args["path"]).selectExpr("sum(a)").collect()[0][0]}


@step
def in_python(task: Task, args: dict) -> dict:
    """Fails within a worker's Python."""
    return {"rows": task.spark.sparkContext.parallelize([1, 2]).map(lambda row: 1 // (row - row)).count()}


@step
def own_words(task: Task, args: dict) -> dict:
    """Fails in words of its own."""
    raise StepError("Full", "there is no room")


@step
def asks(task: Task, args: dict) -> dict:
    """Asks back twice."""
    return {"sum": task.ask({"n": 1}) + task.ask({"n": 2})}


@step
def die(task: Task, args: dict) -> dict:
    """Kills the driver and its Java."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
    return {}


@step
def write(task: Task, args: dict) -> dict:
    """Writes rows, so many to a file, with nulls and an odd text among them."""
    frame = task.spark.range(args["rows"]).selectExpr(
        "cast(if(id % 10 = 3, null, id) as int) AS n", "concat('é', cast(id as string)) AS t", "cast(id as double) / 2 AS d"
    )
    frame.repartitionByRange(args["files"], "d").sortWithinPartitions("d").write.parquet(args["folder"])
    return {}

"""The driver of Slipstream's Spark session, which spark-submit runs: answers requests that come over a unix socket.

Requests and answers are lines of JSON:
    {"id": 1, "step": "MODULE.FUNCTION", "args": {…}}     a step, in a thread of its own
    {"id": 1, "progress": {"stage": …, "done": …, "of": …}}
    {"id": 1, "question": {…}}  and back  {"id": 1, "answer": …}
    {"id": 1, "result": {…}}  or  {"id": 1, "error": {"kind": …, "message": …}}
    {"id": 1, "cancel": true}
    {"stop": true}
The first line is the driver's: {"ready": {"spark": "4.0.1"}} or {"failed": {"kind": …, "message": …}}. It ends with the
socket, whatever is at work then.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
from typing import Any

from reasons import failure
from steps import StepError, Task, registry
from wire import Wire

OLDEST_SPARK = (3, 5)
OLDEST_PYTHON = (3, 9)
CANCEL_SECONDS = 0.2
STOP_SECONDS = 5.0


def start() -> Any:
    """The Spark session, once all is there that it needs."""
    python = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info < OLDEST_PYTHON:
        raise StepError("Missing", f"Python {python} ({sys.executable}) is too old: set PYSPARK_PYTHON to a Python from 3.9 up")
    try:
        import numpy  # noqa: F401
        import pyspark
        from pyspark.sql import SparkSession
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        advice = f"`{sys.executable} -m pip install {package}`, or set PYSPARK_PYTHON to a Python that has it"
        raise StepError("Missing", f"the Python of Spark's driver lacks {package}: {advice}") from error
    version = tuple(int(part) for part in pyspark.__version__.split(".")[:2])
    if version < OLDEST_SPARK:
        advice = "set SPARK_SUBMIT to the spark-submit of version 3.5 or later"
        raise StepError("Missing", f"Spark {pyspark.__version__} is too old: {advice}")
    builder = SparkSession.builder
    for key, value in json.loads(os.environ.get("SLIPSTREAM_SPARK_SECRETS", "{}")).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


class Driver:
    """The session and the tasks that are at work in it."""

    def __init__(self, wire: Wire, spark: Any) -> None:
        self.wire = wire
        self.spark = spark
        self.kept: dict[str, Any] = {}
        self.tasks: dict[int, Task] = {}

    def run(self, task: Task, name: str, args: dict[str, Any]) -> None:
        """Does a step, and answers."""
        import progress

        context = self.spark.sparkContext
        ended = threading.Event()
        try:
            module = name.partition(".")[0]
            importlib.import_module(module)
            if name not in registry:
                raise StepError("Failed", f"the driver knows no step {name}")
            context.setJobGroup(task.group, name, interruptOnCancel=False)
            threading.Thread(target=progress.tell, args=(task, ended), daemon=True).start()
            answer: dict[str, Any] = {"result": registry[name](task, args)}
        except BaseException as error:
            if not task.cancelled.is_set():
                print(f"step {name} failed:", file=sys.stderr)
                sys.excepthook(type(error), error, error.__traceback__)
            answer = {"error": failure(error)}
        ended.set()
        self.tasks.pop(task.number, None)
        self.wire.send({"id": task.number, **answer})

    def begin(self, number: int, name: str, args: dict[str, Any]) -> None:
        """Begins a step beside the others."""
        task = Task(number, self.spark, self.kept, self.wire.send)
        self.tasks[number] = task
        threading.Thread(target=self.run, args=(task, name, args), daemon=True).start()

    def cancel(self, task: Task) -> None:
        """Cancels its jobs, and those that it begins until it hears of it."""
        task.cancelled.set()
        while task.number in self.tasks:
            self.spark.sparkContext.cancelJobGroup(task.group)
            threading.Event().wait(CANCEL_SECONDS)

    def take(self, message: dict[str, Any]) -> bool:
        """Does what a message asks for; answers whether to go on."""
        if message.get("stop"):
            return False
        number = message["id"]
        if "step" in message:
            self.begin(number, message["step"], message["args"])
            return True
        task = self.tasks.get(number)
        if task is not None and message.get("cancel"):
            threading.Thread(target=self.cancel, args=(task,), daemon=True).start()
        elif task is not None and "answer" in message:
            task.take(message)
        return True


def end(spark: Any) -> None:
    """Stops Spark, which gives back a cluster's executors; then this process and those that Spark started are gone."""
    stopping = threading.Thread(target=spark.stop, daemon=True)
    stopping.start()
    stopping.join(STOP_SECONDS)
    if stopping.is_alive():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)


def main() -> None:
    """Serves until it is told to stop, or nobody is there any more."""
    wire = Wire(os.environ["SLIPSTREAM_SPARK_SOCKET"])
    try:
        spark = start()
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        wire.send({"failed": failure(error)})
        sys.exit(1)
    wire.send({"ready": {"spark": spark.version}})
    driver = Driver(wire, spark)
    for message in wire.messages():
        if not driver.take(message):
            break
    end(spark)


if __name__ == "__main__":
    main()

"""Progress: how far the stages of a step's Spark jobs are, told twice a second."""

from __future__ import annotations

import threading

from steps import Task

EVERY_SECONDS = 0.5


def look(task: Task) -> tuple[str, int, int] | None:
    """The name of what is at work, tasks done and tasks in all; None where no stage is."""
    tracker = task.spark.sparkContext.statusTracker()
    # There are but few active jobs, and many that were.
    active = set(tracker.getActiveJobsIds())
    if not active:
        return None
    jobs = active & set(tracker.getJobIdsForGroup(task.group))
    known = (tracker.getJobInfo(job) for job in jobs)
    own = {stage for job in known if job is not None for stage in job.stageIds}
    infos = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds() if stage in own]
    stages = [info for info in infos if info is not None]
    if not stages:
        return None
    done = sum(info.numCompletedTasks for info in stages)
    return task.name or stages[0].name, done, sum(info.numTasks for info in stages)


def tell(task: Task, ended: threading.Event) -> None:
    """Tells until the task has ended."""
    last = None
    while not ended.wait(EVERY_SECONDS):
        try:
            now = look(task)
        except Exception:  # Spark is being stopped, or its process is gone: who asked hears of that otherwise.
            return
        if now is not None and now != last:
            last = now
            task.tell(*now)

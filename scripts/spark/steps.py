"""Steps: what can be asked of the driver, and what a step knows of whoever asked."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class StepError(Exception):
    """A failure with words of its own. `kind`: Missing, BadFile, Full, Memory or Failed."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Cancelled(Exception):
    """Whoever asked wants no answer any more."""


class Task:
    """One request: a step at work."""

    def __init__(
        self,
        number: int,
        spark: "SparkSession",
        kept: dict[str, Any],
        send: Callable[[dict[str, Any]], None],
    ) -> None:
        self.number = number
        self.spark = spark
        # Of the session, between its steps: each under a key of the module that keeps it.
        self.kept = kept
        self.cancelled = threading.Event()
        # Named in what is told of Spark's stages, and in Spark's own pages.
        self.name = ""
        self._send = send
        self._answers: "queue.Queue[dict[str, Any]]" = queue.Queue()

    @property
    def group(self) -> str:
        """The group of its Spark jobs."""
        return f"slipstream-{self.number}"

    def stage(self, name: str) -> None:
        """Names what is done from now on."""
        self.name = name
        self.spark.sparkContext.setJobDescription(name)

    def tell(self, stage: str, done: float, of: float) -> None:
        """Tells how far it is."""
        self._send({"id": self.number, "progress": {"stage": stage, "done": done, "of": of}})

    def ask(self, question: dict[str, Any]) -> Any:
        """Asks whoever asked for the step, and waits for the answer."""
        self._send({"id": self.number, "question": question})
        while not self.cancelled.is_set():
            try:
                answer = self._answers.get(timeout=0.2)
            except queue.Empty:
                continue
            return answer.get("answer")
        raise Cancelled

    def take(self, answer: dict[str, Any]) -> None:
        """Takes the answer to a question."""
        self._answers.put(answer)


Step = Callable[[Task, "dict[str, Any]"], "dict[str, Any]"]

registry: dict[str, Step] = {}


def step(function: Step) -> Step:
    """Makes a function a step, which is asked for as MODULE.FUNCTION."""
    registry[f"{function.__module__}.{function.__name__}"] = function
    return function

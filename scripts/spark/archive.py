"""Archive: the topic of the event log as micro-batches of Structured Streaming, each handed over to be committed.

Offsets to begin with come with the request; what Spark itself remembers of them is of this run alone. A micro-batch ends
when its rows are in the table, or the stream does.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable
from uuid import uuid4

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from decode import REFUSED, decode
from steps import Task, step

ROWS_OF_A_FILE = 1_000_000
POLL_SECONDS = 0.2

# Told once the topic could be read, as a stage of its own.
READY = "reading events"

KIND = "kind"
EVENT = "event"

fields = [
    T.StructField(KIND, T.StringType()),
    T.StructField("t_dat", T.IntegerType()),
    T.StructField("customer_id", T.StringType()),
    T.StructField("article_id", T.StringType()),
    T.StructField("event_type", T.StringType()),
    T.StructField("timestamp", T.DoubleType()),
    T.StructField("quantity", T.IntegerType()),
    T.StructField("event_id", T.StringType()),
    T.StructField("user_idx", T.IntegerType()),
    T.StructField("item_idx", T.IntegerType()),
    T.StructField("recommendation_id", T.StringType()),
]
nothing = (None,) * (len(fields) - 1)


def decoder(identity: str) -> Callable[..., Column]:
    """What a record of this log holds, by value, partition, offset and time of its arrival."""

    def decoded(value: Any, partition: int, offset: int, appended_at: float) -> Any:
        event = decode(None if value is None else bytes(value), f"{identity}-{partition}-{offset}", appended_at)
        return (event, *nothing) if isinstance(event, str) else (EVENT, *event)

    return F.udf(decoded, T.StructType(fields), useArrow=False)


def decode_records(records: DataFrame, identity: str) -> DataFrame:
    """A row for each record, with what it holds."""
    arrived = F.greatest(F.lit(0.0), F.expr("unix_millis(timestamp) / 1000D"))
    placed = records.select("partition", "offset", arrived.alias("arrived_at"), "value")
    return placed.withColumn("event", decoder(identity)("value", "partition", "offset", "arrived_at"))


def rows_of(decoded: DataFrame, identity: str) -> DataFrame:
    """The rows of raw/events, with its columns."""
    return decoded.where(f"event.{KIND} = '{EVENT}'").select(
        F.expr("date_from_unix_date(event.t_dat)").alias("t_dat"),
        "event.customer_id",
        "event.article_id",
        F.lit(None).cast("double").alias("price"),
        F.lit(2).alias("sales_channel_id"),
        *(f"event.{name}" for name in ("event_type", "timestamp", "quantity", "event_id", "user_idx", "item_idx")),
        F.col("partition").alias("log_partition"),
        F.col("offset").alias("log_offset"),
        "arrived_at",
        F.lit(identity).alias("log_id"),
        "event.recommendation_id",
    )


def write_refused(decoded: DataFrame, path: Path) -> None:
    """The records that hold no event, as lines of JSON, in the order of their offsets."""
    refused = decoded.where(f"event.{KIND} = '{REFUSED}'").select("partition", "offset", "arrived_at", "value")
    with path.open("w", encoding="utf-8") as file:
        for partition, offset, arrived_at, value in refused.orderBy("partition", "offset").toLocalIterator():
            text = base64.b64encode(bytes(value or b"")).decode()
            place = {"partition": partition, "offset": str(offset), "appendedAt": arrived_at}
            file.write(json.dumps({**place, "value": text}) + "\n")


def ends_of(checkpoint: Path, number: int, topic: str) -> dict[str, str]:
    """Per partition, the first offset behind a micro-batch: gaps at its end are in no record."""
    planned = (checkpoint / "offsets" / str(number)).read_text(encoding="utf-8").splitlines()
    return {partition: str(offset) for partition, offset in json.loads(planned[-1])[topic].items()}


class Stream:
    """One run of the query."""

    def __init__(self, task: Task, args: dict[str, Any]) -> None:
        self.task = task
        self.topic: str = args["topic"]
        self.identity: str = args["identity"]
        # On this machine, since no one else reads it.
        self.local = Path(args["local"])
        self.shared = Path(args["shared"])
        self.checkpoint = self.local / f"checkpoint-{uuid4()}"
        self.failure: Exception | None = None

    def hand_over(self, records: DataFrame, number: int) -> None:
        """Writes what a micro-batch holds, and waits until it is in the table."""
        folder = self.shared / f"rows-{uuid4()}"
        refused = self.local / f"refused-{uuid4()}"
        decoded = decode_records(records, self.identity).persist()
        try:
            counts = {row[KIND]: row["count"] for row in decoded.groupBy(f"event.{KIND}").count().collect()}
            rows = counts.get(EVENT, 0)
            if rows > 0:
                files = decoded.coalesce(1 + rows // ROWS_OF_A_FILE)
                ordered = rows_of(files, self.identity).sortWithinPartitions("log_partition", "log_offset")
                ordered.write.parquet(folder.as_uri())
            if REFUSED in counts:
                write_refused(decoded, refused)
            next_offsets = ends_of(self.checkpoint, number, self.topic)
            told = {"next": next_offsets, "rows": rows, "folder": str(folder), "refused": str(refused)}
            self.task.ask({"batch": told})
        except Exception as error:
            # By the query it would be told as text within text.
            self.failure = error
            raise
        finally:
            decoded.unpersist()
            shutil.rmtree(folder, ignore_errors=True)
            refused.unlink(missing_ok=True)

    def run(self, kafka: dict[str, str], trigger_millis: int) -> None:
        """Reads until it is told to stop, or cannot."""
        reader = self.task.spark.readStream.format("kafka").options(**kafka)
        query = (
            reader.load()
            .writeStream.foreachBatch(self.hand_over)
            .option("checkpointLocation", self.checkpoint.as_uri())
            .trigger(processingTime=f"{trigger_millis} milliseconds")
            .start()
        )
        ready = False
        try:
            while not query.awaitTermination(POLL_SECONDS):
                if self.task.cancelled.is_set():
                    return
                if not ready and query.status["message"].startswith("Waiting for"):
                    ready = True
                    self.task.tell(READY, 0, 1)
        except Exception as error:
            raise self.failure or error
        finally:
            query.stop()
            shutil.rmtree(self.checkpoint, ignore_errors=True)


@step
def stream(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Archives a topic's partitions from the given offsets on; ends when it is cancelled."""
    os.makedirs(args["local"], exist_ok=True)
    Stream(task, args).run(args["kafka"], args["triggerMillis"])
    return {}

"""Retries: whose events must be judged, and what is remembered of the others; src/datasets/Retries.ts judges."""

from __future__ import annotations

from typing import Any, Optional

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from indexed import archived
from steps import Task, step
from tables import Table, fields, read_parts, relation, session_of, write_parts

RECENT = fields(
    user_idx="integer",
    event_key="long",
    arrived_at="double",
    timestamp="double",
    item_idx="integer",
    type="integer",
    counted="boolean",
    log_partition="integer",
)


def _newest(events: DataFrame) -> DataFrame:
    """When each partition's last event arrived."""
    return events.groupBy("log_partition").agg(F.max_by("arrival", F.struct("place", "position")).alias("newest"))


def _is_forgotten(arrival: str, remembered_seconds: float) -> Column:
    day = F.lit(float(remembered_seconds))
    return (F.col("newest") - day) - F.col(arrival) >= day


def _users(events: DataFrame) -> DataFrame:
    return events.select("user_idx").distinct()


def _suspects(events: DataFrame, remembered_seconds: float) -> DataFrame:
    """Who may have repeated something, or of whom something may be remembered."""
    repeats = events.groupBy("user_idx", F.xxhash64("event_id")).count().where("count > 1").select("user_idx")
    newest = F.broadcast(_newest(events))
    remembered = events.join(newest, "log_partition").where(~_is_forgotten("arrival", remembered_seconds))
    return repeats.union(remembered.select("user_idx")).distinct()


def _kept(spark: SparkSession, table: Optional[Table]) -> DataFrame:
    """What was remembered where the archive ended before, and `place`, its number."""
    return relation(spark, table, RECENT, "place")


@step
def suspects(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """
    Writes what is to be judged, in order of user, and of each what was remembered before, then the events as the log took them.
    `recent`: what was remembered; without a table of it, only who may matter is looked at.
    """
    spark, day = session_of(task), args["rememberedSeconds"]
    events = archived(spark, args["events"])
    newest = _newest(events).collect()
    who = _users(events) if args["recent"] is not None else _suspects(events, day)
    new = events.select(
        *["user_idx", "item_idx", "type", "time", "arrival", "log_partition", "event_id"],
        F.lit(None).cast("bigint").alias("event_key"),
        F.lit(None).cast("boolean").alias("counted"),
        *["place", "position"],
    )
    old = _kept(spark, args["recent"]).select(
        *["user_idx", "item_idx", "type", F.col("timestamp").alias("time"), F.col("arrived_at").alias("arrival")],
        "log_partition",
        F.lit(None).cast("string").alias("event_id"),
        *["event_key", "counted", F.lit(-1).cast("bigint").alias("place"), F.col("place").alias("position")],
    )
    judged = old.unionByName(new).join(who, "user_idx", "left_semi").orderBy("user_idx", "place", "position")
    write_parts(judged, args["suspects"])
    return {"newest": [{"partition": row.log_partition, "arrival": row.newest} for row in newest]}


@step
def recent(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes user_recent: `judged`, whose `n` is its order, and what is still remembered of users without an event."""
    spark, day = session_of(task), args["rememberedSeconds"]
    names = [field["name"] for field in RECENT]
    kept = _kept(spark, args["recent"]).withColumnRenamed("place", "n")
    if args["events"] is not None:
        events = archived(spark, args["events"])
        others = kept.join(_users(events), "user_idx", "left_anti").join(_newest(events), "log_partition", "left")
        kept = others.where(F.col("newest").isNull() | ~_is_forgotten("arrived_at", day))
    remembered = kept.select("n", *names)
    if args["judged"] is not None:
        remembered = remembered.unionByName(read_parts(spark, args["judged"]).select("n", *names))
    write_parts(remembered.orderBy("user_idx", "n").select(*names), args["folder"])
    return {}

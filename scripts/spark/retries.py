"""Retries: whose events must be judged, and what is remembered of the others; src/datasets/Judge.ts judges."""

from __future__ import annotations

from functools import reduce
from typing import Any, Optional

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from indexed import archived, indexed
from interactions import is_one_of, transaction_rows
from shown import SHOWN
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


# What a row of the judge tells: src/datasets/Judge.ts.
REMEMBERED, EVENT, IMPRESSION, ACT, ITEM, KEY = range(6)
JUDGED = {
    **{"user_idx": "int", "item_idx": "int", "type": "int", "time": "double", "arrival": "double", "log_partition": "int"},
    **{"event_id": "string", "number": "bigint", "counted": "boolean", "kind": "int", "place": "bigint", "position": "bigint"},
}


def _judged(rows: DataFrame, **made: Column) -> DataFrame:
    """The judge's columns: those of `made`, or else of the rows, or else null."""

    def told(name: str) -> Column:
        given = F.col(name) if name in rows.columns else F.lit(None)
        return made.get(name, given).cast(JUDGED[name]).alias(name)

    return rows.select(*map(told, JUDGED))


def _first(column: str) -> dict[str, Column]:
    """Before all new rows, in order of the column."""
    return {"place": F.lit(-1).cast("bigint"), "position": F.col(column)}


def _shown(spark: SparkSession, args: dict[str, Any], rows: Optional[DataFrame]) -> tuple[DataFrame, DataFrame]:
    """What tells the judge of what was shown, beside the events, `rows`; and the users whom it is asked about."""
    rules = args["sources"]["rules"]
    shows = is_one_of(rules, "shows")
    files = indexed(spark, transaction_rows(spark, args["sources"]), args)
    last = relation(spark, args["shown"], SHOWN, "at")
    viewers = _users(files.where(shows)).union(_users(last))
    acting = _users(files)
    if rows is not None:
        viewers = viewers.union(_users(rows.where(shows)))
        acting = acting.union(_users(rows))
    who = viewers.distinct().join(acting.distinct(), "user_idx", "left_semi")
    is_key = F.col("item_idx") < 0
    old = _judged(
        last,
        type=F.lit(0),
        time=F.col("last"),
        number=F.when(is_key, F.col("impression")).otherwise(F.col("shown")),
        kind=F.when(is_key, F.lit(KEY)).otherwise(F.lit(ITEM)),
        **_first("at"),
    )
    kind = F.when(shows, F.lit(IMPRESSION)).otherwise(F.lit(ACT))
    return old.unionByName(_judged(files, kind=kind)), who


@step
def suspects(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """
    Writes what is to be judged, in order of user, and of each what was before, then the rows of files, then the events as the log took
    them. `recent`: what was remembered; without a table of it, only who may matter is looked at. `shown`: what was shown.
    """
    spark, day, rules = session_of(task), args["rememberedSeconds"], args["sources"]["rules"]
    parts: list[DataFrame] = []
    who: list[DataFrame] = []
    newest: list[Any] = []
    rows: Optional[DataFrame] = None
    if args["events"] is not None:
        rows = read_parts(spark, args["events"])
        events = archived(spark, args["events"], rules)
        newest = _newest(events).collect()
        who.append(_users(events) if args["recent"] is not None else _suspects(events, day))
        named = F.col("event_id").isNotNull() & F.col("log_partition").isNotNull()
        kind = F.when(is_one_of(rules, "shows"), F.lit(IMPRESSION)).when(named, F.lit(EVENT)).otherwise(F.lit(ACT))
        event_id = F.when(F.col("log_partition").isNotNull(), F.col("event_id"))
        told = _judged(rows, kind=kind, event_id=event_id)
        # What is no retry matters for what was shown alone.
        parts.append(told if rules["shows"] else told.where(F.col("kind") == EVENT))
        kept = _kept(spark, args["recent"]).withColumnRenamed("place", "at")
        of_event = {"time": F.col("timestamp"), "arrival": F.col("arrived_at"), "number": F.col("event_key")}
        parts.append(_judged(kept, kind=F.lit(REMEMBERED), **of_event, **_first("at")))
    if rules["shows"]:
        told, viewers = _shown(spark, args, rows)
        parts.append(told)
        who.append(viewers)
    users = reduce(DataFrame.union, who).distinct()
    judged = reduce(DataFrame.unionByName, parts).join(users, "user_idx", "left_semi")
    write_parts(judged.orderBy("user_idx", "place", "position"), args["suspects"])
    return {"newest": [{"partition": row.log_partition, "arrival": row.newest} for row in newest]}


@step
def recent(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes user_recent: `judged`, whose `n` is its order, and what is still remembered of users who were not judged."""
    spark, day = session_of(task), args["rememberedSeconds"]
    names = [field["name"] for field in RECENT]
    kept = _kept(spark, args["recent"]).withColumnRenamed("place", "n")
    if args["suspects"] is not None:
        kept = kept.join(_users(read_parts(spark, args["suspects"])), "user_idx", "left_anti")
    if args["events"] is not None:
        newest = _newest(archived(spark, args["events"], args["rules"]))
        others = kept.join(newest, "log_partition", "left")
        kept = others.where(F.col("newest").isNull() | ~_is_forgotten("arrived_at", day))
    remembered = kept.select("n", *names)
    if args["judged"] is not None:
        remembered = remembered.unionByName(read_parts(spark, args["judged"]).select("n", *names))
    write_parts(remembered.orderBy("user_idx", "n").select(*names), args["folder"])
    return {}

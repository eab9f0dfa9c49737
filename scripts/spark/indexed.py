"""Indexed: the interactions that count, by the indices of their users and items; src/datasets/IndexedInteractions.ts is the like."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from ids import all_ids
from interactions import counts, counts_or_shows, event_rows, is_one_of, transaction_rows
from steps import Task, step
from tables import read_parts, session_of, write_parts

COLUMNS = ["user_idx", "item_idx", "type", "time", "weight", "place", "position"]


def indexed(spark: SparkSession, rows: DataFrame, args: dict[str, Any]) -> DataFrame:
    """Adds user_idx and item_idx to the rows that count, or were shown."""
    users = all_ids(spark, args["users"]).toDF("customer_id", "user_idx")
    items = all_ids(spark, args["items"]).toDF("article_id", "item_idx")
    return rows.where(counts_or_shows(args["sources"]["rules"])).join(users, "customer_id").join(items, "article_id")


def _with_arrival(rows: DataFrame) -> DataFrame:
    """A row of version 0.1 arrived when the newest of those of its partition before it happened, or itself."""
    order = Window.partitionBy("log_partition").orderBy("place", "position")
    newest = F.max(F.coalesce("arrived_at", "time")).over(order)
    # Where no partition is named, it is asked of none.
    unnamed = rows.where("log_partition IS NULL").withColumn("arrival", F.col("arrived_at"))
    named = rows.where("log_partition IS NOT NULL").withColumn("arrival", F.coalesce("arrived_at", newest))
    return named.unionByName(unnamed)


def archived(spark: SparkSession, folder: str, rules: dict[str, Any]) -> DataFrame:
    """The events that may be retries of one another, but for what was shown."""
    named = read_parts(spark, folder).where("event_id IS NOT NULL AND log_partition IS NOT NULL")
    return named.where(~is_one_of(rules, "shows"))


@step
def events(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes the archived events, and those that were shown, in any order, with `arrival`, in unix seconds."""
    spark, sources = session_of(task), args["sources"]
    rows = indexed(spark, event_rows(spark, sources), args)
    known = _with_arrival(rows) if args["withoutArrival"] else rows.withColumn("arrival", F.col("arrived_at"))
    write_parts(known.select(*COLUMNS, "arrival", "log_partition", "event_id"), args["events"])
    return {}


@step
def rows(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes all interactions, in any order, but for the events at the positions that `repeated` has."""
    spark, sources = session_of(task), args["sources"]
    rules = sources["rules"]
    found = indexed(spark, transaction_rows(spark, sources).where(counts(rules)), args).select(*COLUMNS)
    if args["events"] is not None:
        of_archive = read_parts(spark, args["events"]).where(~is_one_of(rules, "shows")).select(*COLUMNS)
        if args["repeated"] is not None:
            of_archive = of_archive.join(read_parts(spark, args["repeated"]), "position", "left_anti")
        found = found.unionByName(of_archive.select(*COLUMNS))
    write_parts(found, args["rows"])
    return {}

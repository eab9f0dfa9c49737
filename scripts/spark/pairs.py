"""Pairs: what every user had to do with every item, added up, and what follows; src/batch/Pairs.ts is the like."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from interactions import EVENT_PLACES, bought, is_one_of
from steps import Task, step
from tables import fields, held, read_parts, relation, session_of, write_parts

SUMS = fields(user_idx="integer", item_idx="integer", weight="long", bought="long")
BY_PAIR = ["user_idx", "item_idx"]


def rating(weight: str) -> Column:
    """log1p(weight) as a float: StrictMath's, which is JavaScript's to the bit once it is a float."""
    return F.log1p(F.col(weight).cast("double") / F.lit(1e6)).cast("float")


def _bought(rows: DataFrame, rules: dict[str, Any]) -> DataFrame:
    """With what was bought, but nothing of what an event took back later, nor of that event."""
    known = rows.withColumn("bought", bought(rules))
    if not rules["takesBack"]:
        return known
    taken = _taken(rows, rules)
    kept = F.when(F.col("place") <= F.col("taken"), F.lit(0).cast("bigint")).otherwise(F.col("bought"))
    return known.join(taken, BY_PAIR, "left").withColumn("bought", kept)


def _taken(rows: DataFrame, rules: dict[str, Any]) -> DataFrame:
    """By pair, the place of the last event that took it back."""
    by_event = is_one_of(rules, "takesBack") & (F.col("place") >= F.lit(EVENT_PLACES))
    return rows.where(by_event).groupBy(*BY_PAIR).agg(F.max("place").alias("taken"))


def _before(carried: DataFrame, rows: DataFrame, rules: dict[str, Any]) -> DataFrame:
    """The sums that are added to, but nothing bought of what an event has taken back since."""
    if not rules["takesBack"]:
        return carried
    kept = F.when(F.col("taken").isNotNull(), F.lit(0).cast("bigint")).otherwise(F.col("bought"))
    return carried.join(_taken(rows, rules), BY_PAIR, "left").withColumn("bought", kept).drop("taken")


@step
def add(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes pair_sums, train_data, user_bought and item_stats below `folder`. `before`: pair_sums that is added to."""
    spark, folder = session_of(task), args["folder"]
    rows, rules = read_parts(spark, args["rows"]), args["rules"]
    names = [field["name"] for field in SUMS]
    carried = _before(relation(spark, args["before"], SUMS), rows, rules)
    added = carried.select(*names).unionByName(_bought(rows, rules).select(*names))
    sums = (
        added.groupBy(*BY_PAIR)
        .agg(F.sum("weight").alias("weight"), F.sum("bought").alias("bought"))
        .orderBy(*BY_PAIR)
    )
    with held(sums):
        write_parts(sums, f"{folder}/pair_sums")
        write_parts(sums.where("weight > 0").select(*BY_PAIR, rating("weight").alias("rating")), f"{folder}/train_data")
        owned = sums.where("bought > 0")
        write_parts(owned.select(*BY_PAIR), f"{folder}/user_bought")
        counted = owned.groupBy("item_idx").agg(F.count(F.lit(1)).cast("int").alias("buyers"))
        items = spark.range(args["items"]).select(F.col("id").cast("int").alias("item_idx"))
        stats = items.join(counted, "item_idx", "left").orderBy("item_idx")
        buyers = F.coalesce("buyers", F.lit(0)).alias("buyers")
        write_parts(stats.select("item_idx", buyers), f"{folder}/item_stats")
    return {}

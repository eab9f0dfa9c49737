"""Pairs: what every user had to do with every item, added up, and what follows; src/batch/Pairs.ts is the like."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from interactions import bought
from steps import Task, step
from tables import fields, read_parts, relation, session_of, write_parts

SUMS = fields(user_idx="integer", item_idx="integer", weight="long", bought="long")
BY_PAIR = ["user_idx", "item_idx"]


def rating(weight: str) -> Column:
    """log1p(weight) as a float: StrictMath's, which is JavaScript's to the bit once it is a float."""
    return F.log1p(F.col(weight).cast("double") / F.lit(1e6)).cast("float")


@step
def add(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes pair_sums, train_data, user_bought and item_stats below `folder`. `before`: pair_sums that is added to."""
    spark, folder = session_of(task), args["folder"]
    rows = read_parts(spark, args["rows"]).withColumn("bought", bought(args["rules"]))
    names = [field["name"] for field in SUMS]
    added = relation(spark, args["before"], SUMS).unionByName(rows.select(*names))
    sums = (
        added.groupBy(*BY_PAIR)
        .agg(F.sum("weight").alias("weight"), F.sum("bought").alias("bought"))
        .orderBy(*BY_PAIR)
        .persist()
    )
    write_parts(sums, f"{folder}/pair_sums")
    write_parts(sums.where("weight > 0").select(*BY_PAIR, rating("weight").alias("rating")), f"{folder}/train_data")
    owned = sums.where("bought > 0")
    write_parts(owned.select(*BY_PAIR), f"{folder}/user_bought")
    counted = owned.groupBy("item_idx").agg(F.count(F.lit(1)).cast("int").alias("buyers"))
    items = spark.range(args["items"]).select(F.col("id").cast("int").alias("item_idx"))
    stats = items.join(counted, "item_idx", "left").orderBy("item_idx")
    buyers = F.coalesce("buyers", F.lit(0)).alias("buyers")
    write_parts(stats.select("item_idx", buyers), f"{folder}/item_stats")
    sums.unpersist()
    return {}

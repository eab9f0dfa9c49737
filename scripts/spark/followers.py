"""Followers: which items come after which in shoppers' histories; src/domain/Followers.ts says how they are counted."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from steps import Task, step
from tables import fields, relation, session_of, write_parts

HISTORY = fields(user_idx="integer", item_idx="integer")


@step
def count(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """
    Writes the followers of every item that has any: `kept` of each, by count, ties by smaller index, and the total of all.
    `weights`: what a pair adds in millionths, by lag from 1 on; sums of whole numbers are the same in any order.
    """
    spark = session_of(task)
    history = relation(spark, args["history"], HISTORY, "place")
    in_time = Window.partitionBy("user_idx").orderBy("place")
    weights = dict(enumerate(args["weights"], 1))
    # Windows first: Spark pushes what is asked of an exploded array below it, where none may be.
    lagged = history.withColumns({f"before_{lag}": F.lag("item_idx", lag).over(in_time) for lag in weights})
    pair = [
        F.struct(F.col(f"before_{lag}").alias("item"), F.lit(weight).cast("bigint").alias("weight"))
        for lag, weight in weights.items()
    ]
    pairs = lagged.select(F.col("item_idx").alias("follower"), F.explode(F.array(*pair)).alias("pair"))
    counted = (
        pairs.where("pair.item IS NOT NULL")
        .groupBy(F.col("pair.item").alias("item"), "follower")
        .agg(F.sum("pair.weight").alias("count"))
    )
    of_item = Window.partitionBy("item")
    best_first = of_item.orderBy(F.desc("count"), "follower")
    ranked = counted.withColumns({"total": F.sum("count").over(of_item), "rank": F.row_number().over(best_first)})
    ordered = (
        ranked.where(F.col("rank") <= args["kept"]).repartitionByRange("item").sortWithinPartitions("item", "rank")
    )
    named = {"item_idx": "item", "follower_idx": "follower", "count": "count", "total": "total"}
    write_parts(ordered.select(*(F.col(old).alias(new) for new, old in named.items())), args["folder"])
    return {}

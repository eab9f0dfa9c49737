"""Histories: the newest interactions of every user, of the types that teach; src/steps/Histories.ts says which are kept."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from interactions import is_one_of
from steps import Task, step
from tables import fields, read_parts, relation, session_of, write_parts

HISTORY = fields(user_idx="integer", item_idx="integer", type="integer", timestamp="double")
# Before every place of a new row.
BEFORE = -(1 << 62)
ORDER = ["time", "place", "position"]


@step
def write(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """
    Writes user_history. `before`: what was kept, which is added to. Users are brought together once, and in order: what is
    kept of each is chosen, and sorted, where they are.
    """
    spark, rules, few = session_of(task), args["rules"], args["kept"]
    names = ["user_idx", "item_idx", "type", *ORDER]
    added = read_parts(spark, args["rows"]).where(is_one_of(rules, "teaches") & (F.col("weight") >= 0)).select(*names)
    if args["before"] is not None:
        kept = relation(spark, args["before"], HISTORY, "place").withColumnRenamed("timestamp", "time")
        known = kept.withColumns({"place": F.col("place") + F.lit(BEFORE), "position": F.lit(0).cast("bigint")})
        added = added.unionByName(known.select(*names))
    last = F.max(F.struct("place", "position")).alias("last")
    distinct = added.repartitionByRange("user_idx").groupBy("user_idx", "item_idx", "type", "time").agg(last)
    placed = distinct.select("user_idx", "item_idx", "type", "time", "last.place", "last.position")
    newest_first = Window.partitionBy("user_idx").orderBy(*(F.col(name).desc() for name in ORDER))
    newest = newest_first.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    bought = is_one_of(rules, "buys")
    counted = placed.withColumns(
        {"of_all": F.row_number().over(newest), "of_bought": F.count_if(bought).over(newest)}
    )
    newest_of_all = F.col("of_all") <= few["interactions"]
    newest_bought = bought & (F.col("of_bought") <= few["purchases"])
    ordered = counted.where(newest_of_all | newest_bought).sortWithinPartitions("user_idx", *ORDER)
    write_parts(ordered.select("user_idx", "item_idx", "type", F.col("time").alias("timestamp")), args["folder"])
    return {}

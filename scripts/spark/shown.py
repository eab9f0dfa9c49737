"""Shown: what users were shown; src/datasets/Judge.ts says what it is."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F

from steps import Task, step
from tables import fields, read_parts, relation, session_of, write_parts

SHOWN = fields(user_idx="integer", item_idx="integer", last="double", shown="integer", impression="integer")


@step
def write(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes user_shown: `judged`, whose `n` is its order, and what was shown `before` to users who were not judged."""
    spark = session_of(task)
    names = [field["name"] for field in SHOWN]
    users = read_parts(spark, args["suspects"]).select("user_idx").distinct()
    others = relation(spark, args["before"], SHOWN, "n").join(users, "user_idx", "left_anti")
    judged = read_parts(spark, args["judged"]).withColumn("n", F.col("n").cast("bigint"))
    rows = others.select("n", *names).unionByName(judged.select("n", *names))
    write_parts(rows.orderBy("user_idx", "n").select(*names), args["folder"])
    return {}

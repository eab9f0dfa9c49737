"""Ids: the shop's ids and their indices; src/datasets/Ids.ts says which index a new id gets."""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Optional

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from interactions import counts_or_shows, event_rows, transaction_rows
from steps import Task, step
from tables import Table, fields, held, read_parts, relation, session_of, write_parts

# `monotonically_increasing_id`: the partition's number above, the row's in it below.
ROW_BITS = 33


def known_ids(spark: SparkSession, table: Optional[Table], names: list[str]) -> DataFrame:
    """id and idx, as they are stored. `names`: the table's columns."""
    id_name, index_name = names
    columns = fields(**{id_name: "string", index_name: "integer"})
    return relation(spark, table, columns).toDF("id", "idx")


def all_ids(spark: SparkSession, ids: dict[str, Any]) -> DataFrame:
    """id and idx, the stored and the new: `ids` has their `table`, the `names` of its columns and the folder `added`."""
    stored = known_ids(spark, ids["table"], ids["names"])
    return stored.unionByName(read_parts(spark, ids["added"]).toDF("id", "idx"))


def _found(spark: SparkSession, args: dict[str, Any]) -> DataFrame:
    """id and place of every row that counts, or where something was shown."""
    sources, name = args["sources"], args["ids"]["names"][0]
    both = [transaction_rows(spark, sources), event_rows(spark, sources)]
    transactions, events = (rows.where(counts_or_shows(sources["rules"])).select(F.col(name).alias("id"), "place") for rows in both)
    return transactions.unionByName(events)


def _looked_up(numbers: list[int], index: Column) -> Column:
    """The `index`th of the numbers."""
    return F.element_at(F.array(*(F.lit(number).cast("bigint") for number in numbers)), index + 1)


def _stored(known: DataFrame, table: Optional[Table]) -> dict[str, int]:
    """How many ids there are, how many indices that are one, and the highest: -1 where there is none."""
    if table is None:
        return {"stored": 0, "indices": 0, "highest": -1}
    whole = F.when(F.col("idx") >= 0, F.col("idx"))
    [told] = known.agg(
        F.count(F.lit(1)).alias("stored"), F.count_distinct(whole).alias("indices"), F.max("idx").alias("highest")
    ).collect()
    return {**told.asDict(), "highest": -1 if told.highest is None else told.highest}


@step
def number(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """
    Writes the ids that are new as part files, numbered in order of their first place. A stored map that is not of the indices 0, 1 …
    is left as it is: what it holds is told.

    No partition holds all ids: each numbers its own, from where those before it end.
    """
    spark, ids = session_of(task), args["ids"]
    known = known_ids(spark, ids["table"], ids["names"])
    stored = _stored(known, ids["table"])
    size = stored["stored"]
    if stored["indices"] != size or stored["highest"] != size - 1:
        return {**stored, "size": size}

    found = _found(spark, args).join(known, "id", "left_anti")
    first = found.groupBy("id").agg(F.min("place").alias("first"))
    ordered = first.orderBy("first", "id").select("id", F.monotonically_increasing_id().alias("at"))
    with held(ordered):
        part = F.shiftright("at", ROW_BITS).cast("int")
        sizes = {row.part: row["count"] for row in ordered.groupBy(part.alias("part")).count().collect()}
        counts = [sizes.get(one, 0) for one in range(max(sizes, default=0) + 1)]
        row = F.col("at").bitwiseAND(F.lit((1 << ROW_BITS) - 1))
        index = (_looked_up([*accumulate(counts, initial=size)], part) + row).cast("int")
        write_parts(ordered.select(F.col("id").alias(ids["names"][0]), index.alias(ids["names"][1])), ids["added"])
    return {**stored, "size": size + sum(counts)}

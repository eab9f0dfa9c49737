"""Popular: what is counted for the list of best sellers; src/batch/Popular.ts says what it is."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ids import known_ids
from interactions import event_rows, is_one_of, transaction_rows
from steps import Task, step
from tables import held, read_parts, session_of

DAY_SECONDS = 86_400.0
# Days by which t_dat, by which rows are found fast, may differ from the day of the row's time.
DAY_MARGIN = 2


def _all_rows(transactions: DataFrame, events: DataFrame, *columns: str) -> DataFrame:
    return transactions.select(*columns).unionByName(events.select(*columns)).where("is_possible")


@step
def span(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """The first and the last day of purchases and of other interactions, each where there are any, purchases first."""
    spark, sources = session_of(task), args["sources"]
    rows = _all_rows(
        transaction_rows(spark, sources), event_rows(spark, sources), "type", "weight", "time", "is_possible"
    )
    rules = sources["rules"]
    bought = is_one_of(rules, "buys")
    day = F.floor(F.col("time") / F.lit(DAY_SECONDS))
    days = (
        rows.where(is_one_of(rules, "teaches", "buys") & (F.col("weight") >= 0))
        .groupBy(bought.alias("bought"))
        .agg(F.min(day).alias("earliest"), F.max(day).alias("latest"))
        .orderBy(F.desc("bought"))
    )
    return {"spans": [row.asDict() for row in days.collect()]}


def _counted(spark: SparkSession, args: dict[str, Any]) -> DataFrame:
    """Per customer and item, what happened on or after the first day."""
    sources, first_day = args["sources"], args["firstDay"]
    rules = sources["rules"]
    is_trade = is_one_of(rules, "buys", "takesBack")
    near = F.date_add(F.to_date(F.lit("1970-01-01")), F.lit(max(0, int(first_day) - DAY_MARGIN)))
    columns = ["customer_id", "article_id", "type", "weight", "bought", "time", "is_possible"]
    transactions = transaction_rows(spark, sources).where(F.col("t_dat") >= near)
    rows = _all_rows(transactions, event_rows(spark, sources), *columns)
    items = known_ids(spark, args["items"], args["names"]).toDF("article_id", "item_idx")
    kind = is_trade if args["onlyPurchases"] else is_trade | is_one_of(rules, "teaches")
    return (
        rows.where((F.col("time") >= F.lit(float(first_day) * DAY_SECONDS)) & kind)
        .join(items, "article_id")
        .groupBy("customer_id", "item_idx")
        .agg(
            F.sum(F.when(is_trade, F.col("bought")).otherwise(F.lit(1).cast("bigint"))).alias("bought"),
            F.max("time").alias("as_of"),
            F.count_if(F.col("weight") >= 0).alias("purchases"),
        )
    )


@step
def most_bought(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """The `most` items of most buyers, ties by smaller index; `listed`: a folder of the ids that may be in the list."""
    spark = session_of(task)
    counted = _counted(spark, args)
    with held(counted):
        [everything] = counted.agg(
            F.coalesce(F.sum("purchases"), F.lit(0)).alias("purchases"),
            F.count_distinct("customer_id").alias("shoppers"),
            F.max("as_of").alias("asOf"),
        ).collect()
        offered = known_ids(spark, args["items"], args["names"])
        if args["listed"] is not None:
            offered = offered.join(read_parts(spark, args["listed"]).toDF("id"), "id", "left_semi")
        offered = offered.select(F.col("idx").alias("item_idx"))
        buyers = counted.where("bought > 0").groupBy("item_idx").agg(F.count(F.lit(1)).alias("buyers"))
        found = buyers.join(offered, "item_idx", "left_semi").orderBy(F.desc("buyers"), "item_idx").limit(args["most"])
        items = [{"itemIdx": row.item_idx, "buyers": row.buyers} for row in found.collect()]
    return {**everything.asDict(), "items": items}

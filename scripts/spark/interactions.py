"""Interactions: the rows of raw/transactions and raw/events in one shape; src/datasets/Interactions.ts says what it is.

`sources` has the tables `transactions` and `events` (each with `writtenAt`, in unix seconds), of events the `offsets` that were
read before, the `logs` in order, and the `rules`: types, their weights in millionths, and bounds.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from steps import Task, step
from tables import fields, relation, session_of

Sources = dict[str, Any]

MILLIONTH = 1_000_000
# Places of events are above those of transactions: a log has 2^50 of them, a partition 2^38.
EVENT_PLACES, LOG_PLACES, PARTITION_PLACES = 1 << 62, 1 << 50, 1 << 38

TRANSACTION_COLUMNS = fields(
    t_dat="date", customer_id="string", article_id="string", event_type="string", timestamp="double", weight="double"
)
EVENT_COLUMNS = fields(
    t_dat="date",
    customer_id="string",
    article_id="string",
    event_type="string",
    timestamp="double",
    quantity="integer",
    event_id="string",
    log_partition="integer",
    log_offset="long",
    arrived_at="double",
    log_id="string",
)

def is_one_of(rules: dict[str, Any], *kinds: str) -> Column:
    """Whether the type is of one of the kinds of `rules`: teaches, buys, takesBack, hides, shows, idle."""
    return F.col("type").isin([code for kind in kinds for code in rules[kind]])


def counts(rules: dict[str, Any]) -> Column:
    """Rows that count have a possible time, and a known type that does something, or a weight."""
    does = (F.col("type") >= 0) & ~is_one_of(rules, "idle")
    return F.col("is_possible") & (does | (F.col("weight") != 0))


def counts_or_shows(rules: dict[str, Any]) -> Column:
    """And rows of a type that is shown."""
    return counts(rules) | (F.col("is_possible") & is_one_of(rules, "shows"))


def bought(rules: dict[str, Any]) -> Column:
    """In millionths, what a row adds to what was bought, or takes off."""
    weight = F.col("weight")

    def moved(least: int) -> Column:
        return F.when(weight == 0, F.lit(least).cast("bigint")).otherwise(weight)

    nothing = F.lit(0).cast("bigint")
    return F.when(is_one_of(rules, "buys"), moved(1)).when(is_one_of(rules, "takesBack"), moved(-1)).otherwise(nothing)


def _chosen(cases: list[tuple[Column, Column]], otherwise: Column) -> Column:
    """The value of the first case that holds."""
    first, *others = cases
    return reduce(lambda chain, case: chain.when(*case), others, F.when(*first)).otherwise(otherwise)


def _type(rules: dict[str, Any]) -> Column:
    given = F.col("event_type")
    unknown = F.when(given.isNull(), F.lit(rules["usual"])).otherwise(F.lit(-1))
    return _chosen([(given == name, F.lit(code)) for code, name in enumerate(rules["types"])], unknown)


def _weight_of_type(rules: dict[str, Any]) -> Column:
    cases = [(F.col("type") == code, F.lit(weight).cast("bigint")) for code, weight in enumerate(rules["weights"])]
    return _chosen(cases, F.lit(0).cast("bigint"))


def _time() -> Column:
    """Without a time of day it is midnight UTC."""
    return F.coalesce(F.col("timestamp"), F.unix_date("t_dat").cast("double") * F.lit(86_400.0))


def _is_possible(rules: dict[str, Any], arrival: Column) -> Column:
    time = F.col("time")
    return (time >= F.lit(rules["earliest"]).cast("double")) & (time <= arrival + F.lit(rules["ahead"]).cast("double"))


def _own_weight() -> Column:
    """In millionths; null where none is given, or none that is a number of 64 bits."""
    rounded = F.round(F.col("weight") * F.lit(float(MILLIONTH)))
    fits = (rounded >= F.lit(-(2.0**63))) & (rounded < F.lit(2.0**63))
    return F.when(fits, rounded.cast("bigint"))


def _weight(rules: dict[str, Any]) -> Column:
    """Only what buys can be below 0 by itself; what takes back takes off what is given; what neither teaches nor buys is 0."""
    heaviest, given, nothing = int(rules["heaviest"]), F.col("own"), F.lit(0).cast("bigint")
    least = F.when(is_one_of(rules, "buys"), F.lit(-heaviest)).otherwise(nothing)
    own = F.least(F.greatest(given, least), F.lit(heaviest))
    taken = F.greatest(F.least(given, -F.greatest(given, F.lit(-heaviest))), F.lit(-heaviest))
    return (
        F.when(is_one_of(rules, "hides", "idle"), nothing)
        .when(given.isNull(), _weight_of_type(rules))
        .when(is_one_of(rules, "takesBack"), taken)
        .otherwise(own)
    )


def transaction_rows(spark: SparkSession, sources: Sources) -> DataFrame:
    """place, position (0), customer_id, article_id, type, weight, bought, time, is_possible, t_dat."""
    rules, table = sources["rules"], sources["transactions"]
    written_at = F.lit(float(table["writtenAt"] if table is not None else 0))
    typed = relation(spark, table, TRANSACTION_COLUMNS, "place").withColumns(
        {"type": _type(rules), "own": _own_weight(), "time": _time()}
    )
    weighed = typed.withColumn("weight", _weight(rules))
    shown = ["place", "position", "customer_id", "article_id", "type", "weight", "bought", "time", "is_possible", "t_dat"]
    made = {
        "position": F.lit(0).cast("bigint"),
        "bought": bought(rules),
        "is_possible": _is_possible(rules, written_at),
    }
    return weighed.withColumns(made).select(*shown)


def _place(logs: list[str]) -> Column:
    """In order of the logs, their partitions, and the offsets; of a row that does not say, its own in the table."""
    if not logs:
        return F.lit(0).cast("bigint")
    log = F.coalesce("log_id", F.lit(""))
    cases = [(log == name, F.lit(number).cast("bigint")) for number, name in enumerate(logs)]
    number = _chosen(cases, F.lit(None).cast("bigint"))
    partition = F.col("log_partition").cast("bigint")
    in_log = number * F.lit(LOG_PLACES) + partition * F.lit(PARTITION_PLACES) + F.col("log_offset")
    return F.lit(EVENT_PLACES) + F.coalesce(in_log, F.col("position"))


def _is_new(offsets: list[dict[str, Any]]) -> Column:
    if not offsets:
        return F.lit(True)
    log = F.coalesce("log_id", F.lit(""))
    cases = [
        ((log == one["log"]) & (F.col("log_partition") == one["partition"]), F.lit(int(one["next"])).cast("bigint"))
        for one in offsets
    ]
    return F.col("log_offset") >= F.coalesce(_chosen(cases, F.lit(None).cast("bigint")), F.lit(0).cast("bigint"))


def event_rows(spark: SparkSession, sources: Sources) -> DataFrame:
    """As `transaction_rows`, but for t_dat, with event_id, log_partition and arrived_at; position is the row in the table."""
    rules, table = sources["rules"], sources["events"]
    written_at = F.lit(float(table["writtenAt"] if table is not None else 0))
    archived = relation(spark, table, EVENT_COLUMNS, "position").where(_is_new(sources["offsets"]))
    typed = archived.withColumns({"type": _type(rules), "time": _time(), "place": _place(sources["logs"])})
    quantity = F.coalesce("quantity", F.lit(1)).cast("bigint")
    weighed = typed.withColumn("weight", _weight_of_type(rules) * quantity)
    arrival = F.coalesce(F.col("arrived_at"), written_at)
    shown = ["place", "position", "customer_id", "article_id", "type", "weight", "bought", "time", "is_possible"]
    made = {"bought": bought(rules), "is_possible": _is_possible(rules, arrival)}
    return weighed.withColumns(made).select(*shown, "event_id", "log_partition", "arrived_at")


def logs_of(spark: SparkSession, sources: Sources) -> list[str]:
    """The logs that all archived rows come from, the oldest first: "" in rows of version 0.1, which named none."""
    archived = relation(spark, sources["events"], fields(arrived_at="double", log_id="string"))
    began = F.min(F.coalesce("arrived_at", F.lit(0.0))).alias("began")
    logs = archived.groupBy(F.coalesce("log_id", F.lit("")).alias("log")).agg(began)
    return [row.log for row in logs.orderBy("began", "log").collect()]


def _counted(rows: DataFrame, says: Column) -> dict[str, int]:
    """How many there are, and of those how many do not count, and why. `says`: when they arrived."""
    bad = ~F.col("is_possible")
    [row] = rows.agg(
        F.count(F.lit(1)).alias("rows"),
        F.count_if(bad).alias("bad"),
        F.count_if(bad & ~says).alias("undecided"),
        F.count_if(F.col("is_possible") & (F.col("type") < 0)).alias("unknown"),
        F.count_if(~says).alias("silent"),
    ).collect()
    return row.asDict()


@step
def read(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """What the rows are, and the logs in order, which the steps behind need."""
    spark, sources = session_of(task), args["sources"]
    transactions = _counted(transaction_rows(spark, sources), F.lit(False))
    events = _counted(event_rows(spark, sources), F.col("arrived_at").isNotNull())
    return {
        "logs": logs_of(spark, sources),
        "transactions": transactions,
        "events": events,
        "withoutArrival": events["silent"] > 0,
    }

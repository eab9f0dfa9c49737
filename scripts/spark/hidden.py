"""Hidden: what users want to see no more; src/steps/Hidden.ts says what it is."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F

from interactions import is_one_of
from steps import Task, step
from tables import fields, read_parts, relation, session_of, write_parts

HIDDEN = fields(user_idx="integer", item_idx="integer")
BY_PAIR = ["user_idx", "item_idx"]


@step
def write(task: Task, args: dict[str, Any]) -> dict[str, Any]:
    """Writes user_hidden. `before`: what was hidden before all of the rows."""
    spark, rules = session_of(task), args["rules"]
    rows = read_parts(spark, args["rows"]).where("weight >= 0")
    # Of equal places, in a log that began anew, the later in the table is the later.
    at = F.max(F.struct("place", "position"))
    hiding = rows.where(is_one_of(rules, "hides")).select(*BY_PAIR, "place", "position")
    if args["before"] is not None:
        first = {"place": F.lit(-(1 << 62)), "position": F.lit(0).cast("bigint")}
        hiding = hiding.unionByName(relation(spark, args["before"], HIDDEN).withColumns(first))
    hidden = hiding.groupBy(*BY_PAIR).agg(at.alias("hidden_at"))
    buying = rows.where(is_one_of(rules, "buys")).groupBy(*BY_PAIR).agg(at.alias("bought_at"))
    left = hidden.join(buying, BY_PAIR, "left").where("bought_at IS NULL OR hidden_at > bought_at")
    write_parts(left.select(*BY_PAIR).orderBy(*BY_PAIR), args["folder"])
    return {}

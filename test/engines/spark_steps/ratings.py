"""Ratings by the step that preprocess has, of weights that are far apart and of such that are close."""

from pyspark.sql import functions as F

from pairs import rating
from steps import Task, step
from tables import write_parts


@step
def write(task: Task, args: dict) -> dict:
    """Writes weight and rating, of `rows` rows of each kind."""
    weights = task.spark.range(1, args["rows"] + 1).selectExpr(
        # From a millionth on; sums of clicks, carts and purchases; of any size.
        "explode(array(id, id * 100000, shiftrightunsigned(xxhash64(id), cast(1 + id % 62 as int)) + 1)) AS weight"
    )
    write_parts(weights.select("weight", rating("weight").alias("rating"), F.lit(0).alias("_")), args["folder"])
    return {}

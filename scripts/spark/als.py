"""ALS: user and item factors from implicit feedback, by Spark ML."""

from __future__ import annotations

import os

from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from steps import Task, step

# Ratings of a block: what one task solves for.
BLOCK_PAIRS = 2_000_000
# Iterations after which what was computed is cut off from how it was.
CHECKPOINT_EVERY = 10


def write_factors(factors: DataFrame, rank: int, folder: str) -> None:
    """Writes a column per factor, which is read faster than a list."""
    columns = [F.col("features")[f].alias(f"f{f}") for f in range(rank)]
    factors.select("id", *columns).write.parquet(folder)


@step
def train(task: Task, args: dict) -> dict:
    """Trains on the Parquet files of `ratings` (user, item, rating) and writes the factors of both sides to `folder`."""
    spark = task.spark
    rank = args["rank"]
    blocks = max(spark.sparkContext.defaultParallelism, -(-args["pairs"] // BLOCK_PAIRS))
    spark.sparkContext.setCheckpointDir(os.path.join(args["folder"], "checkpoints"))
    ratings = spark.read.schema("user INT, item INT, rating FLOAT").parquet(args["ratings"])
    task.stage("alternating least squares")
    model = ALS(
        rank=rank,
        maxIter=args["iterations"],
        regParam=args["regularization"],
        alpha=args["alpha"],
        implicitPrefs=True,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        seed=args["seed"],
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        checkpointInterval=CHECKPOINT_EVERY,
    ).fit(ratings)
    task.stage("writing factors")
    for side, factors in (("users", model.userFactors), ("items", model.itemFactors)):
        write_factors(factors, rank, os.path.join(args["folder"], side))
    return {}

"""Works on Delta tables with PySpark, for spark.test.ts.

spark.py FOLDER   overwrites the tables rewritten/CODEC under FOLDER with their own rows, merges the files of `merged`,
                  writes `reference/transactions` and `reference/events` as a Spark job would, and prints the rows of every
                  table but `raw`, by name
"""

import json
import os
import sys

from delta import DeltaTable, configure_spark_with_delta_pip
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plain import plain  # noqa: E402

CODECS = ["uncompressed", "snappy", "gzip", "lz4", "lz4_raw", "zstd"]

builder = SparkSession.builder.master("local[1]").config(
    map={
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
    }
)
spark = configure_spark_with_delta_pip(builder).getOrCreate()
folder = sys.argv[1]


def load(name):
    return spark.read.format("delta").load(f"{folder}/{name}")


def rows_of(name):
    """Rows as delta_tables.py prints them: days, and 64-bit integers as text."""
    data = load(name)
    columns = []
    for column, kind in data.dtypes:
        if kind == "timestamp":
            columns.append(F.unix_micros(column).alias(column))
        elif kind == "date":
            columns.append(F.datediff(F.col(column), F.lit("1970-01-01")).alias(column))
        else:
            columns.append(F.col(column))
    longs = {column for column, kind in data.dtypes if kind in ("bigint", "timestamp")}
    return [
        [
            {"long": str(value)} if column in longs and value is not None else plain(value)
            for column, value in row.asDict().items()
        ]
        for row in data.select(*columns).collect()
    ]


for codec in CODECS:
    spark.conf.set("spark.sql.parquet.compression.codec", codec)
    name = f"rewritten/{codec}"
    load(name).coalesce(1).write.format("delta").mode("overwrite").save(f"{folder}/{name}")
spark.conf.set("spark.sql.parquet.compression.codec", "zstd")
DeltaTable.forPath(spark, f"{folder}/merged").optimize().executeCompaction()

orders = spark.read.csv(f"{folder}/orders.csv", header=True, inferSchema=True)
orders = orders.withColumn("article_id", F.lpad(F.col("article_id").cast("string"), 10, "0"))
orders.write.format("delta").mode("overwrite").save(f"{folder}/reference/transactions")
events = orders.withColumn("sales_channel_id", F.lit(2)).withColumn("event_type", F.lit("click"))
events.write.format("delta").mode("append").save(f"{folder}/reference/events")

names = [f"rewritten/{codec}" for codec in CODECS] + ["merged", "ours", "engine", "reference/transactions"]
answer = {name: rows_of(name) for name in names}
spark.stop()
with open(f"{folder}/answer.json", "w") as file:
    json.dump(answer, file)

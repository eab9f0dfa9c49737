"""Tables: versions of tables by the files that their logs name, and rows written as part files.

A table is told as {"schema": [{"name", "type"}], "files": [{"path", "number", "constants"}]}: `number` is the file's place among
the version's files, `constants` are columns that the file itself does not have, as text. No rows where there is no table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any, Optional

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from steps import Task

Table = dict[str, Any]
Field = dict[str, str]

TYPES = {
    "string": "string",
    "boolean": "boolean",
    "integer": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "date": "date",
    "timestamp": "timestamp",
}

SESSION = "tables"
# Rows of a file are numbered below this.
FILE_ROWS = 1 << 40
# Rows of a row group: what a reader holds in memory at a time, and what it can skip.
GROUP_ROWS = 122_880
# Of a path, which is no pattern, and of a file, whose old dates are as they stand.
READING = {"__globPaths__": "false", "datetimeRebaseMode": "CORRECTED", "int96RebaseMode": "CORRECTED"}


def fields(**types: str) -> list[Field]:
    """Columns by name and type."""
    return [{"name": name, "type": kind} for name, kind in types.items()]


def session_of(task: Task) -> SparkSession:
    """A session minded as the SQL engine is: an overflow is an error, and names are as they are written."""
    if SESSION not in task.kept:
        spark = task.spark.newSession()
        spark.conf.set("spark.sql.ansi.enabled", "true")
        spark.conf.set("spark.sql.caseSensitive", "true")
        task.kept[SESSION] = spark
    return task.kept[SESSION]


@contextmanager
def held(rows: DataFrame) -> Iterator[DataFrame]:
    """Rows that are read more than once. They are let go however it ends: Spark would give a later step of the same plan what is
    held, and with it the failure of a job that was cancelled here."""
    rows.persist()
    try:
        yield rows
    finally:
        rows.unpersist()


def uri(path: str) -> str:
    """A path of this machine as Spark names it, whatever its default file system is."""
    return path if "://" in path else f"file://{path}"


def no_rows(spark: SparkSession, columns: list[Field], position: Optional[str] = None) -> DataFrame:
    """No rows of the columns."""
    names = [*columns, *([] if position is None else fields(**{position: "long"}))]
    nulls = (F.lit(None).cast(TYPES[one["type"]]).alias(one["name"]) for one in names)
    # Of a constant condition: Spark leaves out whatever is joined with it, or added to it.
    return spark.range(1).select(*nulls).where(F.lit(False))


def constant(kind: str, text: Optional[str]) -> Column:
    """A value of a partition: dates are days, timestamps microseconds."""
    if text is not None and kind == "date":
        return F.date_add(F.to_date(F.lit("1970-01-01")), F.lit(int(text)))
    if text is not None and kind == "timestamp":
        return F.timestamp_micros(F.lit(int(text)))
    return F.lit(text).cast(TYPES[kind])


def _numbered(spark: SparkSession, frame: DataFrame, files: list[dict[str, Any]], position: str) -> DataFrame:
    """Adds each row's place among all rows of the version."""
    row = F.col("_metadata.row_index")
    if len(files) == 1:
        return frame.withColumn(position, F.lit(files[0]["number"] * FILE_ROWS) + row)
    # Spark tells a file by the path's URI.
    path_of = spark._jvm.org.apache.hadoop.fs.Path
    told = [(path_of(uri(file["path"])).toUri().toString(), file["number"] * FILE_ROWS) for file in files]
    numbers = spark.createDataFrame(told, "_file string, _first bigint")
    placed = frame.withColumns({"_file": F.input_file_name(), position: row})
    joined = placed.join(F.broadcast(numbers), "_file")
    return joined.withColumn(position, F.col("_first") + F.col(position)).drop("_file", "_first")


def _read(
    spark: SparkSession, schema: dict[str, str], files: list[dict[str, Any]], columns: list[Field], position: Optional[str]
) -> DataFrame:
    """The rows of files whose constants are the same."""
    constants: dict[str, Optional[str]] = files[0]["constants"]
    own = StructType()
    for name in (column["name"] for column in columns):
        if name in schema and name not in constants:
            own.add(name, schema[name])
    frame = spark.read.schema(own).options(**READING).parquet(*(uri(file["path"]) for file in files))
    if position is not None:
        frame = _numbered(spark, frame, files, position)

    def told(column: Field) -> Column:
        name, kind = column["name"], TYPES[column["type"]]
        if name in constants:
            return constant(schema[name], constants[name]).cast(kind).alias(name)
        return (F.col(f"`{name}`") if name in schema else F.lit(None)).cast(kind).alias(name)

    return frame.select(*map(told, columns), *([] if position is None else [position]))


def relation(
    spark: SparkSession, table: Optional[Table], columns: Optional[list[Field]] = None, position: Optional[str] = None
) -> DataFrame:
    """
    The columns of a table's rows, null where the table lacks one. `position` adds a column of this name: whole numbers that
    grow from row to row in the order of the table's files.
    """
    wanted = columns if columns is not None else [] if table is None else table["schema"]
    if table is None or not table["files"]:
        return no_rows(spark, wanted, position)
    schema = {field["name"]: field["type"] for field in table["schema"]}
    alike: dict[str, list[dict[str, Any]]] = {}
    for file in table["files"]:
        alike.setdefault(repr(sorted(file["constants"].items())), []).append(file)
    parts = [_read(spark, schema, files, wanted, position) for files in alike.values()]
    return reduce(DataFrame.unionByName, parts)


def read_parts(spark: SparkSession, folder: str) -> DataFrame:
    """Rows that `write_parts` wrote, in any order."""
    return spark.read.options(**READING).parquet(uri(folder))


def write_parts(frame: DataFrame, folder: str) -> None:
    """Writes the rows as part files, which stand in the order of the rows by their names."""
    options = {"parquet.block.row.count.limit": str(GROUP_ROWS), "compression": "snappy"}
    frame.write.options(**options).parquet(uri(folder))

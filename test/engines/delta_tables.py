"""Reads and writes Delta tables with the package deltalake, for delta.test.ts.

delta_tables.py read FOLDER [VERSION]   prints JSON: version, schema, rows, transactions, files
delta_tables.py write FOLDER            writes the tables foreign/{types,partitioned,commits} under FOLDER and prints their rows
delta_tables.py overwrite FOLDER CODEC  writes a table's rows anew, compressed by CODEC, and prints it as `read` does
delta_tables.py merge FOLDER CODEC      merges a table's files to one, compressed by CODEC, and prints it as `read` does
delta_tables.py polars FOLDER           writes a table's rows anew by polars, and prints it as `read` does
delta_tables.py repack FOLDER KIND      the same rows in the same files by pyarrow: int96, nanos, dictionary or checksums
"""

import datetime
import json
import os
import sys
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Transaction,
    WriterProperties,
    write_deltalake,
)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plain import EPOCH, plain  # noqa: E402


def rows_of(table):
    columns = []
    for name in table.column_names:
        column = table.column(name)
        values = column.to_pylist()
        if pa.types.is_int64(column.type):
            values = [None if value is None else {"long": str(value)} for value in values]
        columns.append([plain(value) for value in values])
    return [list(row) for row in zip(*columns)]


def read(folder, version):
    table = DeltaTable(folder, version=version)
    data = table.to_pyarrow_table()
    return {
        "version": table.version(),
        "columns": data.column_names,
        "schema": json.loads(table.schema().to_json()),
        "rows": rows_of(data),
        "transactions": transactions(table),
        "files": len(table.file_uris()),
        "numRecords": actions(table),
    }


def transactions(table):
    """Progress of the only streaming writer these tests have."""
    version = table.transaction_version("writer")
    return {} if version is None else {"writer": str(version)}


def actions(table):
    added = pa.table(table.get_add_actions(flatten=True))
    return sum(added.column("num_records").to_pylist())


def types(length):
    days = [None if i % 5 == 4 else datetime.date(1969, 12, 30) + datetime.timedelta(days=i) for i in range(length)]
    moments = [None if i % 6 == 5 else EPOCH + datetime.timedelta(days=i - 3, microseconds=i) for i in range(length)]
    vectors = [None if i % 7 == 6 else [i * 0.5 + j for j in range(i % 4)] for i in range(length)]
    return pa.table(
        {
            "text": pa.array([None if i % 3 == 2 else f"naïve {i} 🛍" for i in range(length)], pa.string()),
            "flag": pa.array([None if i % 4 == 3 else i % 2 == 0 for i in range(length)], pa.bool_()),
            "small": pa.array([i - 5 for i in range(length)], pa.int32()),
            "big": pa.array([2**62 + i for i in range(length)], pa.int64()),
            "single": pa.array([i * 0.25 for i in range(length)], pa.float32()),
            "wide": pa.array([float("nan") if i == 1 else i / 3 for i in range(length)], pa.float64()),
            "day": pa.array(days, pa.date32()),
            "moment": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "vector": pa.array(vectors, pa.list_(pa.float32())),
        }
    )


def write(folder):
    """Each table's rows as deltalake itself reads them, to be compared."""
    everything = f"{folder}/foreign/types"
    write_deltalake(everything, types(40))

    partitioned = f"{folder}/foreign/partitioned"
    parts = pa.table(
        {
            "shop": pa.array(["a b/c", "é=%", None, "a b/c"], pa.string()),
            "day": pa.array([datetime.date(2020, 1, d) for d in (1, 2, 3, 1)], pa.date32()),
            "id": pa.array([1, 2, 3, 4], pa.int32()),
        }
    )
    write_deltalake(partitioned, parts, partition_by=["shop", "day"])

    commits = f"{folder}/foreign/commits"
    hooks = PostCommitHookProperties(create_checkpoint=False)
    for i in range(8):
        marked = CommitProperties(app_transactions=[Transaction(app_id="writer", version=2**60 + i)])
        batch = pa.table({"id": pa.array([i, i + 100], pa.int32()), "name": pa.array([f"n{i}", None], pa.string())})
        mode = "overwrite" if i == 3 else "append"
        write_deltalake(commits, batch, mode=mode, commit_properties=marked, post_commithook_properties=hooks)
        if i == 5:
            DeltaTable(commits).create_checkpoint()

    # Encodings beyond the common ones, timestamps of other units, an added column.
    odd = f"{folder}/foreign/odd"
    write_deltalake(odd, pa.table({"id": pa.array(range(2000), pa.int64())}))
    wider = pa.table({"id": pa.array([-1, -2], pa.int64()), "more": pa.array(["x", None], pa.string())})
    write_deltalake(odd, wider, mode="append", schema_mode="merge")
    answers = {name: read(f"{folder}/foreign/{name}", None) for name in ("types", "partitioned", "commits", "odd")}
    rewrite(odd)
    return answers


def rewrite(folder):
    """The same rows in the same files, with delta encodings and small pages."""
    def options(data):
        more = {"more": "DELTA_BYTE_ARRAY"} if "more" in data.column_names else {}
        encodings = {"id": "DELTA_BINARY_PACKED", **more}
        return dict(use_dictionary=False, column_encoding=encodings, data_page_version="2.0", data_page_size=256)

    each_file(folder, options)


def each_file(folder, options):
    """Writes each data file again; deltalake trusts the sizes in its log, and cannot read it afterwards."""
    for uri in DeltaTable(folder).file_uris():
        path = unquote(uri).removeprefix("file://")
        data = pq.read_table(path)
        pq.write_table(data, path, **options(data))


REPACKED = {
    "int96": dict(use_deprecated_int96_timestamps=True),
    "nanos": dict(coerce_timestamps=None, version="2.6"),
    "dictionary": dict(compression="zstd", data_page_size=512, write_page_index=True),
    "checksums": dict(write_page_checksum=True, compression="gzip"),
}


def repack(folder, kind):
    if kind == "nanos":
        for uri in DeltaTable(folder).file_uris():
            path = unquote(uri).removeprefix("file://")
            data = pq.read_table(path)
            at = data.column_names.index("moment")
            data = data.set_column(at, "moment", data.column("moment").cast(pa.timestamp("ns", tz="UTC")))
            pq.write_table(data, path, version="2.6")
    else:
        each_file(folder, lambda _: REPACKED[kind])


def compressed(codec):
    level = {"GZIP": 6, "BROTLI": 3, "ZSTD": 3}.get(codec)
    return WriterProperties(compression=codec, compression_level=level, data_page_size_limit=4096)


def overwrite(folder, codec):
    table = DeltaTable(folder)
    write_deltalake(table, table.to_pyarrow_table(), mode="overwrite", writer_properties=compressed(codec))
    return read(folder, None)


def merge(folder, codec):
    DeltaTable(folder).optimize.compact(writer_properties=compressed(codec))
    return read(folder, None)


def by_polars(folder):
    import polars as pl

    pl.read_delta(folder).write_delta(folder, mode="overwrite")
    return read(folder, None)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "read":
        result = read(arguments[1], int(arguments[2]) if len(arguments) > 2 else None)
    elif arguments[0] == "overwrite":
        result = overwrite(arguments[1], arguments[2])
    elif arguments[0] == "merge":
        result = merge(arguments[1], arguments[2])
    elif arguments[0] == "polars":
        result = by_polars(arguments[1])
    elif arguments[0] == "repack":
        result = repack(arguments[1], arguments[2])
    else:
        result = write(arguments[1])
    json.dump(result, sys.stdout)
    # The libraries' threads sometimes abort an interpreter that winds down; all is said by now.
    sys.stdout.flush()
    os._exit(0)

"""Writes files as pandas, polars, pyarrow, Spark and Excel do into a folder; prints what each says, as JSON.

Every file has the columns user, item and when. A case names the file, the options of `import` beside them, and either
the users and times (unix seconds) that its writer meant, or a pattern of the message that refuses it.
"""

import datetime as dt
import gzip
import json
import os
import shutil
import sys
import uuid
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

folder = sys.argv[1]
cases = []
start = dt.datetime(2024, 1, 15, 10, 30, tzinfo=dt.timezone.utc)
moments = [start + dt.timedelta(minutes=i, milliseconds=250 * i) for i in range(6)]
naive = [moment.replace(tzinfo=None) for moment in moments]
seconds = [moment.timestamp() for moment in moments]
names = ["anna", "bert", "anna", "zoë", "李", "bert"]
items = [1, 2, 3, 1, 2, 3]


def path(name):
    return os.path.join(folder, name)


def case(file, users=None, times=None, error=None, rejected=0, **options):
    cases.append(
        {"file": file, "options": options, "users": users, "times": times, "rejected": rejected, "error": error}
    )


def timeless(file, users=None, error=None, **options):
    case(file, users=users, error=error, timestamp="", **options)


def arrow(name, users, expected=None, error=None, write={}):
    """A column of users of some type, without times."""
    pq.write_table(pa.table({"user": users, "item": [str(i) for i in range(len(users))]}), path(name), **write)
    timeless(name, users=expected, error=error)


def arrow_times(name, times, expected=None, error=None, write={}):
    count = len(times)
    table = {"user": [f"u{i}" for i in range(count)], "item": ["x"] * count, "when": times}
    pq.write_table(pa.table(table), path(name), **write)
    case(name, users=[f"u{i}" for i in range(count)], times=expected, error=error)


# Codecs of each writer, with row groups, pages and dictionaries as it makes them.
frame = pd.DataFrame({"user": names, "item": items, "when": naive})
for codec in ["snappy", "gzip", "brotli", "lz4", "zstd", None]:
    frame.to_parquet(path(f"pandas_{codec}.parquet"), compression=codec)
    case(f"pandas_{codec}.parquet", names, seconds)
lazy = pl.DataFrame({"user": names, "item": items, "when": naive})
for codec in ["lz4", "uncompressed", "snappy", "gzip", "brotli", "zstd"]:
    lazy.write_parquet(path(f"polars_{codec}.parquet"), compression=codec)
    case(f"polars_{codec}.parquet", names, seconds)
table = pa.table({"user": names, "item": items, "when": pa.array(naive, pa.timestamp("us"))})
for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]:
    for version in ["1.0", "2.0"]:
        name = f"arrow_{codec}_{version}.parquet"
        pq.write_table(table, path(name), compression=codec, data_page_version=version, row_group_size=4)
        case(name, names, seconds)
for encoding in ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]:
    name = f"arrow_{encoding}.parquet"
    pq.write_table(table, path(name), use_dictionary=False, column_encoding={"user": encoding, "when": "DELTA_BINARY_PACKED"})
    case(name, names, seconds)

# Whole numbers of every width.
for kind in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
    bounds = np.iinfo(kind)
    values = [bounds.min, 0, 17, bounds.max]
    arrow(f"{kind}.parquet", pa.array(values, getattr(pa, kind)()), [str(value) for value in values])
    whole = pl.DataFrame({"user": pl.from_arrow(pa.array(values, getattr(pa, kind)())), "item": values})
    whole.write_parquet(path(f"polars_{kind}.parquet"))
    timeless(f"polars_{kind}.parquet", [str(value) for value in values])

# Decimals: whole ones are ids digit by digit, others keep their fraction.
for precision, scale in [(4, 0), (9, 0), (18, 0), (20, 0), (38, 0), (20, 2), (38, 10)]:
    nines = "9" * (precision - scale)
    values = [Decimal(nines), Decimal(nines[:-1] + "8"), Decimal(0), Decimal(-1)]
    expected = [nines, nines[:-1] + "8", "0", "-1"]
    kind = pa.decimal128(precision, scale)
    arrow(f"decimal_{precision}_{scale}.parquet", pa.array(values, kind), expected)
    arrow(f"decimal_int_{precision}_{scale}.parquet", pa.array(values, kind), expected, write={"store_decimal_as_integer": True})
arrow("decimal_fraction.parquet", pa.array([Decimal("1.50"), Decimal("2.00")], pa.decimal128(10, 2)), ["1.50", "2.00"])
arrow("decimal_60.parquet", pa.array([Decimal("9" * 60)], pa.decimal256(76, 0)), error="decimals of 76 digits")
arrow("decimal_60_small.parquet", pa.array([Decimal(17)], pa.decimal256(60, 0)), error="decimals of 60 digits")

# Floating point.
arrow("double.parquet", pa.array([17850.0, 13047.0, 2.0**53 - 1]), ["17850", "13047", "9007199254740991"])
arrow("float.parquet", pa.array([17850.0, 13047.0], pa.float32()), ["17850", "13047"])
arrow("half.parquet", pa.array([np.float16(178), np.float16(3)], pa.float16()), ["178", "3"])
arrow("double_fraction.parquet", pa.array([1.5, 0.1]), ["1.5", "0.1"])
arrow("double_large.parquet", pa.array([1e22, 3.0]), error="column user .* too large to be exact ids")
gaps = pd.DataFrame({"user": [17850, None, 13047], "item": ["a", "b", "c"]})
gaps.to_parquet(path("gaps.parquet"))
timeless("gaps.parquet", ["17850", "13047"], rejected=1)
gaps.to_csv(path("gaps.csv"), index=False)
timeless("gaps.csv", ["17850", "13047"], rejected=1)
text = pd.DataFrame({"user": gaps["user"].astype(str), "item": ["a", "b", "c"]})
text.to_parquet(path("gaps_text.parquet"))
timeless("gaps_text.parquet", ["17850", "13047"], rejected=1)

# Text, bytes and UUIDs.
arrow("large_string.parquet", pa.array(["a", "é"], pa.large_string()), ["a", "é"])
arrow("string_view.parquet", pa.array(["a", "é"], pa.string_view()), ["a", "é"])
arrow("dictionary.parquet", pa.array(["a", "é", "a"]).dictionary_encode(), ["a", "é", "a"])
arrow("categories.parquet", pa.array([5, 6, 5]).dictionary_encode(), ["5", "6", "5"])
arrow("binary_text.parquet", pa.array(["é".encode(), b"abc"], pa.binary()), ["é", "abc"])
arrow("binary.parquet", pa.array([b"\x00\xff", b"abc"], pa.binary()), ["00ff", "616263"])
arrow("binary_control.parquet", pa.array([b"\x00\x01", b"abc"], pa.binary()), ["0001", "616263"])
arrow("large_binary.parquet", pa.array([b"\x00\xff", b"abc"], pa.large_binary()), ["00ff", "616263"])
arrow("fixed.parquet", pa.array([b"\x00\xff\x10", b"abc"], pa.binary(3)), ["00ff10", "616263"])
ids = [uuid.UUID(int=i << 64) for i in range(1, 4)]
arrow("uuid.parquet", pa.array([one.bytes for one in ids], pa.uuid()), [str(one) for one in ids])
arrow("boolean.parquet", pa.array([True, False]), ["true", "false"])
polars_kinds = {"user": pl.Series(["b", "a", "b"], dtype=pl.Categorical), "item": pl.Series(["x", "y", "x"], dtype=pl.Enum(["x", "y"]))}
pl.DataFrame(polars_kinds).write_parquet(path("polars_categories.parquet"))
timeless("polars_categories.parquet", ["b", "a", "b"])
pd.DataFrame({"user": pd.Categorical(names), "item": items}).to_parquet(path("pandas_categories.parquet"))
timeless("pandas_categories.parquet", names)
pd.DataFrame({"user": pd.array([2**63 - 1, 5], dtype="Int64"), "item": [1, 2]}).to_parquet(path("pandas_Int64.parquet"))
timeless("pandas_Int64.parquet", [str(2**63 - 1), "5"])

# What is no id.
arrow("list.parquet", pa.array([[1], [2]]), error="column user of .* is nested")
arrow("struct.parquet", pa.array([{"a": 1}]), error="column user of .* is nested")
arrow("map.parquet", pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), error="column user of .* is nested")
arrow("nulls.parquet", pa.nulls(3), error="user is empty")

# Times.
for unit in ["s", "ms", "us", "ns"]:
    expected = [float(int(second)) for second in seconds] if unit == "s" else seconds
    times = [moment.replace(microsecond=0) for moment in moments] if unit == "s" else moments
    arrow_times(f"time_{unit}.parquet", pa.array([one.replace(tzinfo=None) for one in times], pa.timestamp(unit)), expected)
    arrow_times(f"time_zone_{unit}.parquet", pa.array(times, pa.timestamp(unit, tz="Europe/Berlin")), expected)
int96 = {"use_deprecated_int96_timestamps": True}
arrow_times("time_int96.parquet", pa.array(naive, pa.timestamp("ns")), seconds, write=int96)
midnight = start.replace(hour=0, minute=0).timestamp()
arrow_times("time_date32.parquet", pa.array([start.date()]), [midnight])
arrow_times("time_date64.parquet", pa.array([start.date()], pa.date64()), [midnight])
arrow_times("time_seconds.parquet", pa.array([int(second) for second in seconds]), [float(int(second)) for second in seconds])
arrow_times("time_millis.parquet", pa.array([int(second * 1000) for second in seconds]), seconds)
arrow_times("time_double.parquet", pa.array(seconds), seconds)
arrow_times("time_text.parquet", pa.array([moment.isoformat() for moment in moments]), seconds)
arrow_times("time_basic.parquet", pa.array([20240115, 20240116]), [midnight, midnight + 86400])
arrow_times("time_huge_ms.parquet", pa.array([2**62], pa.int64()).cast(pa.timestamp("ms")), error="holds a time that is out of range")
arrow_times("time_huge_us.parquet", pa.array([2**62], pa.int64()).cast(pa.timestamp("us")), error="more than a day ahead")
arrow_times("time_huge_date.parquet", pa.array([2**31 - 2], pa.int32()).cast(pa.date32()), error="when .*")
arrow_times("time_nat.parquet", pa.array([None], pa.timestamp("us")), error="when has no time")
arrow_times("time_nested.parquet", pa.array([[start]]), error="column when of .* is nested")

# Folders as Spark leaves them.
for name, part in [("spark", ""), ("spark_partitioned", "day=2024-01-15")]:
    os.makedirs(path(os.path.join(name, part)))
    for i in range(3):
        rows = table.slice(2 * i, 2)
        pq.write_table(rows, path(os.path.join(name, part, f"part-0000{i}-c000.snappy.parquet")), **int96)
    open(path(os.path.join(name, "_SUCCESS")), "w").close()
    with open(path(os.path.join(name, part, ".part-00000-c000.snappy.parquet.crc")), "wb") as crc:
        crc.write(b"crc\x00")
    case(name, names, seconds)
case("spark_partitioned", names, [midnight] * 6, timestamp="day")
os.makedirs(path("nothing"))
case("nothing", error="is a folder without Parquet files")

# CSV of pandas and polars.
frame.to_csv(path("pandas.csv"))
case("pandas.csv", names, seconds)
frame.to_csv(path("pandas.csv.gz"), index=False)
case("pandas.csv.gz", names, seconds)
frame.to_csv(path("semicolons.csv"), sep=";", decimal=",", encoding="utf-16", index=False)
case("semicolons.csv", names, seconds)
frame[frame.index < 4].to_csv(path("latin.csv"), encoding="cp1252", index=False)
case("latin.csv", names[:4], seconds[:4], encoding="windows-1252")
case("latin.csv", error='is not UTF-8: line 5 has the byte 0xeb after "zo"')
frame.to_csv(path("gb.csv"), encoding="gb18030", index=False)
case("gb.csv", names, seconds, encoding="gb18030")
frame.to_csv(path("headless.csv"), header=False, index=False)
case("headless.csv", names, seconds, header=False, user="1", item="2", timestamp="3")
case("headless.csv", error="has no column .* --no-header")
frame.to_csv(path("us.csv"), date_format="%m/%d/%y %H:%M", index=False)
minutes = [second // 60 * 60 for second in seconds]
case("us.csv", names, minutes, timeFormat="M/d/yy H:mm")
case("us.csv", error='seems to be written "M/d/yy H:mm"')
frame.to_csv(path("basic.csv"), date_format="%Y%m%d%H%M%S", index=False)
case("basic.csv", names, [float(int(second)) for second in seconds])
lazy.write_csv(path("polars.csv"))
case("polars.csv", names, seconds)
lazy.write_csv(path("tabs.tsv"), separator="\t", include_bom=True, quote_style="always", line_terminator="\r\n")
case("tabs.tsv", names, seconds)

# Excel: its days as numbers, its files.
frame.assign(when=[25569 + second / 86400 for second in seconds]).to_csv(path("excel.csv"), index=False)
case("excel.csv", names, seconds, timeFormat="excel")
case("excel.csv", error="Excel's count of days .* --time-format excel")
with open(path("excel_sep.csv"), "w", encoding="utf-16", newline="") as file:
    file.write("sep=;\r\nuser;item;when\r\n" + "".join(f"{n};1;{int(s)}\r\n" for n, s in zip(names, seconds)))
case("excel_sep.csv", names, [float(int(second)) for second in seconds])
with open(path("mac.csv"), "w", newline="") as file:
    file.write("user,item,when\r" + "".join(f"{n},1,{int(s)}\r" for n, s in zip(names, seconds)))
case("mac.csv", names, [float(int(second)) for second in seconds])
frame.to_excel(path("book.xlsx"), index=False)
case("book.xlsx", error="Excel workbook .* save it as CSV")
openpyxl.Workbook().save(path("empty.xlsx"))
case("empty.xlsx", error="Excel workbook .* save it as CSV")
with open(path("pandas_snappy.parquet"), "rb") as plain, gzip.open(path("packed.parquet.gz"), "wb") as packed:
    shutil.copyfileobj(plain, packed)
case("packed.parquet.gz", error="is a gzipped Parquet file")
with open(path("pandas_snappy.parquet"), "rb") as plain, open(path("cut.parquet"), "wb") as cut:
    cut.write(plain.read()[:500])
case("cut.parquet", error="cannot be read as Parquet")

print(json.dumps(cases))

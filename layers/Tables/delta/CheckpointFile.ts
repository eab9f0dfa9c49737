/** CheckpointFile: the actions of a checkpoint as a Parquet file of one row each, written and read. */
import { Either } from "effect";
import { type AsyncBuffer, parquetReadObjects, type SchemaElement } from "hyparquet";
import { ByteWriter, parquetWrite } from "hyparquet-writer";
import { type Action, decodeAction } from "../../../src/delta/Actions.ts";
import { compressors } from "./parquet/Codecs.ts";

type Part = ReadonlyArray<SchemaElement>;

const leaf = (name: string, type: "INT32" | "INT64" | "BOOLEAN"): Part => [{ name, type, repetition_type: "OPTIONAL" }];

const text = (name: string, repetition_type: "OPTIONAL" | "REQUIRED" = "OPTIONAL"): Part => [
  { name, type: "BYTE_ARRAY", repetition_type, converted_type: "UTF8", logical_type: { type: "STRING" } },
];

const map = (name: string): Part => [
  { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "MAP", logical_type: { type: "MAP" } },
  { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
  ...text("key", "REQUIRED"),
  ...text("value"),
];

const list = (name: string): Part => [
  { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...text("element"),
];

const struct = (name: string, parts: ReadonlyArray<Part>): Part => [
  { name, repetition_type: "OPTIONAL", num_children: parts.length },
  ...parts.flat(),
];

const columns = ["txn", "add", "remove", "metaData", "protocol"] as const;

const elements: ReadonlyArray<SchemaElement> = [
  { name: "spark_schema", num_children: columns.length },
  ...struct("txn", [text("appId"), leaf("version", "INT64"), leaf("lastUpdated", "INT64")]),
  ...struct("add", [
    text("path"),
    map("partitionValues"),
    leaf("size", "INT64"),
    leaf("modificationTime", "INT64"),
    leaf("dataChange", "BOOLEAN"),
    map("tags"),
    text("stats"),
  ]),
  ...struct("remove", [
    text("path"),
    leaf("deletionTimestamp", "INT64"),
    leaf("dataChange", "BOOLEAN"),
    leaf("extendedFileMetadata", "BOOLEAN"),
    map("partitionValues"),
    leaf("size", "INT64"),
  ]),
  ...struct("metaData", [
    text("id"),
    text("name"),
    text("description"),
    struct("format", [text("provider"), map("options")]),
    text("schemaString"),
    list("partitionColumns"),
    map("configuration"),
    leaf("createdTime", "INT64"),
  ]),
  ...struct("protocol", [
    leaf("minReaderVersion", "INT32"),
    leaf("minWriterVersion", "INT32"),
    list("readerFeatures"),
    list("writerFeatures"),
  ]),
];

const long = (value: number | undefined): bigint | undefined =>
  value === undefined ? undefined : BigInt(Math.trunc(value));

/** One column, with 64-bit integers as Parquet wants them. */
const columnOf = (actions: ReadonlyArray<Action>, name: (typeof columns)[number]): Array<unknown> =>
  actions.map((action) => {
    const { add, remove, metaData, txn } = action;
    if (name === "add" && add !== undefined) {
      return { ...add, size: long(add.size), modificationTime: long(add.modificationTime) };
    }
    if (name === "remove" && remove !== undefined) {
      return { ...remove, size: long(remove.size), deletionTimestamp: long(remove.deletionTimestamp) };
    }
    if (name === "metaData" && metaData !== undefined) {
      return { ...metaData, createdTime: long(metaData.createdTime) };
    }
    if (name === "txn" && txn !== undefined) return { ...txn, lastUpdated: long(txn.lastUpdated) };
    return action[name];
  });

/** The bytes of a checkpoint file. */
export const printCheckpoint = (actions: ReadonlyArray<Action>): Uint8Array => {
  const writer = new ByteWriter();
  void parquetWrite({
    writer,
    schema: [...elements],
    columnData: columns.map((name) => ({ name, data: columnOf(actions, name) })),
    statistics: false,
    createdBy: "slipstream",
  });
  return writer.getBytes();
};

/** The actions of one part of a checkpoint, or what is wrong with its first bad row. */
export const readCheckpoint = async (file: AsyncBuffer): Promise<Either.Either<ReadonlyArray<Action>, string>> => {
  const rows = await parquetReadObjects({ file, compressors });
  return Either.all(rows.map((row) => Either.mapLeft(decodeAction(row), (error) => error.message)));
};

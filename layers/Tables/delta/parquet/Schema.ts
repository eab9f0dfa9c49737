/** Schema: a table's fields as Parquet schema elements, as Spark and others write them. */
import type { SchemaElement } from "hyparquet";
import type { Field } from "../../../../src/domain/Columns.ts";

const elementsOf = ({ name, type, nullable }: Field): ReadonlyArray<SchemaElement> => {
  const repetition_type = nullable ? ("OPTIONAL" as const) : ("REQUIRED" as const);
  switch (type) {
    case "string":
      return [{ name, type: "BYTE_ARRAY", repetition_type, converted_type: "UTF8", logical_type: { type: "STRING" } }];
    case "boolean":
      return [{ name, type: "BOOLEAN", repetition_type }];
    case "integer":
      return [{ name, type: "INT32", repetition_type }];
    case "date":
      return [{ name, type: "INT32", repetition_type, converted_type: "DATE", logical_type: { type: "DATE" } }];
    case "long":
      return [{ name, type: "INT64", repetition_type }];
    case "timestamp":
      return [
        {
          name,
          type: "INT64",
          repetition_type,
          converted_type: "TIMESTAMP_MICROS",
          logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
        },
      ];
    case "float":
      return [{ name, type: "FLOAT", repetition_type }];
    case "double":
      return [{ name, type: "DOUBLE", repetition_type }];
    case "array<float>":
      return [
        { name, repetition_type, num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
      ];
  }
};

export const parquetElements = (fields: ReadonlyArray<Field>): Array<SchemaElement> => [
  { name: "root", num_children: fields.length },
  ...fields.flatMap(elementsOf),
];

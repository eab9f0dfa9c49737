/** Columns: how rows are held by columns, in tables, files and memory alike. */

export type ColumnType =
  | "string"
  | "boolean"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "date"
  | "timestamp"
  | "array<float>";

export interface Field {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/**
 * One value per row, null where the field is nullable and the cell is empty. By type: string: string; boolean: boolean;
 * integer, date (days since 1970-01-01), float, double: number; long, timestamp (microseconds since the epoch, UTC):
 * bigint; array<float>: Float32Array. Columns without nulls may be typed arrays (Int32Array, Float64Array, BigInt64Array …).
 */
export type Column = ArrayLike<unknown>;

export interface ColumnBatch {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Column>>;
}

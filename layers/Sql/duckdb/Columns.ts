/** Columns: the engine's chunks of some two thousand rows, gathered into column batches of typed arrays. */
import { type DuckDBDataChunk, type DuckDBListVector, type DuckDBResult, DuckDBTypeId } from "@duckdb/node-api";
import bindings from "@duckdb/node-bindings";
import type { Column, ColumnBatch } from "../../../src/domain/Columns.ts";

/** Rows of a batch, about. */
export const batchRows = 1 << 16;

type Numbers = ArrayLike<number | bigint> & { [index: number]: number | bigint };

interface NumberArray {
  readonly BYTES_PER_ELEMENT: number;
  new (
    length: number,
  ): Numbers & { set: (values: Numbers, offset: number) => void; subarray: (from: number, to: number) => Column };
  new (buffer: ArrayBufferLike, offset: number, length: number): Numbers;
}

const arrays = new Map<DuckDBTypeId, unknown>([
  [DuckDBTypeId.TINYINT, Int8Array],
  [DuckDBTypeId.SMALLINT, Int16Array],
  [DuckDBTypeId.INTEGER, Int32Array],
  [DuckDBTypeId.UTINYINT, Uint8Array],
  [DuckDBTypeId.USMALLINT, Uint16Array],
  [DuckDBTypeId.UINTEGER, Uint32Array],
  [DuckDBTypeId.BIGINT, BigInt64Array],
  [DuckDBTypeId.UBIGINT, BigUint64Array],
  [DuckDBTypeId.FLOAT, Float32Array],
  [DuckDBTypeId.DOUBLE, Float64Array],
  [DuckDBTypeId.DATE, Int32Array],
  [DuckDBTypeId.TIMESTAMP, BigInt64Array],
  [DuckDBTypeId.TIMESTAMP_TZ, BigInt64Array],
]);

interface Builder {
  readonly add: (chunk: DuckDBDataChunk, at: number) => void;
  readonly take: (rows: number) => Column;
}

/** Numbers are copied out of the chunk's own memory, which is gone with the chunk. */
const numbers = (index: number, Numbers: NumberArray): Builder => {
  let values = new Numbers(batchRows);
  let nulls: Array<number> = [];
  return {
    add: (chunk, at) => {
      const rows = chunk.rowCount;
      const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
      const data = bindings.vector_get_data(vector, rows * Numbers.BYTES_PER_ELEMENT);
      values.set(new Numbers(data.buffer, data.byteOffset, rows), at);
      const validity = bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
      if (validity === null || validity === undefined) return;
      for (let i = 0; i < rows; i++) if (((validity[i >> 3] as number) & (1 << (i & 7))) === 0) nulls.push(at + i);
    },
    take: (rows) => {
      const taken = values.subarray(0, rows);
      const missing = nulls;
      values = new Numbers(batchRows);
      nulls = [];
      if (missing.length === 0) return taken;
      const column: Array<unknown> = Array.from(taken);
      for (const row of missing) column[row] = null;
      return column;
    },
  };
};

const items = (index: number, valueOf: (chunk: DuckDBDataChunk, index: number) => ReadonlyArray<unknown>): Builder => {
  let values: Array<unknown> = [];
  return {
    add: (chunk) => {
      for (const value of valueOf(chunk, index)) values.push(value);
    },
    take: () => {
      const taken = values;
      values = [];
      return taken;
    },
  };
};

const floatLists = (chunk: DuckDBDataChunk, index: number): ReadonlyArray<Float32Array | null> => {
  const lists = chunk.getColumnVector(index) as DuckDBListVector;
  return Array.from({ length: chunk.rowCount }, (_, row) => {
    const list = lists.getItemVector(row);
    return list === null ? null : Float32Array.from(list.toArray() as ReadonlyArray<number>);
  });
};

/** The builder of a column, or the name of a type that has none. */
const builderOf = (result: DuckDBResult, index: number): Builder | string => {
  const type = result.columnType(index);
  const array = arrays.get(type.typeId);
  if (array !== undefined) return numbers(index, array as NumberArray);
  if (type.typeId === DuckDBTypeId.VARCHAR || type.typeId === DuckDBTypeId.BOOLEAN) {
    return items(index, (chunk) => chunk.getColumnValues(index));
  }
  const isFloats = type.typeId === DuckDBTypeId.LIST && type.toString() === "FLOAT[]";
  return isFloats ? items(index, floatLists) : type.toString();
};

export interface Batches {
  /** Takes a chunk; answers a batch when one is full. */
  readonly push: (chunk: DuckDBDataChunk) => ColumnBatch | undefined;
  readonly end: () => ColumnBatch | undefined;
}

/** Gathers the result's chunks, or says which column cannot be given as numbers or text. */
export const makeBatches = (result: DuckDBResult): Batches | string => {
  const names = result.columnNames();
  const builders: Array<Builder> = [];
  for (let index = 0; index < names.length; index++) {
    const builder = builderOf(result, index);
    if (typeof builder === "string") return `column ${names[index]} is of type ${builder}, which must be cast`;
    builders.push(builder);
  }
  let rows = 0;
  const take = (): ColumnBatch | undefined => {
    if (rows === 0) return undefined;
    const columns: Record<string, Column> = {};
    names.forEach((name, i) => {
      columns[name] = (builders[i] as Builder).take(rows);
    });
    const batch = { rows, columns };
    rows = 0;
    return batch;
  };
  return {
    push: (chunk) => {
      const full = rows + chunk.rowCount > batchRows ? take() : undefined;
      for (const builder of builders) builder.add(chunk, rows);
      rows += chunk.rowCount;
      return full;
    },
    end: take,
  };
};

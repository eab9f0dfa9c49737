/**
 * IndexedRows: the rows of a table that is sorted by an index, of users or of items, taken by neighbouring ones, as columns of
 * numbers.
 */
import { Chunk, Effect, Option, type Scope, Stream } from "effect";
import type { Column, ColumnBatch, ColumnType } from "../domain/Columns.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { TrainingDataError } from "./TrainingData.ts";

export type Numbers = Int32Array | Float64Array;

export interface Rows {
  /** The rows of the `n`th of those asked for: `pointers[n]` … `pointers[n + 1] - 1`. */
  readonly pointers: Uint32Array;
  /** Without the index; truths are 1 and 0. */
  readonly columns: Readonly<Record<string, Numbers>>;
}

type Failure = TrainingDataError | TableError;

/** The rows of those from `first` to `last`; each call begins behind the last one's. */
export type Take = (first: number, last: number) => Effect.Effect<Rows, Failure, Tables>;

/** Rows `from` … `to - 1` of a batch. */
interface Part {
  readonly batch: ColumnBatch;
  readonly from: number;
  readonly to: number;
}

/** Where those behind `last` begin, from `from` on. */
const endOf = (indices: ArrayLike<number>, from: number, rows: number, last: number): number => {
  let low = from;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[middle] <= last) low = middle + 1;
    else high = middle;
  }
  return low;
};

const lengthOf = (parts: ReadonlyArray<Part>): number => parts.reduce((sum, { from, to }) => sum + to - from, 0);

const gathered = (name: string, type: ColumnType, parts: ReadonlyArray<Part>): Numbers => {
  const all =
    type === "integer" || type === "boolean" ? new Int32Array(lengthOf(parts)) : new Float64Array(lengthOf(parts));
  let at = 0;
  for (const { batch, from, to } of parts) {
    const column: Column = batch.columns[name];
    if ((column instanceof Int32Array || column instanceof Float64Array) && column.constructor === all.constructor) {
      all.set(column.subarray(from, to), at);
    } else {
      for (let i = from; i < to; i++) all[at + i - from] = Number(column[i]);
    }
    at += to - from;
  }
  return all;
};

/** Undefined where an index is none of those asked for, or stands behind a later one. */
const pointersOf = (parts: ReadonlyArray<Part>, key: string, first: number, last: number): Uint32Array | undefined => {
  const pointers = new Uint32Array(last - first + 2);
  let before = first;
  for (const { batch, from, to } of parts) {
    const indices = batch.columns[key] as ArrayLike<number>;
    for (let i = from; i < to; i++) {
      const index = indices[i];
      if (index < before || index > last) return undefined;
      before = index;
      pointers[index - first + 1]++;
    }
  }
  for (let n = 1; n < pointers.length; n++) pointers[n] += pointers[n - 1];
  return pointers;
};

/** Reads batches of the table, which is sorted by its column `key`; `again`: the command that writes it anew. */
export const readerOf = (
  table: TableDefinition,
  key: string,
  batches: Stream.Stream<ColumnBatch, Failure, Tables>,
  again: string,
): Effect.Effect<Take, never, Tables | Scope.Scope> =>
  Effect.map(Stream.toPull(batches), (pull) => {
    /** What is read and not taken; undefined at the end. */
    let rest: ReadonlyArray<Part> | undefined = [];

    const more: Effect.Effect<ReadonlyArray<Part> | undefined, Failure, Tables> = pull.pipe(
      Effect.map((read) => Chunk.toReadonlyArray(read).map((batch) => ({ batch, from: 0, to: batch.rows }))),
      Effect.catchAll(Option.match({ onNone: () => Effect.succeed(undefined), onSome: (error) => Effect.fail(error) })),
    );

    return (first, last) =>
      Effect.gen(function* () {
        const parts: Array<Part> = [];
        while (rest !== undefined) {
          const [next, ...others]: ReadonlyArray<Part> = rest;
          if (next === undefined) {
            rest = yield* more;
            continue;
          }
          const end = endOf(next.batch.columns[key] as ArrayLike<number>, next.from, next.to, last);
          if (end > next.from) parts.push({ ...next, to: end });
          rest = end < next.to ? [{ ...next, from: end }, ...others] : others;
          if (end < next.to) break;
        }
        const pointers = pointersOf(parts, key, first, last);
        if (pointers === undefined) {
          return yield* new TrainingDataError({
            reason: "Corrupt",
            message: `${table.name} is not in order of ${key}: run \`${again}\` again.`,
          });
        }
        const fields = table.schema.filter(({ name, nullable }) => name !== key && !nullable);
        const columns = fields.map(({ name, type }) => [name, gathered(name, type, parts)] as const);
        return { pointers, columns: Object.fromEntries(columns) };
      });
  });

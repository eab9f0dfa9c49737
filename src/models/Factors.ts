/** Factors: a model's user and item factors as Delta tables, from the whole arrays to columns and back by batches. */
import { Effect, Stream } from "effect";
import type { ColumnBatch } from "../domain/Columns.ts";
import { itemFactors, userFactors } from "../domain/ModelTables.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import type { TrainedFactors } from "../ports/Trainer.ts";

const rowsPerBatch = 50_000;

/** Factors (rows × rank, row-major) as batches of (id, features); `ids`: of each row, by default its number. */
export const factorBatches = (
  factors: Float32Array,
  rank: number,
  ids?: ArrayLike<number>,
): Stream.Stream<ColumnBatch> => {
  const rows = factors.length / rank;
  return Stream.range(0, Math.ceil(rows / rowsPerBatch) - 1, 1).pipe(
    Stream.map((part) => {
      const first = part * rowsPerBatch;
      const count = Math.min(rowsPerBatch, rows - first);
      return {
        rows: count,
        columns: {
          id: Int32Array.from({ length: count }, (_, r) => ids?.[first + r] ?? first + r),
          features: Array.from({ length: count }, (_, r) =>
            factors.subarray((first + r) * rank, (first + r + 1) * rank),
          ),
        },
      };
    }),
  );
};

export const writeFactors = (
  id: string,
  rank: number,
  factors: TrainedFactors,
): Effect.Effect<void, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const write = ({ name, schema }: TableDefinition, values: Float32Array) =>
      tables.overwrite(name, schema, factorBatches(values, rank));
    yield* write(userFactors(id), factors.userFactors);
    yield* write(itemFactors(id), factors.itemFactors);
  });

export interface FactorRows {
  readonly ids: ArrayLike<number>;
  readonly features: ArrayLike<Float32Array>;
}

/** The rows of a batch of either table. */
export const factorsOf = ({ columns }: ColumnBatch): FactorRows => ({
  ids: columns.id as ArrayLike<number>,
  features: columns.features as ArrayLike<Float32Array>,
});

/** Of a user or item without a rating nothing was learnt. */
export const isCold = (vector: Float32Array): boolean => vector.every((value) => value === 0);

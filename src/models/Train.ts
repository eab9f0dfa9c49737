/** Train: ALS on the training data, as a new model: its factors in Delta tables, its entry in the registry. */
import { availableParallelism } from "node:os";
import { Clock, Effect, Random, Stream } from "effect";
import { hasNumericIds, readTrainingData } from "../batch/TrainingData.ts";
import { batch, values } from "../config/Settings.ts";
import { eventTypes } from "../domain/Event.ts";
import type { Model } from "../domain/Model.ts";
import { itemFactors, itemMap, type TableDefinition, userFactors, userMap } from "../domain/TableSchemas.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, Tables } from "../ports/Tables.ts";
import { trainAls } from "../training/Als.ts";
import { addModel } from "./Registry.ts";

const rowsPerBatch = 50_000;

/** Factors (rows × rank, row-major) as batches of (id, features). */
const factorBatches = (factors: Float32Array, rank: number): Stream.Stream<ColumnBatch> => {
  const rows = factors.length / rank;
  return Stream.range(0, Math.ceil(rows / rowsPerBatch) - 1, 1).pipe(
    Stream.map((part) => {
      const first = part * rowsPerBatch;
      const count = Math.min(rowsPerBatch, rows - first);
      return {
        rows: count,
        columns: {
          id: Int32Array.from({ length: count }, (_, r) => first + r),
          features: Array.from({ length: count }, (_, r) =>
            factors.subarray((first + r) * rank, (first + r + 1) * rank),
          ),
        },
      };
    }),
  );
};

const newModelId = Effect.gen(function* () {
  const now = new Date(yield* Clock.currentTimeMillis).toISOString();
  const tail = (yield* Random.nextIntBetween(0, 0x10000)).toString(16).padStart(4, "0");
  return { createdAt: now, id: `${now.slice(0, 19).replaceAll(/[-:]/g, "")}-${tail}` };
});

/** Trains on what `preprocess` wrote last; answers the new model, status `trained`. */
export const trainModel = Effect.gen(function* () {
  const tables = yield* Tables;
  const registry = yield* ModelRegistry;
  const progress = yield* Progress;
  const { rank, regularization, alpha, iterations, seed, threads } = yield* values(batch);
  const data = yield* readTrainingData();
  const parameters = { rank, regularization, alpha, iterations, seed };
  const {
    userFactors: users,
    itemFactors: items,
    losses,
  } = yield* Effect.scoped(
    Effect.gen(function* () {
      const task = yield* progress.task({ label: `training ALS, rank ${rank}`, unit: "iterations", total: iterations });
      return yield* trainAls(
        { ...data, parameters, threads: threads === 0 ? availableParallelism() : threads },
        (_iteration, loss) => {
          task.advance(1);
          task.note(`loss ${loss.toPrecision(6)}`);
        },
      );
    }),
  );
  const { id, createdAt } = yield* newModelId;
  const write = ({ name, schema }: TableDefinition, factors: Float32Array) =>
    tables.overwrite(name, schema, factorBatches(factors, rank));
  yield* write(userFactors(id), users);
  yield* write(itemFactors(id), items);
  const model: Model = {
    id,
    createdAt,
    parameters,
    metrics: { loss: losses },
    snapshot: data.snapshot,
    users: data.users,
    items: data.items,
    numericUserIds: yield* hasNumericIds(data.snapshot, userMap),
    numericItemIds: yield* hasNumericIds(data.snapshot, itemMap),
    eventTypes,
    status: "trained",
  };
  yield* registry.update((state) => [undefined, addModel(state, model)]);
  yield* Effect.logInfo(
    `trained model ${id}: ${data.users} users, ${data.items} items, ${data.ratings.length} pairs, loss ${losses.map((loss) => loss.toPrecision(6)).join(" → ")}`,
  );
  return model;
});

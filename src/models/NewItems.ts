/**
 * NewItems: where items lie among a model's factors by what they are: the map that it learnt (`training/Attributes.ts`), and by
 * it those that are listed and that nobody has had to do with. Each is a table of the model; one of before may have neither.
 */
import { Effect, Stream } from "effect";
import { readDescriptions } from "../datasets/Descriptions.ts";
import { ifThere } from "../datasets/IfThere.ts";
import type { TrainingData } from "../datasets/TrainingData.ts";
import type { AttributeMap } from "../domain/AttributeMap.ts";
import type { Model } from "../domain/Model.ts";
import { attributeMap, newItems } from "../domain/ModelTables.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import type { TrainedFactors } from "../ports/Trainer.ts";
import { fitAttributes, placeUnlearnt } from "../training/Attributes.ts";
import { factorBatches, factorsOf } from "./Factors.ts";

/** By item, how many users have a rating of it. */
const usersOf = ({ itemIdx, items }: Pick<TrainingData, "itemIdx" | "items">): Uint32Array => {
  const users = new Uint32Array(items);
  for (const item of itemIdx) users[item]++;
  return users;
};

const writeMap = (model: string, { features, weights }: AttributeMap) =>
  Effect.gen(function* () {
    const { name, schema } = attributeMap(model);
    const rank = weights.length / features.length;
    const rows = features.map((_, row) => weights.subarray(row * rank, (row + 1) * rank));
    const batch = { rows: features.length, columns: { feature: features, weights: rows } };
    yield* Effect.flatMap(Tables, (tables) => tables.overwrite(name, schema, Stream.make(batch)));
  });

/** Writes both tables, where there is anything to write, and says how many items have a place by the map. */
export const writeNewItems = (model: Pick<Model, "id" | "parameters">, data: TrainingData, factors: TrainedFactors) =>
  Effect.gen(function* () {
    const descriptions = yield* readDescriptions(data.snapshot);
    const users = usersOf(data);
    const { rank } = model.parameters;
    const all = descriptions.map((description) => description ?? []);
    const map = fitAttributes(all, factors.itemFactors, rank, users);
    if (map !== undefined) yield* writeMap(model.id, map);
    const unsold = descriptions.filter((description, item) => description !== undefined && users[item] === 0).length;
    if (unsold === 0) return;
    const placed = placeUnlearnt(all, map, users);
    const { name, schema } = newItems(model.id);
    if (placed.items.length > 0) {
      const batches = factorBatches(placed.vectors, rank, placed.items);
      yield* Effect.flatMap(Tables, (tables) => tables.overwrite(name, schema, batches));
    }
    const without = unsold - placed.items.length;
    yield* Effect.logInfo(
      `${placed.items.length} of the ${unsold} listed items without interactions have a vector by their attributes` +
        `${without === 0 ? "" : `; ${without} have none that the others have, too`}`,
    );
  });

/** By item index. */
export const readNewItems = (model: string) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const vectors = new Map<number, Float32Array>();
    const take = Stream.runForEach(tables.read(newItems(model).name), (batch) =>
      Effect.sync(() => {
        const { features, ids } = factorsOf(batch);
        for (let row = 0; row < batch.rows; row++) vectors.set(ids[row], features[row]);
      }),
    );
    yield* ifThere(take);
    return vectors;
  });

/** Undefined where the model has none. */
export const readAttributeMap = (
  model: string,
  rank: number,
): Effect.Effect<AttributeMap | undefined, TableError, Tables> =>
  Effect.gen(function* () {
    const { name } = attributeMap(model);
    const tables = yield* Tables;
    const rows = (yield* ifThere(tables.snapshot(name)))?.rows ?? 0;
    if (rows === 0) return undefined;
    const features: Array<string> = [];
    const weights = new Float32Array(rows * rank);
    yield* Stream.runForEach(tables.read(name), (batch) =>
      Effect.sync(() => {
        const names = batch.columns.feature as ArrayLike<string>;
        const values = batch.columns.weights as ArrayLike<Float32Array>;
        for (let row = 0; row < batch.rows; row++) {
          weights.set(values[row], features.length * rank);
          features.push(names[row]);
        }
      }),
    );
    return { features, weights };
  });

/**
 * NewItems: the items that are listed and that nobody has had to do with: where they would lie among a model's factors, by what
 * they are (`training/Attributes.ts`). A table of the model has them; one without the table, as models of before, has none.
 */
import { Effect, Stream } from "effect";
import { readDescriptions } from "../datasets/Descriptions.ts";
import { ifThere } from "../datasets/IfThere.ts";
import type { TrainingData } from "../datasets/TrainingData.ts";
import type { Model } from "../domain/Model.ts";
import { newItems } from "../domain/TableSchemas.ts";
import { Tables } from "../ports/Tables.ts";
import type { TrainedFactors } from "../ports/Trainer.ts";
import { placeByAttributes } from "../training/Attributes.ts";
import { factorBatches, factorsOf } from "./Factors.ts";

/** By item, how many users have a rating of it. */
const usersOf = ({ itemIdx, items }: Pick<TrainingData, "itemIdx" | "items">): Uint32Array => {
  const users = new Uint32Array(items);
  for (const item of itemIdx) users[item]++;
  return users;
};

/** Writes the table, where there is anything to write, and says how many items it is about. */
export const writeNewItems = (model: Pick<Model, "id" | "parameters">, data: TrainingData, factors: TrainedFactors) =>
  Effect.gen(function* () {
    const descriptions = yield* readDescriptions(data.snapshot);
    const users = usersOf(data);
    const unsold = descriptions.filter((description, item) => description !== undefined && users[item] === 0).length;
    if (unsold === 0) return;
    const { rank } = model.parameters;
    const all = descriptions.map((description) => description ?? { name: "", fields: [] });
    const placed = placeByAttributes(all, factors.itemFactors, rank, users);
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

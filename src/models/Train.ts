/**
 * Train: a new model: ratings are read, factors computed from them, followers and popularity counted in the histories, all written
 * to Delta tables, and the registry gets its entry.
 */
import { Clock, Effect, Random } from "effect";
import { hasNumericIds, readTrainingData, type TrainingData, versionOf } from "../datasets/TrainingData.ts";
import type { Model } from "../domain/Model.ts";
import { itemMap, userHistory, userMap } from "../domain/TableSchemas.ts";
import { BatchSteps, type Tell } from "../ports/BatchSteps.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress } from "../ports/Progress.ts";
import type { TrainedFactors } from "../ports/Trainer.ts";
import { choice } from "../training/Choice.ts";
import { itemPlane } from "../training/Plane.ts";
import { trainShown } from "../training/Shown.ts";
import { extentOf } from "./Extent.ts";
import { writeFactors } from "./Factors.ts";
import { type Popularities, popularityOf, writePopularity } from "./ItemPopularity.ts";
import { writeNewItems } from "./NewItems.ts";
import { addModel } from "./Registry.ts";
import { removeRemains } from "./Remains.ts";
import { RefusedModel } from "./Shrinkage.ts";

/** How finely it is told how far all is. */
const steps = 10;

/** What `preprocess` wrote last, and of how much it was made; fails where there is not one rating. */
const readRatings = Effect.gen(function* () {
  const data = yield* readTrainingData();
  const learntFrom = yield* extentOf(data);
  if (data.ratings.length === 0) {
    const message = `there is nothing to learn from: of the ${learntFrom.events} events none counts (their types are unknown, or their weights 0); models are as they were`;
    return yield* new RefusedModel({ reason: "Empty", message });
  }
  return { data, learntFrom };
});

const newModelId = Effect.gen(function* () {
  const now = new Date(yield* Clock.currentTimeMillis).toISOString();
  const tail = (yield* Random.nextIntBetween(0, 0x10000)).toString(16).padStart(4, "0");
  return { createdAt: now, id: `${now.slice(0, 19).replaceAll(/[-:]/g, "")}-${tail}` };
});

type Learnt = Pick<
  Model,
  | "parameters"
  | "metric"
  | "learning"
  | "reasons"
  | "evidence"
  | "metrics"
  | "halfLifeSeconds"
  | "popularityTotal"
  | "popularityAsOf"
  | "plane"
  | "learntFrom"
>;

/** The registry's entry of a model that was learnt from `data`. */
const describe = ({ items, snapshot, users }: TrainingData, learnt: Learnt) =>
  Effect.gen(function* () {
    const model: Model = {
      ...(yield* newModelId),
      ...learnt,
      snapshot,
      users,
      items,
      numericUserIds: yield* hasNumericIds(snapshot, userMap),
      numericItemIds: yield* hasNumericIds(snapshot, itemMap),
      status: "trained",
      served: false,
    };
    return model;
  });

/** Writes which items follow which, showing how far it is. */
const writeFollowers = ({ id, items, snapshot }: Model) =>
  Effect.gen(function* () {
    const history = yield* versionOf(snapshot, userHistory);
    const progress = yield* Progress;
    const task = yield* progress.task({ label: "counting followers", unit: "steps", total: steps });
    const tell: Tell = (step, part) => {
      task.note(step);
      task.advance(part * steps);
    };
    const rows = yield* Effect.flatMap(BatchSteps, (all) => all.followers({ history, items, model: id, tell }));
    yield* Effect.logInfo(`counted which items follow which: ${rows} followers of ${items} items are kept`);
  }).pipe(Effect.scoped);

const writeModel = (model: Model, data: TrainingData, factors: TrainedFactors, popularities: Popularities) =>
  Effect.gen(function* () {
    yield* writeFactors(model.id, model.parameters.rank, factors);
    yield* writeFollowers(model);
    yield* writePopularity(model.id, popularities);
    yield* writeNewItems(model, data, factors);
  });

/** Writes all tables of the model and registers it: what is written of one that comes to nothing is removed; once it may be registered, it stays. */
const keep = (model: Model, data: TrainingData, factors: TrainedFactors, popularities: Popularities) =>
  Effect.uninterruptibleMask((restore) =>
    restore(writeModel(model, data, factors, popularities)).pipe(
      Effect.onError(() => Effect.ignore(removeRemains(model.id))),
      Effect.zipRight(
        Effect.flatMap(ModelRegistry, (registry) => registry.update((state) => [undefined, addModel(state, model)])),
      ),
    ),
  );

/** Trains on what `preprocess` wrote last; answers the new model, status `trained`. */
export const trainModel = Effect.gen(function* () {
  const chosen = yield* choice;
  const { parameters } = chosen;
  const { data, learntFrom } = yield* readRatings;
  const factors = yield* trainShown(`training ALS, rank ${parameters.rank}`, data, parameters);
  const { losses } = factors;
  const popularities = yield* popularityOf(data.snapshot, data.items);
  const { halfLifeSeconds, popularityAsOf, popularityTotal } = popularities;
  const plane = yield* itemPlane(factors.itemFactors, parameters.rank);
  const model = yield* describe(data, {
    ...chosen,
    ...(plane === undefined ? {} : { plane }),
    metrics: { loss: losses },
    halfLifeSeconds,
    popularityTotal,
    popularityAsOf,
    learntFrom,
  });
  yield* keep(model, data, factors, popularities);
  yield* Effect.logInfo(
    `trained model ${model.id}: ${data.users} users, ${data.items} items, ${data.ratings.length} pairs, loss ${losses.map((loss) => loss.toPrecision(6)).join(" → ")}`,
  );
  return model;
});

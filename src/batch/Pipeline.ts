/** Pipeline: the batch from CSV files to a model that serves, each step scoped, each resumable by running it again. */
import { Effect } from "effect";
import { values } from "../config/Setting.ts";
import { ifThere } from "../datasets/IfThere.ts";
import { rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { noteTrainingData, removedFromRows, removeForgotten } from "../forgetting/Remove.ts";
import { loadModel } from "../models/Load.ts";
import { RefusedModel, refusal } from "../models/Shrinkage.ts";
import { trainModel } from "../models/Train.ts";
import { useModel } from "../models/Use.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import { csvTimes, readCsv } from "./CsvFiles.ts";
import { findNews } from "./News.ts";
import { popular } from "./Popular.ts";
import { preprocess } from "./Preprocess.ts";
import { switching } from "./Settings.ts";
import { tidy } from "./Tidy.ts";

/** Fails where there is not one event, before anything is made of none. */
const requireEvents = Effect.gen(function* () {
  const tables = yield* Tables;
  for (const { name } of [rawTransactions, rawEvents]) {
    const rows = (yield* ifThere(tables.snapshot(name)))?.rows ?? 0;
    if (rows > 0) return;
  }
  const message = `there is nothing to learn from: ${rawTransactions.name} and ${rawEvents.name} have no rows; tables and models are as they were. \`import\` reads a shop's files`;
  return yield* new RefusedModel({ reason: "Empty", message });
});

/** Who is forgotten is out of the raw tables before anything is made of them. */
export const preprocessWithoutForgotten = Effect.gen(function* () {
  yield* removeForgotten;
  const removed = yield* removedFromRows;
  yield* requireEvents;
  const summary = yield* preprocess;
  yield* noteTrainingData(removed);
  return summary;
});

export interface BatchOptions {
  readonly force?: boolean | undefined;
  /** ISO 8601: nothing is done where a model was made since. */
  readonly unlessSince?: string | undefined;
  /** Nothing is done where the newest model has learnt all there is, with the same settings. */
  readonly ifNew?: boolean | undefined;
}

const madeSince = (time: string) =>
  Effect.gen(function* () {
    const { models } = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    return models.findLast(({ createdAt }) => Date.parse(createdAt) >= Date.parse(time));
  });

/** Whether there is something to learn; says what, or that there is nothing. */
const tellNews = (force: boolean) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const news = (yield* csvTimes).isDue ? "CSV files are to be read" : yield* findNews(state, { force });
    yield* Effect.logInfo(
      news === undefined
        ? `nothing is new since model ${state.models.at(-1)?.id} was made: no other is made`
        : `there is something to learn: ${news}`,
    );
    return news !== undefined;
  });

/** As `tellNews`, once who is forgotten is out of the raw tables, which is news where they had rows. */
const newsWithoutForgotten = (force: boolean) =>
  Effect.gen(function* () {
    yield* removeForgotten;
    const removed = yield* removedFromRows;
    const isNews = yield* tellNews(force);
    // The training data are of these very tables.
    if (!isNews) yield* noteTrainingData(removed);
    return isNews;
  });

/**
 * Every step in order; the new model serves at the end, and what served before stays beside it. A model that was learnt
 * from far less than the one that serves waits, and best sellers stay as they were, unless `force` is set.
 */
export const runBatch = ({ force = false, unlessSince, ifNew = false }: BatchOptions = {}) =>
  Effect.gen(function* () {
    const made = unlessSince === undefined ? undefined : yield* madeSince(unlessSince);
    if (made !== undefined) {
      return yield* Effect.logInfo(`model ${made.id} was made since ${unlessSince}: there is nothing to do`);
    }
    if (ifNew && !(yield* newsWithoutForgotten(force))) return;
    yield* readCsv;
    yield* preprocessWithoutForgotten;
    const model = yield* trainModel;
    const refused = force
      ? undefined
      : refusal(yield* Effect.flatMap(ModelRegistry, (registry) => registry.state), model);
    if (refused !== undefined) {
      yield* tidy;
      return yield* refused;
    }
    yield* loadModel(model);
    yield* popular;
    yield* useModel(model.id);
    yield* tidy;
  }).pipe(inTurn("learning from all data"));

export const runBatchConfigured = Effect.flatMap(values(switching), ({ force, ifNew, unlessSince }) =>
  runBatch({ force, ifNew, unlessSince: unlessSince === "" ? undefined : unlessSince }),
);

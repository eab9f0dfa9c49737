/** Pipeline: the batch from CSV files to a model that serves, each step scoped, each resumable by running it again. */
import { FileSystem, Path } from "@effect/platform";
import { Effect, Option } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { batch, switching, values } from "../config/Settings.ts";
import { ifThere } from "../datasets/IfThere.ts";
import {
  itemMap,
  itemStats,
  pairSums,
  rawArticles,
  rawCustomers,
  rawEvents,
  rawTransactions,
  trainData,
  trainingSnapshot,
  userBought,
  userHistory,
  userMap,
  userRecent,
} from "../domain/TableSchemas.ts";
import { csvToDelta } from "../intake/CsvToDelta.ts";
import { pruneModels } from "../models/Delete.ts";
import { loadModel } from "../models/Load.ts";
import { findModel, newestModel } from "../models/Registry.ts";
import { sweepModels } from "../models/Remains.ts";
import { RefusedModel, refusal } from "../models/Shrinkage.ts";
import { trainModel } from "../models/Train.ts";
import { tellUse, useModel } from "../models/Use.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import { findNews } from "./News.ts";
import { popular } from "./Popular.ts";
import { preprocess } from "./Preprocess.ts";

const csvFiles = ["transactions_train", "articles", "customers"].flatMap((name) => [`${name}.csv`, `${name}.csv.gz`]);

/** Unix milliseconds of the newest change to a CSV file of data/raw, if there is one. */
const csvWrittenAt = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const path = yield* Path.Path;
  const { raw } = yield* dataFolder;
  const times = yield* Effect.forEach(csvFiles, (name) => Effect.option(fs.stat(path.join(raw, name))));
  const found = times.flatMap((info) =>
    Option.isSome(info) ? [Option.getOrElse(info.value.mtime, () => new Date(0))] : [],
  );
  return found.length === 0 ? undefined : Math.max(...found.map((time) => time.getTime()));
});

const tableWrittenAt = Effect.flatMap(Tables, (tables) =>
  Effect.map(ifThere(tables.snapshot(rawTransactions.name)), (snapshot) => snapshot?.writtenAt),
);

/** Whether there is anything to learn from: CSV files, or tables that came from them or from `import`. */
export const hasData = Effect.map(Effect.all([csvWrittenAt, tableWrittenAt]), (times) =>
  times.some((time) => time !== undefined),
);

const csvTimes = Effect.map(Effect.all([csvWrittenAt, tableWrittenAt]), ([csv, table]) => ({
  csv,
  isDue: table === undefined || (csv !== undefined && csv > table),
}));

/** Reads the CSV files, unless the tables are newer than they are (or came from `import`). */
const readCsv = Effect.gen(function* () {
  const { csv, isDue } = yield* csvTimes;
  if (isDue) return yield* Effect.asVoid(csvToDelta);
  if (csv !== undefined) {
    yield* Effect.logInfo(
      "the raw tables are newer than the CSV files, which are left unread (`batch csv-to-delta` reads them)",
    );
  }
});

/** Deletes data files that no version of the last days refers to, and remains of models of longer ago. */
const tidyTables = Effect.gen(function* () {
  const tables = yield* Tables;
  const { tableRetention } = yield* values(batch);
  const written = [
    rawCustomers,
    rawArticles,
    rawTransactions,
    rawEvents,
    userMap,
    itemMap,
    trainData,
    userHistory,
    userBought,
    userRecent,
    itemStats,
    pairSums,
    trainingSnapshot,
  ];
  for (const { name } of written) yield* ifThere(tables.vacuum(name, tableRetention));
  yield* sweepModels(tableRetention);
});

/** Loads a model, by default the newest, and answers it. */
const loadChosen = (id: string | undefined) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const chosen = yield* id === undefined ? newestModel(state) : findModel(state, id);
    if (chosen.status !== "trained") {
      yield* Effect.logInfo(`model ${chosen.id} is loaded already`);
      return chosen;
    }
    yield* loadModel(chosen);
    return chosen;
  });

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

/** What is no longer needed. */
const tidy = Effect.gen(function* () {
  const { keepModels } = yield* values(batch);
  yield* pruneModels(keepModels);
  yield* tidyTables;
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
    if (ifNew && !(yield* tellNews(force))) return;
    yield* readCsv;
    yield* requireEvents;
    yield* preprocess;
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

/** Loads a model, by default the newest, beside the one that serves. */
export const loadBeside = (id: string | undefined) => Effect.flatMap(loadChosen(id), tellUse);

/** Serves a model, which is loaded first where it is not yet. */
export const useChosen = (id: string) => Effect.flatMap(loadChosen(id), (model) => useModel(model.id));

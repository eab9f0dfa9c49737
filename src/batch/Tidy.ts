/** Tidy: deletes what a batch leaves that is no longer needed: old models, old files of tables. */
import { Effect } from "effect";
import { values } from "../config/Setting.ts";
import { ifThere } from "../datasets/IfThere.ts";
import { userFactors } from "../domain/ModelTables.ts";
import {
  itemMap,
  itemStats,
  pairSums,
  rawArticles,
  rawCustomers,
  rawEvents,
  rawTransactions,
  shopItems,
  trainData,
  trainingSnapshot,
  userBought,
  userHidden,
  userHistory,
  userMap,
  userRecent,
  userShown,
} from "../domain/TableSchemas.ts";
import { pruneModels } from "../models/Delete.ts";
import { sweepModels } from "../models/Remains.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { batch } from "./Settings.ts";

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
    shopItems,
    trainData,
    userHistory,
    userHidden,
    userShown,
    userBought,
    userRecent,
    itemStats,
    pairSums,
    trainingSnapshot,
  ];
  for (const { name } of written) yield* ifThere(tables.vacuum(name, tableRetention));
  const { models } = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
  // Written anew where a user is forgotten.
  for (const { id } of models) yield* ifThere(tables.vacuum(userFactors(id).name, tableRetention));
  yield* sweepModels(tableRetention);
});

export const tidy = Effect.gen(function* () {
  const { keepModels } = yield* values(batch);
  yield* pruneModels(keepModels);
  yield* tidyTables;
});

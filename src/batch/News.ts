/**
 * News: whether there is anything that the newest model has not learnt.
 *
 * Told by the versions that its training snapshot names: rows that came since, not files that were merged or progress that
 * was noted; by items that came since or have other attributes; and by the settings and rules that it was made by. Where that cannot be told, there is.
 */
import type { FileSystem } from "@effect/platform";
import { type ConfigError, Duration, Effect, Option, Schema } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { sameEventTypes } from "../domain/EventTypes.ts";
import { type Model, Recipe, trainedTypes } from "../domain/Model.ts";
import { rawArticles, rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { learning } from "../learning/Settings.ts";
import { heldModel } from "../models/Shrinkage.ts";
import type { Catalogue, CatalogueError } from "../ports/Catalogue.ts";
import type { RegistryState } from "../ports/ModelRegistry.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import type { Trainer } from "../ports/Trainer.ts";
import { chosen } from "../training/Choice.ts";
import { readNotes, rulesKey } from "./Carried.ts";
import { itemNews } from "./ItemNews.ts";
import { changeNote } from "./ShopItems.ts";

/** What a table has that its version of then had not, in words. `madeAt`, in Unix milliseconds: the version is older. */
const newsOf = (
  table: string,
  version: number | undefined,
  madeAt: number,
): Effect.Effect<string | undefined, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const now = yield* ifThere(tables.snapshot(table));
    if (now === undefined) return version === undefined ? undefined : `${table} is gone`;
    if (version === undefined) return now.rows === 0 ? undefined : `${table} is new`;
    const then = now.version === version ? now : yield* ifThere(tables.snapshot(table, version));
    // Version numbers begin again where a table was deleted and made anew.
    if (then === undefined || then.writtenAt > madeAt) return `${table} was made anew`;
    if (now.version === version) return undefined;
    if (!(yield* tables.onlyGrew(table, version))) return `${table} was changed`;
    return now.rows === then.rows ? undefined : `${table} has ${now.rows - then.rows} new rows`;
  });

const isSameRecipe = Schema.equivalence(Recipe);

/** A model of before, of which that is not known, is none. */
const isMadeBy = ({ learning, metric, parameters }: Model, chosen: Recipe): boolean =>
  learning !== undefined && metric !== undefined && isSameRecipe({ parameters, learning, metric }, chosen);

/** What became of the newest model where it does not serve: a person went back to an older one, or decides whether it may. */
const wasUsed = (state: RegistryState, model: Model, force: boolean): boolean =>
  Option.isSome(state.serving) &&
  (state.serving.value === model.id || model.served !== false || (!force && heldModel(state) !== undefined));

/**
 * What there is to learn, in words; undefined where the newest model has learnt all of it, and served or was refused. `force`:
 * what was refused is to serve.
 */
export const findNews = (
  state: RegistryState,
  { force }: { readonly force: boolean },
): Effect.Effect<
  string | undefined,
  TableError | CatalogueError | ConfigError.ConfigError,
  Tables | Catalogue | Trainer | FileSystem.FileSystem
> =>
  Effect.gen(function* () {
    const model = state.models.at(-1);
    if (model === undefined) return "there is no model";
    if (!wasUsed(state, model, force)) return `model ${model.id} was not put to use`;

    // What is left out, whoever trains by it tells.
    const { choice } = yield* chosen;
    const debounceSeconds = Duration.toSeconds(yield* learning.debounce.config);
    const types = yield* learning.eventTypes.config;
    if (!isMadeBy(model, choice) || !sameEventTypes(trainedTypes(model.snapshot), types))
      return "the settings are others";

    const { tables } = model.snapshot;
    const noted = yield* readNotes;
    const isLast =
      noted?.versions.size === Object.keys(tables).length &&
      [...noted.versions].every(([name, version]) => tables[name] === version);
    if (!isLast) return `training data were made since model ${model.id}`;
    if (noted.counts.get("rules") !== rulesKey(debounceSeconds, types)) return "the settings are others";

    for (const { name } of [rawTransactions, rawEvents, rawArticles]) {
      const news = yield* newsOf(name, tables[name], Date.parse(model.createdAt));
      if (news !== undefined) return news;
    }
    return yield* itemNews(model.snapshot, Number(noted.counts.get(changeNote) ?? 0n));
  });

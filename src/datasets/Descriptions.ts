/** Descriptions: the features (domain/Features.ts) of each item, by what the shop's items file says of it. */
import { Effect } from "effect";
import { featuresOf } from "../domain/Features.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, rawArticles } from "../domain/TableSchemas.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { eachItemRow } from "./ItemRows.ts";
import { itemsFile } from "./ItemsFile.ts";
import { readIds } from "./StoredIds.ts";
import { type TrainingDataError, versionOf } from "./TrainingData.ts";

/** Each text once in memory, however many items have it. */
const makeOnce = () => {
  const known = new Map<string, string>();
  return (text: string): string => {
    const own = known.get(text);
    if (own !== undefined) return own;
    known.set(text, text);
    return text;
  };
};

/**
 * By the index of each of `ids`, and behind them those of all other items; undefined for one that is not in the items file.
 * Undefined without such a file, of which `at` is the version of raw/articles, by default the newest. Of two rows of an
 * item the first counts.
 */
export const describeItems = (ids: ReadonlyArray<string>, at?: number) =>
  Effect.gen(function* () {
    const version = yield* itemsFile(at);
    if (version === undefined) return undefined;
    const descriptions = ids.map((): ReadonlyArray<string> | undefined => undefined);
    const indices = new Map(ids.map((id, index) => [id, index]));
    const once = makeOnce();
    yield* eachItemRow(version, (id, fields) => {
      const index = indices.get(id) ?? descriptions.length;
      if (descriptions[index] !== undefined) return;
      indices.set(id, index);
      descriptions[index] = featuresOf(fields()).map(once);
    });
    return descriptions;
  });

/** Every item of a snapshot by its index; undefined for one that is not in the items file. */
export const readDescriptions = (
  snapshot: TrainingSnapshot,
): Effect.Effect<ReadonlyArray<ReadonlyArray<string> | undefined>, TrainingDataError | TableError, Tables> =>
  Effect.gen(function* () {
    const ids = yield* Effect.flatMap(versionOf(snapshot, itemMap), (version) => readIds(itemMap, version));
    const articles = snapshot.tables[rawArticles.name];
    const found = articles === undefined ? undefined : yield* describeItems(ids, articles);
    return ids.map((_, itemIdx) => found?.[itemIdx]);
  });

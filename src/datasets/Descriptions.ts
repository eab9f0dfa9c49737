/** Descriptions: the features (domain/Features.ts) of each item, by what the shop says of it. */
import { Effect, Stream } from "effect";
import { featuresOf } from "../domain/Features.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemMap, rawArticles, shopItems } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { ifThere } from "./IfThere.ts";
import { eachItemRow } from "./ItemRows.ts";
import { itemsFile } from "./ItemsFile.ts";
import { describedBy, shopItemsOf } from "./ShopItems.ts";
import { readIds } from "./StoredIds.ts";
import { readSnapshot, type TrainingDataError, versionOf } from "./TrainingData.ts";

type Features = ReadonlyArray<string>;

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

/** What the shop says of its items, by the index of each of the ids that were asked about and, behind them, of all other items. */
export interface Described {
  /** Undefined: nothing is known of it. */
  readonly descriptions: ReadonlyArray<Features | undefined>;
  /** Whether it is for sale, as far as the shop says. */
  readonly isListed: (index: number) => boolean;
}

/** Descriptions as they come, by id; of two of an item the first counts. */
const gather = (ids: ReadonlyArray<string>) => {
  const descriptions = ids.map((): Features | undefined => undefined);
  const indices = new Map(ids.map((id, index) => [id, index]));
  const unlisted = new Set<number>();
  const once = makeOnce();
  return {
    descriptions,
    unlisted,
    indexOf: (id: string): number | undefined => indices.get(id),
    describe: (id: string, features: () => Features): void => {
      const index = indices.get(id) ?? descriptions.length;
      if (descriptions[index] !== undefined) return;
      indices.set(id, index);
      descriptions[index] = features().map(once);
    },
  };
};

const byFile = (ids: ReadonlyArray<string>, version: number) =>
  Effect.gen(function* () {
    const { describe, descriptions } = gather(ids);
    yield* eachItemRow(version, (id, fields) => describe(id, () => featuresOf(fields())));
    return { descriptions, isListed: (index) => descriptions[index] !== undefined } satisfies Described;
  });

/** By the catalogue; undefined where nothing was said of any item, and no items file was given. */
const byCatalogue = (ids: ReadonlyArray<string>, snapshot: TrainingSnapshot) =>
  Effect.gen(function* () {
    const { describe, descriptions, indexOf, unlisted } = gather(ids);
    let isSaid = false;
    yield* Stream.runForEach(shopItemsOf(snapshot) ?? Stream.empty, (rows) =>
      Effect.sync(() => {
        for (const item of rows) {
          const index = indexOf(item.itemId);
          isSaid ||= item.available !== undefined;
          if (index !== undefined && item.available === false) unlisted.add(index);
          const features = describedBy(item);
          // What is not for sale, and nobody had to do with, nobody looks for.
          if (features !== undefined && (index !== undefined || item.available === true)) {
            describe(item.itemId, () => features);
          }
        }
      }),
    );
    return isSaid ? ({ descriptions, isListed: (index) => !unlisted.has(index) } satisfies Described) : undefined;
  });

/**
 * What is known of items: by the last batch's view of the catalogue, unless an items file came since, else by that file. Undefined
 * where the shop said nothing, so that every item counts.
 */
export const describeItems = (ids: ReadonlyArray<string>): Effect.Effect<Described | undefined, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const snapshot = yield* Effect.option(readSnapshot);
    const articles = yield* ifThere(tables.snapshot(rawArticles.name));
    if (
      snapshot._tag === "Some" &&
      snapshot.value.tables[shopItems.name] !== undefined &&
      snapshot.value.tables[rawArticles.name] === articles?.version
    ) {
      return yield* byCatalogue(ids, snapshot.value);
    }
    const version = yield* itemsFile();
    return version === undefined ? undefined : yield* byFile(ids, version);
  });

/** Every item of a snapshot by its index; undefined for one of which nothing is known. */
export const readDescriptions = (
  snapshot: TrainingSnapshot,
): Effect.Effect<ReadonlyArray<Features | undefined>, TrainingDataError | TableError, Tables> =>
  Effect.gen(function* () {
    const ids = yield* Effect.flatMap(versionOf(snapshot, itemMap), (version) => readIds(itemMap, version));
    const found = shopItemsOf(snapshot);
    if (found === undefined) {
      const articles = snapshot.tables[rawArticles.name];
      const file = articles === undefined ? undefined : yield* itemsFile(articles);
      const described = file === undefined ? undefined : yield* byFile(ids, file);
      return ids.map((_, itemIdx) => described?.descriptions[itemIdx]);
    }
    const once = makeOnce();
    const descriptions = ids.map((): Features | undefined => undefined);
    yield* Stream.runForEach(found, (rows) =>
      Effect.sync(() => {
        for (const item of rows) descriptions[item.itemIdx] = describedBy(item)?.map(once);
      }),
    );
    return descriptions;
  });

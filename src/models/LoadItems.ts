/** LoadItems: all that a trained model knows of its items, from its tables to the item index. */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { readerOf } from "../datasets/IndexedRows.ts";
import { readItems } from "../datasets/ItemTables.ts";
import type { Model } from "../domain/Model.ts";
import { itemFactors, itemFollowers, itemPopularity } from "../domain/ModelTables.ts";
import { type ItemFollowers, ItemIndex, type ItemVector } from "../ports/ItemIndex.ts";
import type { Task } from "../ports/Progress.ts";
import { Tables } from "../ports/Tables.ts";
import { factorsOf, isCold } from "./Factors.ts";
import { readAttributeMap, readNewItems } from "./NewItems.ts";

/** Items whose followers are in memory at once, beside what the index keeps. */
const itemsAtOnce = 4_096;

/**
 * Answers the followers of the items from `first` to `last`, each call beginning behind the last one's; undefined where an item
 * has none. A model of before has none at all.
 */
const followersInTurn = (model: string) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const table = itemFollowers(model);
    const isThere = (yield* ifThere(tables.snapshot(table.name))) !== undefined;
    const take = yield* readerOf(table, "item_idx", isThere ? tables.read(table.name) : Stream.empty, "batch train");
    return (first: number, last: number) =>
      Effect.map(take(first, last), ({ columns, pointers }) => {
        const items = new Uint32Array(columns.follower_idx);
        const counts = new Float64Array(columns.count);
        return Array.from({ length: last - first + 1 }, (_, n): ItemFollowers | undefined => {
          const [from, to] = [pointers[n], pointers[n + 1]];
          if (from === to) return undefined;
          return { items: items.subarray(from, to), counts: counts.subarray(from, to), total: columns.total[from] };
        });
      });
  });

/** By item index; undefined for a model of before. */
const readPopularity = ({ id, items }: Model) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const shares = new Float64Array(items);
    const take = Stream.runForEach(tables.read(itemPopularity(id).name), ({ columns, rows }) =>
      Effect.sync(() => {
        const [own, share] = [columns.item_idx as ArrayLike<number>, columns.share as ArrayLike<number>];
        for (let i = 0; i < rows; i++) shares[own[i]] = share[i];
      }),
    );
    return yield* ifThere(Effect.as(take, shares));
  });

/** Loads the items; `task` advances by one for each. */
export const loadItems = (model: Model, task: Task) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const known = yield* readItems(model.snapshot);
    const gone = known.filter(({ listed }) => listed === false).length;
    if (gone > 0) {
      yield* Effect.logInfo(
        `${gone} of the ${known.length} items of model ${model.id} are not for sale: they are learnt from and not recommended`,
      );
    }
    const followersOf = yield* followersInTurn(model.id);
    const popularity = yield* readPopularity(model);
    const placed = yield* readNewItems(model.id);
    const items = tables.read(itemFactors(model.id).name).pipe(
      Stream.mapConcat((batch) => {
        const { ids, features } = factorsOf(batch);
        return Array.from({ length: Math.ceil(batch.rows / itemsAtOnce) }, (_, part) => {
          const from = part * itemsAtOnce;
          return { ids, features, from, to: Math.min(batch.rows, from + itemsAtOnce) };
        });
      }),
      Stream.mapEffect(({ features, from, ids, to }) =>
        Effect.map(followersOf(ids[from], ids[to - 1]), (followers) => {
          task.advance(to - from);
          return Array.from({ length: to - from }, (_, n): ItemVector => {
            const itemIdx = ids[from + n];
            const { listed, ...item } = known[itemIdx];
            const own = features[from + n];
            const place = placed.get(itemIdx);
            const following = followers[itemIdx - ids[from]];
            return {
              ...item,
              // Without an items file the shop's items are those that somebody had to do with.
              available: listed ?? !isCold(own),
              vector: place ?? own,
              isNew: place !== undefined,
              ...(following === undefined ? {} : { followers: following }),
              ...(popularity === undefined ? {} : { popularity: popularity[itemIdx] }),
            };
          });
        }),
      ),
    );
    const { rank } = model.parameters;
    const shape = { rank, metric: model.metric, attributes: yield* readAttributeMap(model.id, rank) };
    return yield* Effect.flatMap(ItemIndex, (index) => index.load(model.id, shape, items));
  });

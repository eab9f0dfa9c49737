/** The shop's catalogue in memory, which can be away: several live catalogues on one are several processes. */
import { Clock, Effect, Layer, Option, Stream, SubscriptionRef } from "effect";
import { pageOf } from "../../src/domain/ItemPage.ts";
import { applyChange, type Change, type ItemRecord, newestOf, noRecord } from "../../src/domain/ItemRecord.ts";
import {
  Catalogue,
  CatalogueError,
  type CatalogueService,
  changesOf,
  type ItemChange,
  type StoredItem,
} from "../../src/ports/Catalogue.ts";

export interface MemoryCatalogue {
  readonly service: CatalogueService;
  readonly layer: Layer.Layer<Catalogue>;
  /** Whether it is away: then every operation fails, and who follows its changes is told so. */
  readonly setAway: (away: boolean) => Effect.Effect<void>;
  /** Loses all that it has, and its numbers with it. */
  readonly lose: Effect.Effect<void>;
}

const conflict = (message: string) => new CatalogueError({ reason: "Conflict", message });

export const makeMemoryCatalogue = Effect.gen(function* () {
  const items: Array<StoredItem> = [];
  const idxOf = new Map<string, number>();
  let newest = 0;
  let isAway = false;
  const told = yield* SubscriptionRef.make(0);

  const tell = Effect.suspend(() => SubscriptionRef.set(told, newest));
  const here = <A>(self: () => A): Effect.Effect<A, CatalogueError> =>
    Effect.suspend(() =>
      isAway ? new CatalogueError({ reason: "Unavailable", message: "it is away" }) : Effect.succeed(self()),
    );

  const put = (itemIdx: number, itemId: string, record: ItemRecord | undefined): StoredItem => {
    const stored = { itemId, itemIdx, record, number: ++newest };
    items[itemIdx] = stored;
    idxOf.set(itemId, itemIdx);
    return stored;
  };
  const itemOf = (itemId: string): StoredItem | undefined => items[idxOf.get(itemId) ?? -1];

  const changeOne = ({ itemId, ...change }: ItemChange, now: number): StoredItem | undefined => {
    const before = itemOf(itemId);
    const record = before?.record;
    const said = change.kind === "decided" ? change.decide(record ?? noRecord) : change;
    if (said === undefined) return undefined;
    const { at, ...word } = said;
    if (word.kind !== "replace" && (before === undefined || record?.removed === true)) return undefined;
    const time = at ?? Math.max(now, record === undefined ? 0 : newestOf(record) + 1);
    const after = applyChange(record ?? noRecord, { ...word, at: time } as Change);
    if (before !== undefined && JSON.stringify(after) === JSON.stringify(record)) return before;
    return put(before?.itemIdx ?? items.length, itemId, after);
  };

  const adopt = (first: number, ids: ReadonlyArray<string>, records: ReadonlyArray<ItemRecord | undefined> = []) => {
    if (first > items.length) return conflict("there would be a gap");
    const wrong = ids.some(
      (id, i) => (items[first + i]?.itemId ?? id) !== id || (idxOf.get(id) ?? first + i) !== first + i,
    );
    if (wrong || new Set(ids).size < ids.length) return conflict("others have these ids or indices");
    ids.forEach((id, i) => {
      const [before, record] = [items[first + i], records[i]];
      if (before === undefined || (before.record === undefined && record !== undefined)) put(first + i, id, record);
    });
    return Effect.void;
  };

  const since = (after: number) =>
    items.filter(({ number }) => number > after).sort((one, other) => one.number - other.number);

  const pages: CatalogueService["pages"] = (after) => {
    let known = after;
    let isFirst = true;
    return told.changes.pipe(
      Stream.mapEffect(() =>
        here(() => {
          const isAnew = newest < known;
          const changed = since(isAnew ? 0 : known);
          if (changed.length === 0 && !isFirst && !isAnew) return Option.none();
          known = newest;
          isFirst = false;
          return Option.some({ items: pageOf(changed), number: newest, isLast: true, isAnew });
        }),
      ),
      Stream.filterMap((changed) => changed),
    );
  };

  const service: CatalogueService = {
    // Others get their turn before it is stored, as with stores elsewhere.
    change: (changes) =>
      Effect.flatMap(Effect.zipRight(Effect.yieldNow(), Clock.currentTimeMillis), (now) =>
        here(() => changes.map((change) => changeOne(change, now))).pipe(Effect.zipLeft(tell)),
      ),
    find: (itemIds) => here(() => itemIds.map(itemOf)),
    allot: (itemIds) =>
      here(() =>
        itemIds.map((id) => itemOf(id) ?? put(items.length, id, undefined)).map(({ itemIdx }) => itemIdx),
      ).pipe(Effect.zipLeft(tell)),
    adopt: (first, ids, records) => here(() => adopt(first, ids, records)).pipe(Effect.flatten, Effect.zipLeft(tell)),
    size: here(() => items.length),
    ids: (first) => Stream.fromEffect(here(() => items.slice(first).map(({ itemId }) => itemId))),
    changes: (after) => changesOf(pages(after)),
    pages,
  };
  const setAway = (away: boolean) =>
    Effect.suspend(() => {
      isAway = away;
      return tell;
    });
  const lose = Effect.suspend(() => {
    items.length = 0;
    idxOf.clear();
    newest = 0;
    return tell;
  });
  return { service, setAway, lose, layer: Layer.succeed(Catalogue, service) } satisfies MemoryCatalogue;
});

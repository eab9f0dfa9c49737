/** Items: the catalogue's items in Redis, as commands and scripts read and write them. Layout: `Scripts.ts`. */
import { Array as Arr, Effect, Either } from "effect";
import { idAt, makePageWriter } from "../../../src/domain/ItemPage.ts";
import type { ItemRecord } from "../../../src/domain/ItemRecord.ts";
import { decodeRecord, encodeRecord } from "../../../src/domain/RecordCodec.ts";
import { type CatalogueError, type ChangedPage, corrupt, type StoredItem } from "../../../src/ports/Catalogue.ts";
import { type Connection, Redis } from "../../engines/redis/Client.ts";
import { conflict, unavailable } from "../Failures.ts";
import { idsAtOnce, pageItems } from "../Follow.ts";
import type { Found, Plan } from "../Plan.ts";
import { adoptItems, itemsSince, storeItems } from "./Scripts.ts";

const entry = /^(\d{1,16}):(\d{1,10}):/;
/** Bytes of what `entry` finds, at most. */
const longestBegin = 28;

const lost = {
  message:
    "Redis has lost changes of the catalogue; it is read anew, and takes changes then (keep what is acknowledged: appendfsync always)",
};

const recordText = (record: ItemRecord | undefined): string => (record === undefined ? "" : encodeRecord(record));

const decodeItem = (itemId: string, text: string): Either.Either<StoredItem, CatalogueError> => {
  const [begin, number, itemIdx] = entry.exec(text) ?? [];
  if (begin === undefined) return Either.left(corrupt(itemId));
  const record = begin.length === text.length ? undefined : decodeRecord(text.slice(begin.length));
  if (record === undefined && begin.length < text.length) return Either.left(corrupt(itemId));
  return Either.right({ itemId, itemIdx: Number(itemIdx), record, number: Number(number) });
};

export const makeItems = Effect.gen(function* () {
  const { prefix, use } = yield* Redis;
  const keyOf = (name: string): string => `${prefix}:{catalogue}:${name}`;
  const [items, ids, changes] = [keyOf("items"), keyOf("ids"), keyOf("changes")];

  const asked = <A>(run: Parameters<typeof use<A>>[0]) => Effect.mapError(use(run), unavailable);

  const evaluate = (script: string, args: ReadonlyArray<string>) =>
    asked(
      (connection) =>
        connection.eval(script, 3, items, ids, changes, ...args) as Promise<ReadonlyArray<string | number>>,
    );

  /** The greatest number that the store has told, which it must not fall short of. */
  let told = 0;
  /** The change that was told last, and whose it was. */
  let newest = { number: 0, itemId: "" };
  /** Where the store lost changes: its last number, which counts from when that was taken, so when the next page is asked for. */
  let anew: number | undefined;

  /** By id; none for an id without an item. */
  const find = (itemIds: ReadonlyArray<string>): Effect.Effect<(itemId: string) => Found, CatalogueError> => {
    const distinct = [...new Set(itemIds)];
    const parts = Arr.chunksOf(distinct, idsAtOnce);
    return Effect.forEach(parts, (part) => asked((connection) => connection.hmget(items, ...part))).pipe(
      Effect.map((answers) => {
        const texts = answers.flat();
        const found = new Map<string, Found>();
        texts.forEach((text, i) => {
          const itemId = distinct[i]!;
          found.set(itemId, text === null ? Either.right(undefined) : decodeItem(itemId, text));
        });
        return (itemId) => found.get(itemId) ?? Either.right(undefined);
      }),
    );
  };

  /** Stores the records if items are still as they were found; answers the items by id, undefined where one is not. */
  const store = (
    written: Plan["written"],
    found: (itemId: string) => Found,
  ): Effect.Effect<ReadonlyMap<string, StoredItem> | undefined, CatalogueError> => {
    if (written.size === 0) return Effect.succeed(new Map());
    const before = new Map([...written.keys()].map((itemId) => [itemId, Either.getOrUndefined(found(itemId))]));
    const args = [...written].flatMap(([itemId, record]) => [
      itemId,
      String(before.get(itemId)?.number ?? ""),
      recordText(record),
    ]);
    return Effect.flatMap(evaluate(storeItems, [String(told), ...args]), ([last, most]) => {
      if (last === undefined) return Effect.succeed(undefined);
      if (most === undefined) return Effect.fail(unavailable(lost));
      let number = Number(last);
      let size = Number(most);
      const stored = new Map<string, StoredItem>();
      for (const [itemId, record] of written) {
        number++;
        stored.set(itemId, { itemId, itemIdx: before.get(itemId)?.itemIdx ?? size++, record, number });
      }
      told = Math.max(told, number);
      return Effect.succeed(stored);
    });
  };

  /** As the port's `adopt`. */
  const adopt = (
    first: number,
    itemIds: ReadonlyArray<string>,
    records: ReadonlyArray<ItemRecord | undefined>,
  ): Effect.Effect<void, CatalogueError> => {
    const named = new Set<string>();
    for (const itemId of itemIds) {
      if (named.has(itemId)) return Effect.fail(conflict(`item ${JSON.stringify(itemId)} has two indices`));
      named.add(itemId);
    }
    const args = itemIds.flatMap((itemId, i) => [itemId, recordText(records[i])]);
    return Effect.flatMap(evaluate(adoptItems, [String(first), ...args]), ([kind, what, own, index]) => {
      if (kind === "gap") return Effect.fail(conflict(`it has ${what} items, and index ${first} would leave a gap`));
      if (kind === "odd") return Effect.fail(corrupt(String(what)));
      const item = JSON.stringify(what);
      if (kind === "index") return Effect.fail(conflict(`index ${own} is another item's than ${item}`));
      return kind === "item" ? Effect.fail(conflict(`item ${item} has index ${own}, not ${index}`)) : Effect.void;
    });
  };

  /** As `Follow.ts` asks for them: in bytes, of which no texts are made. */
  const changedSince = (after: number): Effect.Effect<ChangedPage, CatalogueError> =>
    Effect.suspend(() => {
      if (anew !== undefined) told = anew;
      anew = undefined;
      const args = [after, pageItems, newest.number === after ? newest.itemId : "", told];
      return asked((connection) =>
        (
          connection as Connection & {
            readonly evalBuffer: (...args: ReadonlyArray<string | number>) => Promise<ReadonlyArray<Buffer | number>>;
          }
        ).evalBuffer(itemsSince, 3, items, ids, changes, ...args),
      );
    }).pipe(
      Effect.flatMap(([last, isLost, ...answer]) => {
        const writer = makePageWriter(answer.length / 2);
        for (let i = 0; i < answer.length; i += 2) {
          const [id, text] = [answer[i] as Buffer, answer[i + 1] as Buffer];
          const [begin, number, itemIdx] = entry.exec(text.toString("latin1", 0, longestBegin)) ?? [];
          if (begin === undefined) return Effect.fail(corrupt(id.toString()));
          writer.append(id);
          writer.append(text.subarray(begin.length));
          writer.end(Number(itemIdx), Number(number), 0, id.length);
        }
        const page = writer.page();
        const end = page.length - 1;
        const isLast = page.length < pageItems;
        const number = isLast ? Number(String(last)) : page.numbers[end]!;
        const isAnew = isLost === 1;
        if (isAnew) anew = number;
        else told = Math.max(told, number);
        if (end >= 0) newest = { itemId: idAt(page, end), number: page.numbers[end]! };
        return Effect.succeed({ items: page, number, isLast, ...(isAnew && { isAnew }) });
      }),
    );

  return {
    adopt,
    changedSince,
    find,
    store,
    size: asked((connection) => connection.llen(ids)),
    /** Ids of the items from index `first` to below `end`. */
    idsBetween: (first: number, end: number) => asked((connection) => connection.lrange(ids, first, end - 1)),
  };
});

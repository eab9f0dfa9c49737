/**
 * Plan: what calls make of the items they name, before any of it is stored. Calls follow one another: each finds what those
 * before it made. One that meets an item which cannot be decoded fails by itself, and changes nothing.
 */
import { isDeepStrictEqual } from "node:util";
import { Either } from "effect";
import { applyChange, type Change, type ItemRecord, newestOf, noRecord } from "../../src/domain/ItemRecord.ts";
import type { CatalogueError, ItemChange, StoredItem, Word } from "../../src/ports/Catalogue.ts";

export interface Call {
  readonly changes: ReadonlyArray<ItemChange>;
  /** When it came, in unix milliseconds. */
  readonly now: number;
}

/** An item that a call named, with the record that it had then. */
interface Named {
  readonly itemId: string;
  readonly record: ItemRecord | undefined;
}

export interface Plan {
  /** The records to store, by item, in the order in which they were first changed; undefined: an index is all it gets. */
  readonly written: ReadonlyMap<string, ItemRecord | undefined>;
  /** Per call, in the order of its changes; undefined where a change had nothing to change. */
  readonly answers: ReadonlyArray<Either.Either<ReadonlyArray<Named | undefined>, CatalogueError>>;
}

export type Found = Either.Either<StoredItem | undefined, CatalogueError>;

const timed = (word: Word, now: number, record: ItemRecord): Change => {
  const at = word.at ?? Math.max(now, newestOf(record) + 1);
  return word.kind === "remove" ? { kind: "remove", at } : ({ kind: word.kind, at, fields: word.fields } as Change);
};

export const planChanges = (calls: ReadonlyArray<Call>, found: (itemId: string) => Found): Plan => {
  const written = new Map<string, ItemRecord | undefined>();

  const plan = ({ changes, now }: Call) => {
    const own = new Map<string, ItemRecord>();
    const named: Array<Named | undefined> = [];
    for (const change of changes) {
      const { itemId } = change;
      const known = own.get(itemId) ?? written.get(itemId);
      const stored = known === undefined ? found(itemId) : undefined;
      if (stored !== undefined && Either.isLeft(stored)) return Either.left(stored.left);
      const before = known ?? stored?.right?.record;
      const isKnown = before === undefined ? stored?.right !== undefined : !before.removed;
      const word = change.kind === "decided" ? change.decide(before ?? noRecord) : change;
      if (word === undefined || (!isKnown && word.kind !== "replace")) {
        named.push(undefined);
        continue;
      }
      const after = applyChange(before ?? noRecord, timed(word, now, before ?? noRecord));
      const isNew = before === undefined && stored?.right === undefined;
      const isSame = after === before || isDeepStrictEqual(after, before ?? noRecord);
      const isWritten = isNew || !isSame;
      if (isWritten) own.set(itemId, after);
      named.push({ itemId, record: isWritten ? after : before });
    }
    for (const [itemId, record] of own) written.set(itemId, record);
    return Either.right(named);
  };

  return { answers: calls.map(plan), written };
};

/** Every item's index, whatever else becomes of it: of each id that has none. */
export const planAllotment = (
  itemIds: ReadonlyArray<string>,
  found: (itemId: string) => Found,
): Either.Either<Plan["written"], CatalogueError> => {
  const written = new Map<string, undefined>();
  for (const itemId of itemIds) {
    const stored = found(itemId);
    if (Either.isLeft(stored)) return Either.left(stored.left);
    if (stored.right === undefined) written.set(itemId, undefined);
  }
  return Either.right(written);
};

/** What a call is answered, once it is known which index and number each item has. */
export const answered = (
  answer: Plan["answers"][number],
  itemOf: (itemId: string) => StoredItem | undefined,
): Either.Either<ReadonlyArray<StoredItem | undefined>, CatalogueError> =>
  Either.map(answer, (named) =>
    named.map((one) => {
      const item = one === undefined ? undefined : itemOf(one.itemId);
      return item === undefined ? undefined : { ...item, record: one?.record };
    }),
  );

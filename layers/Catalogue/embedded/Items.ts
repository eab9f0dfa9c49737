/** Items: the catalogue's items in the table `items`, within a read or a write of the store. Layout: `Keys.ts`. */
import { Either } from "effect";
import { emptyPage, makePageWriter } from "../../../src/domain/ItemPage.ts";
import type { ItemRecord } from "../../../src/domain/ItemRecord.ts";
import { type CatalogueError, type ChangedPage, corrupt, type StoredItem } from "../../../src/ports/Catalogue.ts";
import type { Table } from "../../engines/lmdb/Environment.ts";
import { peek } from "../../engines/lmdb/Store.ts";
import { conflict } from "../Failures.ts";
import { pageItems } from "../Follow.ts";
import type { Found, Plan } from "../Plan.ts";
import { appendEntry, decodeEntry, encodeEntry, idOfEntry } from "./Entry.ts";
import { changeKey, changesEnd, counterKey, idKey, indexOfChange, itemKey } from "./Keys.ts";

interface Counter {
  readonly size: number;
  readonly number: number;
}

/** All is said by the key. */
const noValue = Buffer.alloc(1);

const u32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
};

const u32Of = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);

export const makeItems = (table: Table) => {
  const counter = (): Counter => {
    const bytes = table.get(counterKey);
    if (bytes === undefined) return { size: 0, number: 0 };
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return { size: view.getUint32(0, true), number: Number(view.getBigUint64(4, true)) };
  };

  const putCounter = ({ number, size }: Counter): void => {
    const bytes = Buffer.allocUnsafe(12);
    bytes.writeUInt32LE(size, 0);
    bytes.writeBigUInt64LE(BigInt(number), 4);
    table.put(counterKey, bytes);
  };

  const indexOf = (itemId: string): number | undefined => {
    const bytes = peek(table, idKey(itemId));
    return bytes === undefined ? undefined : u32Of(bytes);
  };

  const at = (itemIdx: number): StoredItem | undefined => {
    const bytes = peek(table, itemKey(itemIdx));
    return bytes === undefined ? undefined : decodeEntry(itemIdx, bytes);
  };

  const find = (itemId: string): Found => {
    const itemIdx = indexOf(itemId);
    if (itemIdx === undefined) return Either.right(undefined);
    const item = at(itemIdx);
    return item === undefined ? Either.left(corrupt(itemId)) : Either.right(item);
  };

  /** Stores the records; answers the items by id. */
  const store = (written: Plan["written"]): ReadonlyMap<string, StoredItem> => {
    const stored = new Map<string, StoredItem>();
    if (written.size === 0) return stored;
    let { number, size } = counter();
    for (const [itemId, record] of written) {
      number++;
      let itemIdx = indexOf(itemId);
      if (itemIdx === undefined) {
        itemIdx = size++;
        table.put(idKey(itemId), u32(itemIdx));
      } else {
        const before = at(itemIdx);
        if (before !== undefined) table.remove(changeKey(before.number, itemIdx));
      }
      const item = { itemId, itemIdx, record, number };
      table.put(itemKey(itemIdx), encodeEntry(item));
      table.put(changeKey(number, itemIdx), noValue);
      stored.set(itemId, item);
    }
    putCounter({ number, size });
    return stored;
  };

  /** As the port's `adopt`. */
  const adopt = (
    first: number,
    itemIds: ReadonlyArray<string>,
    records: ReadonlyArray<ItemRecord | undefined>,
  ): Either.Either<void, CatalogueError> => {
    const { size } = counter();
    if (first > size) return Either.left(conflict(`it has ${size} items, and index ${first} would leave a gap`));
    const written = new Map<string, ItemRecord | undefined>();
    for (let i = 0; i < itemIds.length; i++) {
      const itemId = itemIds[i]!;
      const itemIdx = first + i;
      const told = JSON.stringify(itemId);
      if (written.has(itemId)) return Either.left(conflict(`item ${told} has two indices`));
      const stored = find(itemId);
      if (Either.isLeft(stored)) return Either.left(stored.left);
      const item = stored.right;
      if (item === undefined && itemIdx < size) {
        return Either.left(conflict(`index ${itemIdx} is another item's than ${told}`));
      }
      if (item !== undefined && item.itemIdx !== itemIdx) {
        return Either.left(conflict(`item ${told} has index ${item.itemIdx}, not ${itemIdx}`));
      }
      if (item === undefined || (item.record === undefined && records[i] !== undefined)) {
        written.set(itemId, records[i]);
      }
    }
    store(written);
    return Either.right(undefined);
  };

  /** As `Follow.ts` asks for them. */
  const changedSince = (after: number): Either.Either<ChangedPage, CatalogueError> => {
    const { number } = counter();
    if (after >= number) return Either.right({ items: emptyPage, number: after, isLast: true });
    const range = { start: changeKey(after + 1, 0), end: changesEnd, limit: pageItems };
    const itemIdxs = Array.from(table.getKeys(range), (key) => indexOfChange(key as Buffer));
    const writer = makePageWriter(itemIdxs.length);
    for (const itemIdx of itemIdxs) {
      const entry = peek(table, itemKey(itemIdx));
      if (entry === undefined || !appendEntry(writer, itemIdx, entry)) return Either.left(corrupt(itemIdx));
    }
    const items = writer.page();
    const isLast = items.length < pageItems;
    return Either.right({ items, number: isLast ? number : items.numbers[items.length - 1]!, isLast });
  };

  /** Ids of the items from index `first` to below `end`. */
  const idsBetween = (first: number, end: number): Either.Either<ReadonlyArray<string>, CatalogueError> => {
    const ids: Array<string> = [];
    for (let itemIdx = first; itemIdx < end; itemIdx++) {
      const entry = peek(table, itemKey(itemIdx));
      const id = entry && idOfEntry(entry);
      if (id === undefined) return Either.left(corrupt(itemIdx));
      ids.push(id);
    }
    return Either.right(ids);
  };

  return { adopt, changedSince, find, idsBetween, indexOf, size: () => counter().size, store };
};

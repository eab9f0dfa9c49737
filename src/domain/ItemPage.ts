/**
 * ItemPage: items as they are stored, side by side in one buffer, so that a million are handed on without making objects of them
 * first. Records are JSON, as `RecordCodec.ts` has it.
 */
import { Either } from "effect";
import type { ItemRecord } from "./ItemRecord.ts";
import { decodeRecord, encodeRecord } from "./RecordCodec.ts";

export interface StoredItem {
  readonly itemId: string;
  readonly itemIdx: number;
  /** Undefined: it has an index, since something happened with it, and nothing was said of it. */
  readonly record: ItemRecord | undefined;
  /** Of its last change: from 1. */
  readonly number: number;
}

/** Arrays are of `length` items at least. */
export interface ItemPage {
  readonly length: number;
  readonly bytes: Buffer;
  /** Where in `bytes` the item's id begins, in UTF-8; where that ends and its record begins; where the record ends, of no bytes: none. */
  readonly starts: Uint32Array;
  readonly idEnds: Uint32Array;
  readonly ends: Uint32Array;
  readonly itemIdxs: Uint32Array;
  readonly numbers: Float64Array;
}

export interface PageWriter {
  /** Appends what the next item's bytes are, or some of them. */
  readonly append: (bytes: Uint8Array) => void;
  /** The item of what was appended: the first bytes, `skipped` of them, are neither id nor record. */
  readonly end: (itemIdx: number, number: number, skipped: number, idBytes: number) => void;
  readonly page: () => ItemPage;
}

/** Of a usual item. */
const itemBytes = 512;

/** `most`: items. */
export const makePageWriter = (most: number): PageWriter => {
  let bytes = Buffer.allocUnsafeSlow(most * itemBytes);
  const starts = new Uint32Array(most);
  const idEnds = new Uint32Array(most);
  const ends = new Uint32Array(most);
  const itemIdxs = new Uint32Array(most);
  const numbers = new Float64Array(most);
  let length = 0;
  let begin = 0;
  let at = 0;
  return {
    append: (some) => {
      if (at + some.length > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(2 * (at + some.length));
        bytes.copy(larger, 0, 0, at);
        bytes = larger;
      }
      bytes.set(some, at);
      at += some.length;
    },
    end: (itemIdx, number, skipped, idBytes) => {
      starts[length] = begin + skipped;
      idEnds[length] = begin + skipped + idBytes;
      ends[length] = at;
      itemIdxs[length] = itemIdx;
      numbers[length] = number;
      length++;
      begin = at;
    },
    page: () => ({ length, bytes, starts, idEnds, ends, itemIdxs, numbers }),
  };
};

export const emptyPage: ItemPage = makePageWriter(0).page();

export const idAt = ({ bytes, idEnds, starts }: ItemPage, i: number): string =>
  bytes.toString("utf8", starts[i]!, idEnds[i]!);

/** Of an item that has a record; undefined: it cannot be decoded. */
export const recordAt = ({ bytes, ends, idEnds }: ItemPage, i: number): ItemRecord | undefined =>
  decodeRecord(bytes.toString("utf8", idEnds[i]!, ends[i]!));

/** Fails with the id of an item that cannot be decoded. */
export const decodePage = (page: ItemPage): Either.Either<ReadonlyArray<StoredItem>, string> => {
  const items: Array<StoredItem> = [];
  for (let i = 0; i < page.length; i++) {
    const itemId = idAt(page, i);
    const hasRecord = page.idEnds[i]! < page.ends[i]!;
    const record = hasRecord ? recordAt(page, i) : undefined;
    if (hasRecord && record === undefined) return Either.left(itemId);
    items.push({ itemId, itemIdx: page.itemIdxs[i]!, record, number: page.numbers[i]! });
  }
  return Either.right(items);
};

/** As `decodePage` reads it. */
export const pageOf = (items: ReadonlyArray<StoredItem>): ItemPage => {
  const writer = makePageWriter(items.length);
  for (const { itemId, itemIdx, number, record } of items) {
    const id = Buffer.from(itemId);
    writer.append(id);
    if (record !== undefined) writer.append(Buffer.from(encodeRecord(record)));
    writer.end(itemIdx, number, 0, id.length);
  }
  return writer.page();
};

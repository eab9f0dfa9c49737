/**
 * Shelf: how dead letters lie in the store's table `letters`.
 *
 *   CONSUMER 0 u32 partition, u64 offset (big-endian)   u32 length of the head, the head as JSON, the event's bytes
 *   0 "t" u64 number (big-endian)                       the key of the letter that was kept as this one, in order of time
 *   0 "n"                                               f64: letters, their bytes, the next number
 *
 * All functions run inside `store.read` or `store.write`.
 */
import { Either, Schema } from "effect";
import {
  type DeadLetter,
  DeadLetterReason,
  type DeadLettersStats,
  type KeptLetter,
  type LetterKey,
  ReplayMark,
} from "../../../src/ports/DeadLetters.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";

const Head = Schema.Struct({
  reason: DeadLetterReason,
  detail: Schema.String,
  log: Schema.String,
  appendedAt: Schema.Number,
  keptAt: Schema.Number,
  number: Schema.Number,
  replay: Schema.optionalWith(ReplayMark, { exact: true }),
});
type Head = typeof Head.Type;

/** That of version 0.1. */
const OldHead = Schema.Struct({ reason: DeadLetterReason, detail: Schema.String });

const decodeHead = Schema.decodeUnknownEither(Schema.parseJson(Head));
const decodeOldHead = Schema.decodeUnknownEither(Schema.parseJson(OldHead));
const encodeHead = Schema.encodeSync(Schema.parseJson(Head));

const words = new TextDecoder("utf-8", { ignoreBOM: true });
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const totalsKey = Buffer.from("\u0000n");
const firstLetter = Buffer.from([1]);
const timeKey = (number: number): Buffer => {
  const key = Buffer.from("\u0000t\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000");
  key.writeBigUInt64BE(BigInt(number), 2);
  return key;
};
const times = { start: timeKey(0), end: Buffer.from("\u0000u") };

const letterKey = ({ consumer, offset, partition }: LetterKey): Buffer => {
  const name = Buffer.from(consumer);
  const key = Buffer.alloc(name.length + 13);
  key.set(name, 0);
  key.writeUInt32BE(partition, name.length + 1);
  key.writeBigUInt64BE(offset, name.length + 5);
  return key;
};

const bodyAt = (stored: Uint8Array): number => 4 + viewOf(stored).getUint32(0, true);
const headText = (stored: Uint8Array): string => words.decode(stored.subarray(4, bodyAt(stored)));

const join = (head: Head, body: Uint8Array): Buffer => {
  const text = Buffer.from(encodeHead(head));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length, 0);
  return Buffer.concat([size, text, body]);
};

const letterOf = (key: Uint8Array, stored: Uint8Array): KeptLetter | undefined => {
  const head = Either.getOrUndefined(decodeHead(headText(stored)));
  if (head === undefined) return undefined;
  const place = viewOf(key);
  const { number: _, replay, ...rest } = head;
  return {
    consumer: words.decode(key.subarray(0, key.length - 13)),
    partition: place.getUint32(key.length - 12),
    offset: place.getBigUint64(key.length - 8),
    ...rest,
    replay,
    value: stored.slice(bodyAt(stored)),
  };
};

export interface Limits {
  /** Unix seconds: what was kept before goes. */
  readonly cutoff: number;
  readonly bytes: number;
}

export type Shelf = ReturnType<typeof makeShelf>;

export const makeShelf = ({ tables: { letters } }: StoreService) => {
  const totals = (): { count: number; bytes: number; next: number } | undefined => {
    const stored = letters.get(totalsKey);
    if (stored === undefined) return undefined;
    const view = viewOf(stored);
    return { count: view.getFloat64(0, true), bytes: view.getFloat64(8, true), next: view.getFloat64(16, true) };
  };

  const change = (count: number, bytes: number, numbers: number): number => {
    const before = totals() ?? { count: 0, bytes: 0, next: 0 };
    const stored = Buffer.alloc(24);
    stored.writeDoubleLE(before.count + count, 0);
    stored.writeDoubleLE(before.bytes + bytes, 8);
    stored.writeDoubleLE(before.next + numbers, 16);
    letters.put(totalsKey, stored);
    return before.next;
  };

  const numberOf = (stored: Uint8Array): number | undefined =>
    Either.getOrUndefined(decodeHead(headText(stored)))?.number;

  const remove = (key: Uint8Array): boolean => {
    const stored = letters.get(key);
    if (stored === undefined) return false;
    const number = numberOf(stored);
    if (number !== undefined) letters.remove(timeKey(number));
    letters.remove(key);
    change(-1, -key.length - stored.length, 0);
    return true;
  };

  const put = (key: Buffer, head: Omit<Head, "number">, body: Uint8Array): void => {
    const number = totals()?.next ?? 0;
    const stored = join({ ...head, number }, body);
    letters.put(key, stored);
    letters.put(timeKey(number), key);
    change(1, key.length + stored.length, 1);
  };

  /** Removes at most `most` of the oldest beyond the limits; answers how many. */
  const trim = ({ bytes, cutoff }: Limits, most: number): number => {
    let removed = 0;
    for (const { key: time, value: key } of Array.from(letters.getRange({ ...times, limit: most }))) {
      const stored = letters.get(key);
      const head = stored === undefined ? undefined : Either.getOrUndefined(decodeHead(headText(stored)));
      if (head !== undefined && head.keptAt >= cutoff && (totals()?.bytes ?? 0) <= bytes) break;
      if (!remove(key)) letters.remove(time);
      removed++;
    }
    return removed;
  };

  return {
    /** Gives the letters of version 0.1 their places in time; once. */
    adopt: (now: number): void => {
      if (totals() !== undefined) return;
      change(0, 0, 0);
      for (const { key, value } of Array.from(letters.getRange({ start: firstLetter }))) {
        const head = Either.getOrUndefined(decodeOldHead(headText(value)));
        if (head === undefined) continue;
        put(Buffer.from(key), { ...head, log: "", appendedAt: now, keptAt: now }, value.subarray(bodyAt(value)));
      }
    },
    add: ({ appendedAt, detail, log, reason, value, ...key }: DeadLetter, now: number): void => {
      const place = letterKey({ ...key, log });
      if (!letters.doesExist(place)) put(place, { reason, detail, log, appendedAt, keptAt: now }, value);
    },
    mark: (letter: LetterKey, replay: ReplayMark): void => {
      const key = letterKey(letter);
      const stored = letters.get(key);
      const head = stored === undefined ? undefined : Either.getOrUndefined(decodeHead(headText(stored)));
      if (stored === undefined || head === undefined) return;
      const changed = join({ ...head, replay }, stored.subarray(bodyAt(stored)));
      letters.put(key, changed);
      change(0, changed.length - stored.length, 0);
    },
    drop: (letter: LetterKey): boolean => remove(letterKey(letter)),
    trim,
    list: (limit: number): ReadonlyArray<KeptLetter> =>
      Array.from(letters.getRange({ ...times, limit }), ({ value: key }) => {
        const stored = letters.get(key);
        return stored === undefined ? undefined : letterOf(key, stored);
      }).filter((letter) => letter !== undefined),
    stats: (): DeadLettersStats => {
      const { bytes, count } = totals() ?? { bytes: 0, count: 0 };
      const [first] = Array.from(letters.getRange({ ...times, limit: 1 }), ({ value }) => letters.get(value));
      const head = first === undefined ? undefined : Either.getOrUndefined(decodeHead(headText(first)));
      return { count, bytes, oldest: head?.keptAt };
    },
  };
};

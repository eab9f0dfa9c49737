/**
 * Awake: how long the log was open, in whichever process, since a consumer group was last seen.
 *
 * Table `groups`: `awake` → f64 total of the time in which the log was open, f64 when it was last added to; `awake\0GROUP` →
 * f64 that total when the group was last seen. All in milliseconds.
 */
import type { StoreService } from "../../engines/lmdb/Store.ts";

/** A longer pause between two looks is time in which no process had the log open. */
const longestPause = 10 * 60_000;
/** A group whose lease was renewed this lately is there. */
const lately = 60_000;

const totalKey = Buffer.from("awake");
const groupKey = (group: string): Buffer => Buffer.from(`awake\u0000${group}`);

const encode = (...numbers: ReadonlyArray<number>): Buffer => Buffer.from(Float64Array.from(numbers).buffer);
const decode = (bytes: Uint8Array): ReadonlyArray<number> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
};

/** By group, how long it was not seen while the log was open; a group that is met for the first time was seen now. Within a write. */
export const absences = (
  { tables: { groups } }: StoreService,
  seen: ReadonlyArray<{ readonly group: string; readonly at: number }>,
  now: number,
): ReadonlyMap<string, number> => {
  const stored = groups.get(totalKey);
  const [before, at] = stored === undefined ? [0, now] : decode(stored);
  const total = before! + Math.min(Math.max(0, now - at!), longestPause);
  groups.put(totalKey, encode(total, now));
  return new Map(
    seen.map((one) => {
      const last = groups.get(groupKey(one.group));
      const isThere = last === undefined || now - one.at < lately;
      if (isThere) groups.put(groupKey(one.group), encode(total));
      return [one.group, isThere ? 0 : total - decode(last)[0]!];
    }),
  );
};

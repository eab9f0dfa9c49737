/**
 * Parts: what a shop's past is parted into, by time: what is trained on, what the search looks at, and the newest part, which it
 * never looks at. Events of one time are never parted.
 */

import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import type { Split } from "../evaluation/Split.ts";
import { hashText, mix32 } from "../kernels/Random.ts";

export interface Parts {
  /** The train part of the search, and what it measures on. */
  readonly search: Split;
  /** All but the newest part, and that part. */
  readonly validation: Split;
}

/** Most interactions that are looked at: of more, those of a seeded sample of shoppers. */
export const mostInteractions = 1_000_000;

/** Of all events: on more, a setting is measured no better, and fewer settings are. */
const share = 0.15;
const most = { search: 25_000, validation: 50_000 };

const positions = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to - from }, (_, i) => from + i);

/** The place nearest to `wanted`, above `least` and below the end, at which a later time begins; undefined where there is none. */
const cutAt = ({ length, time }: InteractionLog, wanted: number, least: number): number | undefined => {
  const begins = (at: number): boolean => at > least && at < length && time[at] > time[at - 1];
  for (let off = 0; off <= length; off++) {
    if (begins(wanted - off)) return wanted - off;
    if (begins(wanted + off)) return wanted + off;
  }
  return undefined;
};

/** Undefined where there are fewer than three times. */
export const partsOf = (log: InteractionLog): Parts | undefined => {
  const end = log.length;
  const before = (at: number, part: keyof typeof most): number => at - Math.floor(Math.min(share * end, most[part]));
  const newest = before(end, "validation");
  let search = cutAt(log, before(newest, "search"), 0);
  if (search === undefined) return undefined;
  let validation = cutAt(log, newest, search);
  // The newest time may be most of all: then what is before it is parted.
  if (validation === undefined) {
    validation = search;
    search = cutAt({ ...log, length: validation }, before(validation, "search"), 0);
  }
  if (search === undefined) return undefined;
  return {
    search: { train: positions(0, search), test: positions(search, validation) },
    validation: { train: positions(0, validation), test: positions(validation, end) },
  };
};

/** In [0, 1), by the shopper's id and the seed alone: so a shopper stays in a sample when others come. */
const placeOf = (id: string, seed: number): number => hashText(id, mix32(seed)) / 2 ** 32;

/** The log of a sample of shoppers of at most about `most` interactions; the log itself where it has no more. Items keep their places. */
export const sampleOf = (log: InteractionLog, most: number, seed: number): InteractionLog => {
  if (log.length <= most) return log;
  const share = most / log.length;
  const next = new Int32Array(log.userIds.length).fill(-1);
  const userIds: Array<string> = [];
  log.userIds.forEach((id, user) => {
    if (placeOf(id, seed) >= share) return;
    next[user] = userIds.length;
    userIds.push(id);
  });
  const kept: Array<number> = [];
  for (let at = 0; at < log.length; at++) if (next[log.user[at]] >= 0) kept.push(at);
  return {
    ...log,
    userIds,
    length: kept.length,
    user: Uint32Array.from(kept, (at) => next[log.user[at]]),
    item: Uint32Array.from(kept, (at) => log.item[at]),
    type: Uint8Array.from(kept, (at) => log.type[at]),
    weight: Float32Array.from(kept, (at) => log.weight[at]),
    time: Float64Array.from(kept, (at) => log.time[at]),
  };
};

/** Those who are measured on at each rung, by their shares: a shopper is at one rung alone. Drawn by `seed`, at most `most` in all. */
export const rungUsers = (
  log: InteractionLog,
  test: Uint32Array,
  rungs: ReadonlyArray<number>,
  seed: number,
  most: number,
): ReadonlyArray<ReadonlySet<number>> => {
  const drawn = usersOf(log, test)
    .map((user) => ({ user, place: placeOf(log.userIds[user], seed + 1) }))
    .sort((a, b) => a.place - b.place || a.user - b.user)
    .slice(0, most);
  let share = 0;
  return rungs.map((own) => {
    const from = Math.round(share * drawn.length);
    share += own;
    return new Set(drawn.slice(from, Math.round(share * drawn.length)).map(({ user }) => user));
  });
};

export const usersOf = (log: InteractionLog, test: Uint32Array): ReadonlyArray<number> => [
  ...new Set(Array.from(test, (at) => log.user[at])),
];

/** Changes with any interaction and with what is listed, and not with the order of ids: so what came since can be told from it. */
export const fingerprintOf = ({
  available,
  item,
  itemIds,
  length,
  time,
  type,
  user,
  userIds,
  weight,
}: InteractionLog): string => {
  const users = Uint32Array.from(userIds, (id) => hashText(id));
  const items = Uint32Array.from(itemIds, (id, at) => hashText(id, available[at]));
  const floats = new Float64Array(2);
  const words = new Uint32Array(floats.buffer);
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at++) {
    floats[0] = time[at];
    floats[1] = weight[at];
    for (const word of [users[user[at]], items[item[at]], type[at], ...words])
      hash = Math.imul(hash ^ word, 0x01000193);
  }
  return `${length}-${mix32(hash).toString(16).padStart(8, "0")}`;
};

/** What was known at a time (unix seconds), it included. */
export const logUntil = (log: InteractionLog, until: number): InteractionLog => {
  let { length } = log;
  while (length > 0 && log.time[length - 1] > until) length--;
  return { ...log, length };
};

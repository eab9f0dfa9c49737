/**
 * Recent: what a user did within the last day, by when the log took it: tells a client's retry and what is debounced.
 *
 * An event is a retry where one of the same id is remembered, and is remembered too: the day begins anew. Each event drops
 * what arrived a day or more before it, and, beyond `rememberedEvents`, the oldest. Only what the log says decides: no
 * clock, and no batch's bounds, so that a replay, or a batch over the archive, comes to the same verdicts.
 */
import {
  actOf,
  hasCounted,
  itemOfAct,
  type RecentEvent,
  type RecentEvents,
  recentSize,
} from "../domain/RecentEvents.ts";

/** By arrival. */
export const rememberedSeconds = 86_400;
/** Of one user. */
export const rememberedEvents = 65_536;

/** Changed by `remember` and `dropOutdated` alone, in place. */
export interface Recent {
  /** Shared until the first change. */
  packed: RecentEvents;
  owned: boolean;
  /** What is remembered stands from `head` to `end`. */
  head: number;
  end: number;
  /** How many were dropped before the array was last moved: event `i` of it is the `base + i`-th of all. */
  base: number;
  /** Nothing arrived before what stands ahead of it. */
  ordered: boolean;
  /** How often all was looked through. */
  looks: number;
  index: Index | undefined;
}

/** By number among all. */
interface Index {
  /** The last of each id. */
  readonly byId: Map<number, number>;
  /** Those that counted, by item and type. */
  readonly byAct: Map<number, Array<number>>;
}

/** counted: it does. debounced: the same item and type did within the debounce time. repeated: an event of its id came before. */
export type Verdict = "counted" | "debounced" | "repeated";

/** So many looks through so many events are made without an index: few users act so often at a time. */
const looksUnindexed = 16;
const eventsUnindexed = 64;
const [arrivalAt, timeAt, actAt] = [1, 2, 3];

const isOrdered = (packed: RecentEvents): boolean => {
  for (let at = recentSize + arrivalAt; at < packed.length; at += recentSize) {
    if (packed[at] < packed[at - recentSize]) return false;
  }
  return true;
};

export const makeRecent = (packed: RecentEvents): Recent => ({
  packed,
  owned: false,
  head: 0,
  end: packed.length / recentSize,
  base: 0,
  ordered: isOrdered(packed),
  looks: 0,
  index: undefined,
});

/** What is remembered; ends the use of `recent`. */
export const recentEvents = ({ end, head, packed }: Recent): RecentEvents =>
  head === 0 && packed.length === recentSize * end ? packed : packed.slice(recentSize * head, recentSize * end);

export const countRemembered = ({ end, head }: Recent): number => end - head;

const addTo = ({ byAct, byId }: Index, { base, packed }: Recent, position: number): void => {
  byId.set(packed[recentSize * position], base + position);
  const act = packed[recentSize * position + actAt];
  if (!hasCounted(act)) return;
  const same = byAct.get(act);
  if (same === undefined) byAct.set(act, [base + position]);
  else same.push(base + position);
};

const makeIndex = (recent: Recent): Index => {
  const index: Index = { byId: new Map(), byAct: new Map() };
  for (let position = recent.head; position < recent.end; position++) addTo(index, recent, position);
  return index;
};

const dropFirst = (recent: Recent): void => {
  const { base, head, index, packed } = recent;
  recent.head++;
  if (index === undefined) return;
  const id = packed[recentSize * head];
  const act = packed[recentSize * head + actAt];
  if (index.byId.get(id) === base + head) index.byId.delete(id);
  if (!hasCounted(act)) return;
  const same = index.byAct.get(act);
  if (same?.length === 1) index.byAct.delete(act);
  else same?.shift();
};

/** Drops what arrived a day or more before `arrival`. */
export const dropOutdated = (recent: Recent, arrival: number): void => {
  const { end, packed } = recent;
  const outdated = (position: number): boolean =>
    arrival - packed[recentSize * position + arrivalAt] >= rememberedSeconds;
  while (recent.head < end && outdated(recent.head)) dropFirst(recent);
  if (recent.ordered) return;
  const kept: Array<number> = [];
  for (let position = recent.head; position < end; position++) if (!outdated(position)) kept.push(position);
  if (kept.length === end - recent.head) return;
  const moved = new Float64Array(recentSize * kept.length);
  kept.forEach((position, i) => {
    moved.set(packed.subarray(recentSize * position, recentSize * (position + 1)), recentSize * i);
  });
  Object.assign(recent, makeRecent(moved), { owned: true });
};

/** Makes room for one more, in an array of its own. */
const makeRoom = (recent: Recent): void => {
  const { end, head, owned, packed } = recent;
  if (owned && recentSize * end < packed.length) return;
  const count = end - head;
  // Of most users one event is applied at a time.
  const moved = new Float64Array(recentSize * (owned ? 2 * count + 8 : count + 1));
  moved.set(packed.subarray(recentSize * head, recentSize * end));
  recent.packed = moved;
  recent.owned = true;
  recent.base += head;
  recent.head = 0;
  recent.end = count;
};

const isRemembered = ({ end, head, index, packed }: Recent, id: number): boolean => {
  if (index !== undefined) return index.byId.has(id);
  for (let at = recentSize * head; at < recentSize * end; at += recentSize) if (packed[at] === id) return true;
  return false;
};

/** Whether an event that counted, as `act` tells, happened within the debounce time of `time`. */
const isDebounced = (recent: Recent, act: number, time: number, debounceSeconds: number): boolean => {
  const { base, end, head, index, packed } = recent;
  if (index !== undefined) {
    return (index.byAct.get(act) ?? []).some(
      (number) => Math.abs(time - packed[recentSize * (number - base) + timeAt]) < debounceSeconds,
    );
  }
  for (let at = recentSize * head; at < recentSize * end; at += recentSize) {
    if (packed[at + actAt] === act && Math.abs(time - packed[at + timeAt]) < debounceSeconds) return true;
  }
  return false;
};

/** Whether something is remembered that was done to the item at `time` or later, of what arrived within the day before `arrival`. */
export const isActedOn = ({ end, head, packed }: Recent, itemIdx: number, time: number, arrival: number): boolean => {
  for (let at = recentSize * head; at < recentSize * end; at += recentSize) {
    if (packed[at + timeAt] < time || arrival - packed[at + arrivalAt] >= rememberedSeconds) continue;
    if (itemOfAct(packed[at + actAt]) === itemIdx) return true;
  }
  return false;
};

/** Judges the event, and remembers it as judged. */
export const remember = (
  recent: Recent,
  { arrival, id, itemIdx, time, type }: Omit<RecentEvent, "counted">,
  debounceSeconds: number,
): Verdict => {
  dropOutdated(recent, arrival);
  const count = countRemembered(recent);
  if (count > eventsUnindexed && recent.looks++ >= looksUnindexed) recent.index ??= makeIndex(recent);
  const verdict = isRemembered(recent, id)
    ? "repeated"
    : isDebounced(recent, actOf(itemIdx, type, true), time, debounceSeconds)
      ? "debounced"
      : "counted";
  makeRoom(recent);
  const { end, packed } = recent;
  const at = recentSize * end;
  if (count > 0 && arrival < packed[at - recentSize + arrivalAt]) recent.ordered = false;
  packed[at] = id;
  packed[at + arrivalAt] = arrival;
  packed[at + timeAt] = time;
  packed[at + actAt] = actOf(itemIdx, type, verdict === "counted");
  recent.end++;
  if (recent.index !== undefined) addTo(recent.index, recent, end);
  if (count === rememberedEvents) dropFirst(recent);
  return verdict;
};

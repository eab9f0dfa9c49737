/**
 * ApplyEvent: one event's effect on one user's state. Pure and decided by event time alone, so that a replay of the same
 * events in the same order gives the same state, to the bit.
 */
import { type Event, eventTypeCode, eventTypeWeights } from "../domain/Event.ts";
import { withItem } from "../domain/ItemSet.ts";
import { type Interaction, keptInteractions, keptPurchases, type Mark, type UserState } from "../domain/UserState.ts";
import type { ItemFactors, Learner } from "./Learner.ts";

export interface LearningItems extends ItemFactors {
  readonly itemIdx: Uint32Array;
  readonly rowOf: (articleId: string) => number | undefined;
}

export interface ApplyContext {
  readonly items: LearningItems;
  readonly learner: Learner;
  readonly debounceSeconds: number;
}

/**
 * applied: it counted. debounced: the same user, item and type counted within the debounce time. repeated: an event of
 * this id counted before. redelivered: this very record was applied already. The unknown ones are for the dead letters.
 */
export type Outcome = "applied" | "debounced" | "repeated" | "redelivered" | "unknown_item" | "unknown_type";

export interface Applied {
  readonly state: UserState;
  readonly outcome: Outcome;
}

/** How long, in seconds of event time, and how many ids of a user's events are remembered against a client's retry. */
export const rememberedSeconds = 86_400;
export const rememberedMarks = 256;
const historySeconds = 365 * 86_400;
const purchase = eventTypeCode("purchase");

/** Five digits of base 36. */
const digits = 36 ** 5;

/** `value` (a whole number) in base 36, by parts of 31 bits: V8 writes those ten times as fast as larger ones. */
const base36 = (value: number): string => {
  const high = Math.floor(value / digits);
  const low = (value - high * digits).toString(36);
  return high === 0 ? low : high.toString(36) + low.padStart(5, "0");
};

/** A 53-bit hash of an event id, so that a mark costs a few bytes whatever the client's ids look like (FNV-1a, two lanes). */
const hashOf = (id: string): string => {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (low >>> 13);
  }
  return base36((high >>> 0) * 0x200000 + ((low >>> 0) & 0x1fffff));
};

/** `interactions` with `added` in its place by time, cut to what is kept. */
export const keepInteraction = (
  interactions: ReadonlyArray<Interaction>,
  added: Interaction,
): ReadonlyArray<Interaction> => {
  const all = [...interactions, added];
  let at = interactions.length;
  for (; at > 0 && all[at - 1].time > added.time; at--) all[at] = all[at - 1];
  all[at] = added;
  return keepNewest(all);
};

/** Of interactions in time order: the newest of any type and the newest purchases, none older than a year before the last. */
export const keepNewest = (all: ReadonlyArray<Interaction>): ReadonlyArray<Interaction> => {
  if (all.length === 0) return all;
  const oldest = all[all.length - 1].time - historySeconds;
  if (all.length <= keptInteractions && all[0].time >= oldest) return all;
  const kept = [...all];
  let first = all.length;
  let purchases = 0;
  for (let i = all.length - 1; i >= 0 && all[i].time >= oldest; i--) {
    const bought = all[i].type === purchase;
    if (bought) purchases++;
    if (all.length - i <= keptInteractions || (bought && purchases <= keptPurchases)) kept[--first] = all[i];
  }
  return first === 0 ? kept : kept.slice(first);
};

/** `marks` with `added` behind them, without those out of date, cut to the last `rememberedMarks`. */
const keepMarks = (
  marks: ReadonlyArray<Mark>,
  added: ReadonlyArray<Mark>,
  debounceSeconds: number,
): ReadonlyArray<Mark> => {
  const all = [...marks, ...added];
  let newest = 0;
  for (let i = 0; i < all.length; i++) newest = Math.max(newest, all[i].time);
  const outdated = ({ key, time }: Mark): boolean =>
    newest - time >= (key.startsWith("i") ? debounceSeconds : rememberedSeconds);
  const kept = all.some(outdated) ? all.filter((mark) => !outdated(mark)) : all;
  return kept.length > rememberedMarks ? kept.slice(-rememberedMarks) : kept;
};

/** Applies the event at `offset` of `partition`. */
export const applyEvent = (
  state: UserState,
  event: Event,
  partition: number,
  offset: bigint,
  context: ApplyContext,
): Applied => {
  const { items, learner, debounceSeconds } = context;
  if (offset < (state.next.get(partition) ?? 0n)) return { state, outcome: "redelivered" };
  const type = eventTypeCode(event.eventType);
  if (type < 0) return { state, outcome: "unknown_type" };
  const row = items.rowOf(event.itemId);
  if (row === undefined) return { state, outcome: "unknown_item" };

  const next = new Map(state.next).set(partition, offset + 1n);
  const time = event.timestamp;
  const itemIdx = items.itemIdx[row];
  const idKey = `e:${hashOf(event.eventId)}`;
  const debounceKey = `i:${itemIdx}:${type}`;
  const idMark = { key: idKey, time };
  let debounced = false;
  for (const mark of state.marks) {
    if (mark.key === idKey) return { state: { ...state, next }, outcome: "repeated" };
    if (mark.key === debounceKey && Math.abs(time - mark.time) < debounceSeconds) debounced = true;
  }
  const bought = type === purchase ? withItem(state.bought, itemIdx) : state.bought;
  if (debounced) {
    return {
      state: { ...state, next, bought, marks: keepMarks(state.marks, [idMark], debounceSeconds) },
      outcome: "debounced",
    };
  }
  const interactions = keepInteraction(state.interactions, { itemIdx, type, time });
  return {
    outcome: "applied",
    state: {
      vector: learner.learn(state.vector, row, eventTypeWeights[type], interactions),
      interactions,
      bought,
      marks: keepMarks(state.marks, [{ key: debounceKey, time }, idMark], debounceSeconds),
      next,
    },
  };
};

/**
 * ApplyEvent: one event's effect on one user's state. Decided by the event and by when the log took it, by nothing else, so
 * that a replay of the same records in the same order gives the same state, to the bit.
 */
import type { Event } from "../domain/Event.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { followerWindow } from "../domain/Followers.ts";
import { type ItemSet, withItem, withoutItem } from "../domain/ItemSet.ts";
import { eventKey } from "../domain/RecentEvents.ts";
import { type ShownItems, withoutShown } from "../domain/ShownItems.ts";
import {
  emptyUserState,
  type Interaction,
  keptInteractions,
  keptPurchases,
  type UserState,
} from "../domain/UserState.ts";
import type { ItemFactors, Learner } from "./Learner.ts";
import { makeRecent, type Recent, recentEvents, remember } from "./Recent.ts";
import { markShown } from "./Shown.ts";

export interface LearningItems extends ItemFactors {
  readonly itemIdx: Uint32Array;
  readonly rowOf: (articleId: string) => number | undefined;
  /** Of items that have no row, those that the shop's catalogue knows. Absent: none. */
  readonly catalogued?: (itemId: string) => number | undefined;
}

/** The lasting index of the item that an event names; undefined: nobody knows it. */
export const indexOf = ({ catalogued, itemIdx, rowOf }: LearningItems, itemId: string): number | undefined => {
  const row = rowOf(itemId);
  return row === undefined ? catalogued?.(itemId) : itemIdx[row];
};

export interface ApplyContext {
  /** The model's. */
  readonly types: EventTypes;
  readonly items: LearningItems;
  readonly learner: Learner;
  readonly debounceSeconds: number;
}

/**
 * applied: something was learnt from it. noted: it bought, took back or hid, and taught nothing. shown: the item was
 * shown to the user. passed: it does nothing to a user. debounced: the same user, item and type counted within the debounce time. repeated: an event of this id counted before.
 * redelivered: this very record was applied already. forgotten: it was no event, but said that its user is to be forgotten. The
 * unknown ones are for the dead letters.
 */
export type Outcome =
  | "applied"
  | "noted"
  | "shown"
  | "passed"
  | "debounced"
  | "repeated"
  | "redelivered"
  | "forgotten"
  | "unknown_item"
  | "unknown_type";

/** A user's state while events are applied to it: a copy, changed in place. */
export interface OpenUser {
  vector: Float32Array | undefined;
  interactions: ReadonlyArray<Interaction>;
  bought: ItemSet;
  hidden: ItemSet;
  shown: ShownItems;
  readonly recent: Recent;
  readonly next: Map<number, bigint>;
  /** What the newest event that was applied followed: of `before`, by time, the first `followed`. */
  before: ReadonlyArray<Interaction>;
  followed: number;
}

export const openUser = ({ vector, interactions, bought, hidden, shown, recent, next }: UserState): OpenUser => ({
  vector,
  interactions,
  bought,
  hidden,
  shown,
  recent: makeRecent(recent),
  next: new Map(next),
  before: interactions,
  followed: 0,
});

/** Ends the use of `user`. */
export const closeUser = ({ vector, interactions, bought, hidden, shown, recent, next }: OpenUser): UserState => ({
  vector,
  interactions,
  bought,
  hidden,
  shown,
  recent: recentEvents(recent),
  next,
});

/** The user as a stranger, by the record at `offset`: of what was, only how far it was applied. Ends the use of `user`. */
export const forgetUser = ({ next }: OpenUser, slot: number, offset: bigint): OpenUser =>
  openUser({ ...emptyUserState, next: new Map(next).set(slot, offset + 1n) });

const historySeconds = 365 * 86_400;

/** How many of `interactions`, which are in time order, precede one of `time` that comes after them in the log. */
const placeOf = (interactions: ReadonlyArray<Interaction>, time: number): number => {
  let at = interactions.length;
  while (at > 0 && interactions[at - 1].time > time) at--;
  return at;
};

/** `interactions` with `added` in its place by time, cut to what is kept. */
export const keepInteraction = (
  interactions: ReadonlyArray<Interaction>,
  added: Interaction,
  types: Pick<EventTypes, "buys">,
  place = placeOf(interactions, added.time),
): ReadonlyArray<Interaction> => {
  const all = [...interactions, added];
  for (let at = interactions.length; at > place; at--) all[at] = all[at - 1];
  all[place] = added;
  return keepNewest(all, types);
};

/**
 * Of interactions in time order: the newest of any type and the newest purchases, none older than a year before the last but
 * for the very newest, by which whoever comes back after long is still known.
 */
export const keepNewest = (
  all: ReadonlyArray<Interaction>,
  { buys }: Pick<EventTypes, "buys">,
): ReadonlyArray<Interaction> => {
  if (all.length === 0) return all;
  const oldest = all[all.length - 1].time - historySeconds;
  if (all.length <= keptInteractions && (all[0].time >= oldest || all.length <= followerWindow)) return all;
  const kept = [...all];
  let first = all.length;
  let purchases = 0;
  for (let i = all.length - 1; i >= 0 && (all[i].time >= oldest || all.length - i <= followerWindow); i--) {
    const bought = buys[all[i].type];
    if (bought) purchases++;
    if (all.length - i <= keptInteractions || (bought && purchases <= keptPurchases)) kept[--first] = all[i];
  }
  return first === 0 ? kept : kept.slice(first);
};

/** Where an event stands, and when (unix seconds) the log took it. */
export interface Arrival {
  readonly offset: bigint;
  readonly appendedAt: number;
}

/** What the user's vector is after the newest of their events; an item without a row leaves nobody with zeros. */
const taught = (
  { interactions, vector }: OpenUser,
  row: number | undefined,
  weight: number,
  learner: Learner,
): Float32Array | undefined => {
  if (row !== undefined) return learner.learn(vector, row, weight, interactions);
  const aged = vector && learner.learn(vector, row, weight, interactions);
  return aged?.some((value) => value !== 0) ? aged : undefined;
};

/** What the item is to the user after an event of this type, whether it is debounced or not. */
export const markItem = (
  user: Pick<OpenUser, "bought" | "hidden" | "interactions" | "shown">,
  itemIdx: number,
  type: number,
  { buys, hides, takesBack }: EventTypes,
): void => {
  user.shown = withoutShown(user.shown, itemIdx);
  if (buys[type]) {
    user.bought = withItem(user.bought, itemIdx);
    user.hidden = withoutItem(user.hidden, itemIdx);
  } else if (hides[type]) {
    user.hidden = withItem(user.hidden, itemIdx);
  } else if (takesBack[type]) {
    user.bought = withoutItem(user.bought, itemIdx);
    user.interactions = user.interactions.filter((one) => one.itemIdx !== itemIdx || !buys[one.type]);
  }
};

/** Applies the event, which stands in `slot`, to the user. One that is redelivered, unknown or passed changes nothing. */
export const applyEvent = (
  user: OpenUser,
  event: Event,
  slot: number,
  { appendedAt, offset }: Arrival,
  context: ApplyContext,
): Outcome => {
  const { items, learner, debounceSeconds, types } = context;
  if (offset < (user.next.get(slot) ?? 0n)) return "redelivered";
  const type = types.codeOf(event.eventType);
  if (type < 0) return "unknown_type";
  if (types.isIdle[type] && !types.shows[type]) return "passed";
  const itemIdx = indexOf(items, event.itemId);
  if (itemIdx === undefined) return types.shows[type] ? "passed" : "unknown_item";

  user.next.set(slot, offset + 1n);
  if (types.shows[type]) {
    const impression = { id: eventKey(event.eventId), arrival: appendedAt, time: event.timestamp, itemIdx };
    const shown = markShown(user.shown, user.recent, impression);
    user.shown = shown ?? user.shown;
    return shown === undefined ? "repeated" : "shown";
  }
  const time = event.timestamp;
  const recent = { id: eventKey(event.eventId), arrival: appendedAt, time, itemIdx, type };
  const verdict = remember(user.recent, recent, debounceSeconds);
  if (verdict === "repeated") return verdict;
  markItem(user, itemIdx, type, types);
  if (verdict === "debounced") return verdict;
  if (types.weights[type] === 0) return "noted";
  user.before = user.interactions;
  user.followed = placeOf(user.before, time);
  user.interactions = keepInteraction(user.before, { itemIdx, type, time }, types, user.followed);
  user.vector = taught(user, items.rowOf(event.itemId), types.weights[type], learner);
  return "applied";
};

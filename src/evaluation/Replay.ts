/**
 * Replay: the test part event by event, as the shop would live it. Before each event every contestant ranks all that the shop
 * lists for that user, without what the user has seen; the rank of the event's item is noted; then all learn from it. Events
 * of one time come in the order they were read: where the data tells days alone, a basket's items follow one another.
 *
 * Shoppers who are not scored cost no ranking: their events count for popularity and followers alone.
 */
import { Effect } from "effect";
import type { Task } from "../ports/Progress.ts";
import type { Ask } from "./Ask.ts";
import type { Contestant } from "./Contestant.ts";
import { makeLiveShop, type Shop } from "./LiveShop.ts";
import type { Measured } from "./Measured.ts";
import { makeNewItemEvents, type NewItemEvents } from "./NewItemEvents.ts";
import { remember, type Shopper, shoppersBefore } from "./Shoppers.ts";
import { inSlices, sliceOf } from "./Slices.ts";

/** What every contestant came to, event by event: columns of equal length, an entry per scored event. */
export interface Replayed {
  readonly events: number;
  /** The shopper, numbered from 0 in order of their first scored events. */
  readonly shopperOf: Uint32Array;
  readonly shoppers: number;
  /** Unix seconds, ascending. */
  readonly time: Float64Array;
  /** 1: the shopper has no train interaction. */
  readonly isNew: Uint8Array;
  /** By contestant: the rank of the event's item; Infinity beyond the longest list. */
  readonly ranks: ReadonlyArray<Float32Array>;
  readonly newItems: NewItemEvents;
  /** New items that can be found. */
  readonly placedItems: number;
  /** Events of scored shoppers that are left out. */
  readonly unknownItems: number;
  /** Of items that the shop's items file no longer lists. */
  readonly goneItems: number;
  readonly alreadySeen: number;
  /** Of split `sessions`: each session's first, before which nothing is known. */
  readonly firstEvents: number;
  /** Of the fading popularity. */
  readonly halfLifeSeconds: number;
}

const nothing: ReadonlySet<number> = new Set();

/** `most`: the longest list that is looked at. Advances `task` by one per test event. The split's parts are not empty. */
export const replay = (
  input: Measured,
  contestantsOf: (shop: Shop) => ReadonlyArray<Contestant>,
  most: number,
  task: Task,
): Effect.Effect<Replayed> =>
  Effect.gen(function* () {
    const { log, split, set, factors, parameters, users } = input;
    const shop = makeLiveShop(input, most);
    const contestants = contestantsOf(shop);
    const learnt = [...new Set(contestants.flatMap(({ vectors = [] }) => vectors))];
    const shoppers = shoppersBefore(input);
    const allowed = set.available.slice();

    const size = split.test.reduce((events, at) => events + (users.has(log.user[at]) ? 1 : 0), 0);
    const ranks = contestants.map(() => new Float32Array(size));
    const time = new Float64Array(size);
    const shopperOf = new Uint32Array(size);
    const isNew = new Uint8Array(size);
    const numbers = new Map<number, number>();
    const fresh = makeNewItemEvents(input, contestants, most);
    const left = { goneItems: 0, alreadySeen: 0, firstEvents: 0 };
    let events = 0;

    const score = (user: number, row: number, { interactions, seen }: Shopper, at: number): void => {
      const hidden = parameters.repeats ? nothing : seen;
      for (const other of hidden) allowed[other] = 0;
      const ask: Ask = { user, interactions, row, allowed, most };
      for (let c = 0; c < contestants.length; c++) ranks[c][events] = contestants[c].rank(ask);
      for (const other of hidden) allowed[other] = set.available[other];
      const number = numbers.get(user) ?? numbers.size;
      numbers.set(user, number);
      shopperOf[events] = number;
      isNew[events] = set.userCounts[user] === 0 ? 1 : 0;
      time[events++] = at;
    };

    const learn = (shopper: Shopper, user: number, row: number, type: number, at: number): void => {
      shopper.seen.add(row);
      if (!remember(shopper, { itemIdx: row, type, time: at }, parameters.debounceSeconds, set.types)) return;
      shop.count(shopper.interactions);
      shop.observe(user, row, type, at);
      if (!users.has(user)) return;
      for (const vectors of learnt) vectors.learn(user, row, set.types.weights[type], shopper.interactions);
    };

    const live = (position: number, turn: number): void => {
      const user = log.user[position];
      const row = set.rowOf[log.item[position]];
      const at = log.time[position];
      const shopper = shoppers.get(user);
      if (shopper === undefined) return;
      if (row < 0) {
        if (users.has(user)) fresh.ask(user, log.item[position], shopper.interactions);
        return;
      }
      shop.await(turn, at);
      if (users.has(user)) {
        if (set.available[row] === 0) left.goneItems++;
        else if (shopper.seen.has(row) && !parameters.repeats) left.alreadySeen++;
        else if (parameters.split === "sessions" && shopper.interactions.length === 0) left.firstEvents++;
        else score(user, row, shopper, at);
      }
      learn(shopper, user, row, log.type[position], at);
    };

    const cost = Math.ceil((size / split.test.length) * contestants.length * factors.itemFactors.length);
    yield* inSlices(split.test.length, sliceOf(cost), task, (from, to) => {
      for (let i = from; i < to; i++) live(split.test[i], i);
    });
    return {
      events,
      shopperOf: shopperOf.subarray(0, events),
      shoppers: numbers.size,
      time: time.subarray(0, events),
      isNew: isNew.subarray(0, events),
      ranks: ranks.map((one) => one.subarray(0, events)),
      unknownItems: fresh.all(),
      newItems: fresh.found(),
      placedItems: fresh.all() === 0 ? 0 : shop.newItems().placed,
      ...left,
      halfLifeSeconds: shop.popularity.halfLife,
    };
  });

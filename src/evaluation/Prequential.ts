/**
 * Prequential: the test part streamed event by event, as the shop would live it. Before each event every contestant
 * ranks all that the shop lists for that user, without what the user has seen; the rank of the event's item is noted, by
 * inner product and by cosine; then all learn from it. Events of one time come in the order they were read: where the data tells days alone, a basket's
 * items follow one another.
 *
 * Dawid, "Statistical Theory: The Prequential Approach", 1984; for recommenders: Vinagre, Jorge, Gama, "Evaluation of
 * Recommender Systems in Streaming Environments", 2015.
 */
import { Effect } from "effect";
import { eventTypeWeights } from "../domain/Event.ts";
import type { Interaction } from "../domain/UserState.ts";
import { makeScan } from "../kernels/TopK.ts";
import { unitRows } from "../kernels/UnitRows.ts";
import { keepInteraction, keepNewest } from "../learning/ApplyEvent.ts";
import type { Task } from "../ports/Progress.ts";
import { makeContestants } from "./Contestant.ts";
import type { Measured } from "./Measured.ts";
import { hit, ndcgOfOne } from "./Metrics.ts";
import { makePopularity, type Popularity, rankByCount, windowSeconds } from "./Popularity.ts";
import type { PrequentialReport } from "./Report.ts";
import { inSlices, sliceOf } from "./Slices.ts";

const windows = 24;
const nothing: ReadonlySet<number> = new Set();

interface Shopper {
  readonly seen: Set<number>;
  interactions: ReadonlyArray<Interaction>;
  /** (item row, type) to the time of the interaction that last counted. */
  readonly counted: Map<number, number>;
}

/** As the train part leaves it. */
const popularityBefore = ({ log, split, set, parameters }: Measured): Popularity => {
  const window = windowSeconds(parameters.popularDays);
  const popularity = makePopularity(set.items, window);
  const start = log.time[split.test[0]];
  for (const at of split.train) {
    if (start - log.time[at] < window) popularity.observe(log.user[at], set.rowOf[log.item[at]], log.time[at]);
  }
  return popularity;
};

/** The scored users as the train part leaves them. */
const shoppersBefore = ({ log, split, set, users }: Measured): ReadonlyMap<number, Shopper> => {
  const histories = new Map<number, Array<Interaction>>();
  for (const user of users) histories.set(user, []);
  for (const at of split.train) {
    const itemIdx = set.rowOf[log.item[at]];
    histories.get(log.user[at])?.push({ itemIdx, type: log.type[at], time: log.time[at] });
  }
  const shoppers = new Map<number, Shopper>();
  for (const [user, history] of histories) {
    const seen = new Set(set.itemIdx.subarray(set.pointers[user], set.pointers[user + 1]));
    shoppers.set(user, { seen, interactions: keepNewest(history), counted: new Map() });
  }
  return shoppers;
};

/** At most `windows` stretches [from, to) over `events`, equal to within one event, none empty. */
const stretchesOf = (events: number): ReadonlyArray<readonly [from: number, to: number]> => {
  const count = Math.min(windows, events);
  const start = (window: number): number => Math.floor((window * events) / count);
  return Array.from({ length: count }, (_, window) => [start(window), start(window + 1)]);
};

/** Advances `task` by one per test event. The split's parts are not empty. */
export const prequential = (input: Measured, task: Task): Effect.Effect<PrequentialReport> =>
  Effect.gen(function* () {
    const { log, split, set, factors, parameters } = input;
    const cutoffs = [...new Set([parameters.k, 20])].sort((a, b) => a - b);
    const widest = cutoffs[cutoffs.length - 1];
    const popularity = popularityBefore(input);
    const shoppers = shoppersBefore(input);
    const contestants = makeContestants(set, factors, parameters);
    const { rank, itemFactors } = factors;
    const scans = [itemFactors, unitRows(itemFactors, rank)].map((vectors) =>
      makeScan({ vectors, rows: set.items, rank }),
    );
    const allowed = set.available.slice();
    /** Per contestant and scan, the rank of each scored event's item; Infinity beyond the widest cutoff. */
    const ranks = contestants.map(() => scans.map(() => new Float64Array(split.test.length)));
    const times = new Float64Array(split.test.length);
    const active = new Set<number>();
    const counts = { events: 0, unknownItems: 0, goneItems: 0, alreadySeen: 0, newUserEvents: 0 };

    const score = (user: number, row: number, seen: ReadonlySet<number>): void => {
      for (const other of seen) allowed[other] = 0;
      for (let c = 0; c < contestants.length; c++) {
        const query = contestants[c].query(user);
        scans.forEach((scan, s) => {
          ranks[c][s][counts.events] =
            query === undefined
              ? rankByCount(popularity.counts, row, allowed)
              : scan.search(query, widest, allowed).rows.indexOf(row) + 1 || Number.POSITIVE_INFINITY;
        });
      }
      for (const other of seen) allowed[other] = set.available[other];
    };

    const learn = (shopper: Shopper, user: number, row: number, type: number, time: number): void => {
      const key = row * eventTypeWeights.length + type;
      const last = shopper.counted.get(key) ?? Number.NEGATIVE_INFINITY;
      if (time - last < parameters.debounceSeconds) return;
      shopper.counted.set(key, time);
      shopper.interactions = keepInteraction(shopper.interactions, { itemIdx: row, type, time });
      for (const contestant of contestants) {
        contestant.learn(user, row, eventTypeWeights[type], shopper.interactions);
      }
    };

    const live = (at: number): void => {
      const user = log.user[at];
      const row = set.rowOf[log.item[at]];
      const time = log.time[at];
      const shopper = shoppers.get(user);
      if (row < 0) {
        if (shopper !== undefined) counts.unknownItems++;
        return;
      }
      popularity.advance(time);
      if (shopper !== undefined) {
        if (set.available[row] === 0) counts.goneItems++;
        else if (shopper.seen.has(row) && !parameters.repeats) counts.alreadySeen++;
        else {
          score(user, row, parameters.repeats ? nothing : shopper.seen);
          times[counts.events++] = time;
          active.add(user);
          if (set.userCounts[user] === 0) counts.newUserEvents++;
        }
        learn(shopper, user, row, log.type[at], time);
        shopper.seen.add(row);
      }
      popularity.observe(user, row, time);
    };

    yield* inSlices(split.test.length, sliceOf(6 * itemFactors.length), task, (from, to) => {
      for (let i = from; i < to; i++) live(split.test[i]);
    });

    const mean = (of: Float64Array, value: (rank: number) => number, from = 0, to = counts.events): number => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += value(of[i]);
      return to > from ? sum / (to - from) : 0;
    };
    const accuracy = (of: Float64Array) => ({
      hit: cutoffs.map((k) => mean(of, (rank) => hit(rank, k))),
      ndcg: cutoffs.map((k) => mean(of, (rank) => ndcgOfOne(rank, k))),
    });
    const stretches = stretchesOf(counts.events);
    return {
      cutoffs,
      ...counts,
      users: active.size,
      windows: stretches.map(([from, to]) => ({ from: times[from], events: to - from })),
      learners: contestants.map(({ name, vectors }, c) => {
        const [dot, cosine] = ranks[c];
        return {
          name,
          ...accuracy(dot),
          cosine: vectors ? accuracy(cosine) : null,
          curve: stretches.map(([from, to]) => mean(dot, (rank) => hit(rank, widest), from, to)),
        };
      }),
    };
  });

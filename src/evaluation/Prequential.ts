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
import { makeScan } from "../kernels/TopK.ts";
import { unitRows } from "../kernels/UnitRows.ts";
import { candidates, followersOf } from "../learning/BlendScore.ts";
import type { Task } from "../ports/Progress.ts";
import { clusteredMean } from "./Clustered.ts";
import { type Ask, makeContestants } from "./Contestant.ts";
import { type FadingPopularity, halfLifeOf, makeFadingPopularity } from "./FadingPopularity.ts";
import { countOn } from "./FollowerCounts.ts";
import type { Measured } from "./Measured.ts";
import { hit, ndcgOfOne, reciprocal } from "./Metrics.ts";
import { makePopularity, type Popularity, windowSeconds } from "./Popularity.ts";
import type { PrequentialReport } from "./Report.ts";
import { remember, type Shopper, shoppersBefore } from "./Shoppers.ts";
import { inSlices, sliceOf } from "./Slices.ts";

const windows = 24;
const nothing: ReadonlySet<number> = new Set();
/** Events between two looks at what trends. */
const trendEvents = 64;

/** Both as the train part leaves them. */
const popularityBefore = ({
  log,
  split,
  set,
  parameters,
}: Measured): { readonly recent: Popularity; readonly fading: FadingPopularity } => {
  const window = windowSeconds(parameters.popularDays);
  const recent = makePopularity(set.items, window);
  const fading = makeFadingPopularity(set.items, halfLifeOf(split.train.map((at) => log.time[at])));
  const start = log.time[split.test[0]];
  for (const at of split.train) {
    const row = set.rowOf[log.item[at]];
    fading.observe(row, log.time[at]);
    if (start - log.time[at] < window) recent.observe(log.user[at], row, log.time[at]);
  }
  return { recent, fading };
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
    const { log, split, set, factors, parameters, users } = input;
    const { rank, itemFactors } = factors;
    const cutoffs = [...new Set([parameters.k, 20])].sort((a, b) => a - b);
    const widest = cutoffs[cutoffs.length - 1];
    const { recent, fading } = popularityBefore(input);
    const shoppers = shoppersBefore(input);
    const trained = followersOf(input.followers);
    const { count, followersOf: counted } = countOn(trained);
    let trending = fading.best(candidates.trending);
    const contestants = makeContestants({
      set,
      factors,
      parameters,
      scan: makeScan({ vectors: itemFactors, rows: set.items, rank }),
      unitScan: makeScan({ vectors: unitRows(itemFactors, rank), rows: set.items, rank }),
      recent: recent.counts,
      popularity: fading,
      trained,
      counted,
      trending: () => trending,
    });
    const allowed = set.available.slice();
    /** Per contestant, by the score and by cosine: the rank of each scored event's item; Infinity beyond the widest cutoff. */
    const ranks = contestants.map(({ rankByCosine }) =>
      Array.from({ length: rankByCosine === undefined ? 1 : 2 }, () => new Float64Array(split.test.length)),
    );
    const times = new Float64Array(split.test.length);
    /** By scored event, its user's number among those scored. */
    const shopperOf = new Uint32Array(split.test.length);
    const numbers = new Map<number, number>();
    const counts = { events: 0, unknownItems: 0, goneItems: 0, alreadySeen: 0, firstEvents: 0, newUserEvents: 0 };

    const score = (user: number, row: number, { interactions, seen }: Shopper, time: number): void => {
      const left = parameters.repeats ? nothing : seen;
      for (const other of left) allowed[other] = 0;
      const ask: Ask = { user, interactions, row, allowed, most: widest };
      contestants.forEach((contestant, c) => {
        ranks[c][0][counts.events] = contestant.rank(ask);
        if (contestant.rankByCosine !== undefined) ranks[c][1][counts.events] = contestant.rankByCosine(ask);
      });
      for (const other of left) allowed[other] = set.available[other];
      const number = numbers.get(user) ?? numbers.size;
      numbers.set(user, number);
      shopperOf[counts.events] = number;
      times[counts.events++] = time;
      if (set.userCounts[user] === 0) counts.newUserEvents++;
    };

    const learn = (shopper: Shopper, user: number, row: number, type: number, time: number): void => {
      shopper.seen.add(row);
      if (!remember(shopper, { itemIdx: row, type, time }, parameters.debounceSeconds)) return;
      count(shopper.interactions);
      if (!users.has(user)) return;
      for (const contestant of contestants) {
        contestant.learn(user, row, eventTypeWeights[type], shopper.interactions);
      }
    };

    const live = (at: number, turn: number): void => {
      const user = log.user[at];
      const row = set.rowOf[log.item[at]];
      const time = log.time[at];
      const shopper = shoppers.get(user);
      if (row < 0 || shopper === undefined) {
        if (users.has(user)) counts.unknownItems++;
        return;
      }
      recent.advance(time);
      if (turn % trendEvents === 0) trending = fading.best(candidates.trending);
      if (users.has(user)) {
        if (set.available[row] === 0) counts.goneItems++;
        else if (shopper.seen.has(row) && !parameters.repeats) counts.alreadySeen++;
        else if (parameters.split === "sessions" && shopper.interactions.length === 0) counts.firstEvents++;
        else score(user, row, shopper, time);
      }
      learn(shopper, user, row, log.type[at], time);
      recent.observe(user, row, time);
      fading.observe(row, time);
    };

    yield* inSlices(split.test.length, sliceOf(6 * itemFactors.length), task, (from, to) => {
      for (let i = from; i < to; i++) live(split.test[i], i);
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
    const clustered = (value: (event: number) => number) =>
      clusteredMean(counts.events, shopperOf, numbers.size, value);
    const configured = contestants.findIndex(({ setting }) => setting === parameters.learner);
    const stretches = stretchesOf(counts.events);
    return {
      cutoffs,
      ...counts,
      users: numbers.size,
      halfLifeSeconds: fading.halfLife,
      windows: stretches.map(([from, to]) => ({ from: times[from], events: to - from })),
      learners: contestants.map(({ name, setting }, c) => {
        const [own, cosine] = ranks[c];
        const ndcg = (event: number): number => ndcgOfOne(own[event], widest);
        return {
          name,
          setting: setting ?? null,
          ...accuracy(own),
          mrr: mean(own, (rank) => reciprocal(rank, widest)),
          hitMargin: clustered((event) => hit(own[event], widest)).margin,
          ndcgMargin: clustered(ndcg).margin,
          gain: clustered((event) => ndcg(event) - ndcgOfOne(ranks[configured][0][event], widest)),
          cosine: cosine === undefined ? null : accuracy(cosine),
          curve: stretches.map(([from, to]) => mean(own, (rank) => hit(rank, widest), from, to)),
        };
      }),
    };
  });

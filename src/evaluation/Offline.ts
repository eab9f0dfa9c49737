/**
 * Offline: what each ranker, trained on the train part, finds of the test part, ranking the whole catalogue.
 *
 * As in serving, items that a user has had to do with are left out of the lists, and of what is to be found (unless
 * `repeats`), and so are items that the shop no longer lists. Items without a train interaction cannot be ranked. All of
 * these are yet to be found for `competitionMap`, which counts as the H&M competition does.
 */
import { Effect } from "effect";
import type { Task } from "../ports/Progress.ts";
import { quantile } from "./Clustered.ts";
import type { Measured } from "./Measured.ts";
import { averagePrecision, hitRanks, ndcg, recall, selfInformation } from "./Metrics.ts";
import { alsRanker, blendRankers, popularityRanker, type Ranker, randomRanker, strangersRanker } from "./Ranker.ts";
import type { Estimate, OfflineReport, Quality, RankerReport } from "./Report.ts";
import { inSlices, sliceOf } from "./Slices.ts";
import type { TrainingSet } from "./TrainingSet.ts";

/** By how many train interactions a user has. */
export const activityBands = [
  { band: "new", from: 0, to: 0 },
  { band: "1–5", from: 1, to: 5 },
  { band: "6–20", from: 6, to: 20 },
  { band: "21+", from: 21, to: Number.POSITIVE_INFINITY },
] as const;

const bandOf = (count: number): number => activityBands.findIndex(({ to }) => count <= to);

interface Mean {
  readonly add: (value: number) => void;
  readonly count: () => number;
  readonly estimate: () => Estimate;
}

const makeMean = (): Mean => {
  let count = 0;
  let sum = 0;
  let squares = 0;
  return {
    add: (value) => {
      count++;
      sum += value;
      squares += value * value;
    },
    count: () => count,
    estimate: () => {
      if (count === 0) return { mean: 0, margin: 0 };
      const mean = sum / count;
      const variance = count > 1 ? Math.max(0, squares - count * mean * mean) / (count - 1) : 0;
      return { mean, margin: count > 1 ? quantile(count - 1) * Math.sqrt(variance / count) : 1 };
    },
  };
};

const makeQuality = () => {
  const [recalls, maps, ndcgs] = [makeMean(), makeMean(), makeMean()];
  return {
    add: (hits: ReadonlyArray<number>, relevant: number, k: number): void => {
      recalls.add(recall(hits, relevant));
      maps.add(averagePrecision(hits, relevant, k));
      ndcgs.add(ndcg(hits, relevant, k));
    },
    quality: (): Quality => ({
      users: recalls.count(),
      recall: recalls.estimate(),
      map: maps.estimate(),
      ndcg: ndcgs.estimate(),
    }),
  };
};

const countOnes = (mask: Uint8Array): number => mask.reduce((sum, one) => sum + one, 0);

/** One ranker's sums. */
const makeTally = (ranker: Ranker, { available, items }: TrainingSet, bits: Float64Array) => {
  const all = makeQuality();
  const bands = activityBands.map(makeQuality);
  const competition = makeMean();
  const recommended = new Uint8Array(items);
  let listed = 0;
  let information = 0;
  return {
    ranker,
    competition,
    add: (list: ArrayLike<number>, relevant: ReadonlySet<number>, band: number, k: number): void => {
      const hits = hitRanks(list, relevant);
      all.add(hits, relevant.size, k);
      bands[band].add(hits, relevant.size, k);
      listed += list.length;
      for (let i = 0; i < list.length; i++) {
        recommended[list[i]] = 1;
        information += bits[list[i]];
      }
    },
    report: (): RankerReport => ({
      name: ranker.name,
      ...all.quality(),
      competitionMap: competition.estimate(),
      coverage: countOnes(recommended) / Math.max(countOnes(available), 1),
      novelty: listed === 0 ? 0 : information / listed,
      bands: activityBands.map(({ band }, b) => ({ band, ...bands[b].quality() })),
    }),
  };
};

/** What each scored user did in the test part, as items of the log. */
const wantedItems = ({ log, split, users }: Measured): ReadonlyMap<number, ReadonlySet<number>> => {
  const wanted = new Map<number, Set<number>>();
  for (const at of split.test) {
    const user = log.user[at];
    if (!users.has(user)) continue;
    const items = wanted.get(user);
    if (items === undefined) wanted.set(user, new Set([log.item[at]]));
    else items.add(log.item[at]);
  }
  return wanted;
};

/** Advances `task` by one per user. */
export const offline = (input: Measured, task: Task): Effect.Effect<OfflineReport> =>
  Effect.gen(function* () {
    const { log, split, set, factors, parameters } = input;
    const { k, repeats, seed } = parameters;
    const popular = popularityRanker(log, split, set, parameters.popularDays);
    const bits = selfInformation(set.itemCounts);
    const strangers = strangersRanker(input);
    const tallies = [
      alsRanker(set, factors, strangers),
      ...blendRankers(input, strangers),
      popular,
      randomRanker(set.items, seed),
    ].map((ranker) => makeTally(ranker, set, bits));
    const { available } = set;
    const allowed = available.slice();
    const users = [...wantedItems(input)];
    let pairs = 0;
    let unknownItems = 0;
    let goneItems = 0;
    let alreadySeen = 0;
    let scored = 0;

    const score = (user: number, items: ReadonlySet<number>): void => {
      const seen = repeats ? [] : set.itemIdx.subarray(set.pointers[user], set.pointers[user + 1]);
      for (const row of seen) allowed[row] = 0;
      const known = new Set<number>();
      const relevant = new Set<number>();
      for (const item of items) {
        const row = set.rowOf[item];
        if (row < 0) unknownItems++;
        else {
          known.add(row);
          if (available[row] === 0) goneItems++;
          else if (allowed[row] === 0) alreadySeen++;
          else relevant.add(row);
        }
      }
      if (relevant.size > 0) {
        scored++;
        pairs += relevant.size;
        const band = bandOf(set.userCounts[user]);
        for (const tally of tallies) tally.add(tally.ranker.recommend(user, k, allowed), relevant, band, k);
      }
      for (const tally of tallies) {
        const hits = hitRanks(tally.ranker.recommend(user, k, available), known);
        tally.competition.add(averagePrecision(hits, items.size, k));
      }
      for (const row of seen) allowed[row] = available[row];
    };

    yield* inSlices(users.length, sliceOf(2 * factors.itemFactors.length), task, (from, to) => {
      for (let i = from; i < to; i++) score(users[i][0], users[i][1]);
    });
    return {
      users: scored,
      relevant: pairs,
      unknownItems,
      goneItems,
      alreadySeen,
      rankers: tallies.map((tally) => tally.report()),
    };
  });

import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import fc from "fast-check";
import { halfLifeOfTimes } from "../../src/evaluation/FadingPopularity.ts";
import { countFollowers } from "../../src/evaluation/FollowerCounts.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { offline } from "../../src/evaluation/Offline.ts";
import { prequential } from "../../src/evaluation/Prequential.ts";
import { splitByFraction } from "../../src/evaluation/Split.ts";
import { makeTrainingSet, type TrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { makeLogBuilder } from "./LogBuilder.ts";
import { parameters } from "./Shop.ts";

const rank = 8;
const silent = { advance: () => {}, note: () => {} };
const purchases = fc.array(fc.record({ user: fc.nat(5), item: fc.nat(39), wait: fc.nat(900) }), {
  minLength: 5,
  maxLength: 80,
});

/** Every seventh item is gone from the shop. */
const listed = new Set(Array.from({ length: 40 }, (_, item) => item).flatMap((i) => (i % 7 === 3 ? [] : [`i${i}`])));

/**
 * A random log, split in the middle, with random factors: small whole numbers, whose sums are exact and often tie, or
 * fractions, whose cosines hardly ever do.
 */
const makeCase = (
  script: ReadonlyArray<{ user: number; item: number; wait: number }>,
  seed: number,
  kind: "whole" | "fractions" = "whole",
) => {
  const builder = makeLogBuilder();
  let time = 0;
  for (const { user, item, wait } of script) {
    time += wait;
    builder.add(`u${user}`, `i${item}`, 2, 1, time);
  }
  const log = builder.finish(listed);
  const split = splitByFraction(log, 0.5);
  const set = makeTrainingSet(log, split.train);
  const random = makeRandom(seed, "test.factors");
  const draw = kind === "whole" ? () => random.below(5) - 2 : () => random.uniform() - 0.5;
  const matrix = (rows: number): Float32Array => Float32Array.from({ length: rows * rank }, draw);
  const factors = { rank, userFactors: matrix(set.users), itemFactors: matrix(set.items) };
  const users = new Set(Array.from(split.test, (at) => log.user[at]));
  const followers = countFollowers(log, split.train, set);
  return { log, split, set, factors, followers, users, parameters: { ...parameters, k: 3, popularDays: 0 } };
};
type Case = ReturnType<typeof makeCase>;

const scoresOf = ({ set, factors }: Case, user: number): ReadonlyArray<number> =>
  Array.from({ length: set.items }, (_, row) => {
    let sum = 0;
    for (let f = 0; f < rank; f++) sum += factors.userFactors[user * rank + f] * factors.itemFactors[row * rank + f];
    return sum;
  });

/** Distinct users per catalogue row among the first `until` interactions. */
const popularityOf = (log: InteractionLog, set: TrainingSet, until: number): ReadonlyArray<number> => {
  const buyers = Array.from({ length: set.items }, () => new Set<number>());
  for (let at = 0; at < until; at++) buyers[set.rowOf[log.item[at]]]?.add(log.user[at]);
  return buyers.map((users) => users.size);
};

/** Σ 2^(time in half-lives) per catalogue row, over the first `until` interactions. */
const fadingOf = ({ log, set, split }: Case, until: number): ReadonlyArray<number> => {
  const halfLife = halfLifeOfTimes(split.train.map((at) => log.time[at]));
  const scores = new Array<number>(set.items).fill(0);
  for (let at = 0; at < until; at++) {
    const row = set.rowOf[log.item[at]];
    if (row >= 0) scores[row] += 2 ** ((log.time[at] - log.time[0]) / halfLife);
  }
  return scores;
};

const ranked = (scores: ReadonlyArray<number>, seen: ReadonlySet<number>): ReadonlyArray<number> =>
  scores
    .map((_, row) => row)
    .filter((row) => !seen.has(row))
    .sort((a, b) => scores[b] - scores[a] || a - b);

const goneRows = ({ log, set }: Case): ReadonlyArray<number> =>
  [...set.itemOf.keys()].filter((row) => !listed.has(log.itemIds[set.itemOf[row]]));

/** What is not ranked for a user: what is gone from the shop, and what they had to do with before `until`. */
const leftOut = (given: Case, user: number, until: number): ReadonlySet<number> => {
  const { log, set } = given;
  const seen = Array.from({ length: until }, (_, at) => at).filter((at) => log.user[at] === user);
  return new Set([...goneRows(given), ...seen.map((at) => set.rowOf[log.item[at]])]);
};

const mean = (values: ReadonlyArray<number>): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

describe("prequential", () => {
  it("equals ranking everything by sorting, event by event, for popularity and the frozen model", () =>
    fc.assert(
      fc.asyncProperty(purchases, fc.nat(1000), async (script, seed) => {
        const given = makeCase(script, seed);
        const { log, split, set } = given;
        const ranks = { popularity: [] as Array<number>, fading: [] as Array<number>, frozen: [] as Array<number> };
        for (const at of split.test) {
          const [user, row] = [log.user[at], set.rowOf[log.item[at]]];
          const seen = leftOut(given, user, at);
          if (row < 0 || seen.has(row)) continue;
          const fading = ranked(fadingOf(given, at), seen).indexOf(row) + 1;
          ranks.popularity.push(ranked(popularityOf(log, set, at), seen).indexOf(row) + 1);
          ranks.fading.push(fading);
          ranks.frozen.push(set.userCounts[user] === 0 ? fading : ranked(scoresOf(given, user), seen).indexOf(row) + 1);
        }
        const found = await Effect.runPromise(prequential(given, silent));
        const gone = new Set(goneRows(given));
        expect(found.goneItems).toBe(split.test.filter((at) => gone.has(set.rowOf[log.item[at]])).length);
        expect(found.events).toBe(ranks.popularity.length);
        expect(found.cutoffs).toEqual([3, 20]);
        for (const [learner, expected] of [
          [found.learners[0], ranks.popularity],
          [found.learners[1], ranks.fading],
          [found.learners[2], ranks.frozen],
        ] as const) {
          for (const [c, k] of found.cutoffs.entries()) {
            const gains = expected.map((place) => (place <= k ? 1 / Math.log2(1 + place) : 0));
            expect(learner.hit[c]).toBeCloseTo(mean(gains.map((gain) => (gain > 0 ? 1 : 0))), 10);
            expect(learner.ndcg[c]).toBeCloseTo(mean(gains), 10);
          }
        }
      }),
    ));
});

describe("prequential, the blend", () => {
  it("equals the formula over the whole catalogue, by counts of followers as they stand at each event", () =>
    fc.assert(
      fc.asyncProperty(purchases, fc.nat(1000), async (script, seed) => {
        const made = makeCase(script, seed, "fractions");
        const given = { ...made, parameters: { ...made.parameters, debounceSeconds: 0 } };
        const { log, split, set, factors } = given;
        const unit = (row: number): ReadonlyArray<number> => {
          const vector = [...factors.itemFactors.subarray(row * rank, (row + 1) * rank)];
          return vector.map((value) => value / Math.hypot(...vector));
        };
        const hits = { blend: [] as Array<number>, frozen: [] as Array<number> };
        for (const at of split.test) {
          const [user, row] = [log.user[at], set.rowOf[log.item[at]]];
          const seen = leftOut(given, user, at);
          if (row < 0 || seen.has(row)) continue;
          const fading = fadingOf(given, at);
          const total = fading.reduce((sum, score) => sum + score, 0);
          /** The known items of `of`, newest first, among the first `until` interactions. */
          const history = (of: number, until: number): ReadonlyArray<number> =>
            Array.from({ length: until }, (_, i) => i)
              .filter((i) => log.user[i] === of && set.rowOf[log.item[i]] >= 0)
              .map((i) => set.rowOf[log.item[i]])
              .toReversed();
          const probabilities = (until: number) => {
            const counts = Array.from({ length: set.items }, () => new Array<number>(set.items).fill(0));
            for (let i = 0; i < until; i++) {
              const after = set.rowOf[log.item[i]];
              if (after < 0) continue;
              for (const [lag, before] of history(log.user[i], i).slice(0, 20).entries()) {
                counts[before][after] += 0.8 ** lag;
              }
            }
            return counts.map((row) => row.map((count) => count / (10 + row.reduce((sum, one) => sum + one, 0))));
          };
          const mine = history(user, at).slice(0, 20);
          const scores = (until: number, taste: number, popularity: number): ReadonlyArray<number> => {
            const follow = probabilities(until);
            return fading.map((score, j) =>
              mine.reduce((sum, h, age) => {
                const cosine = unit(j).reduce((all, value, f) => all + value * unit(h)[f], 0);
                const trend = popularity * Math.sqrt(score / total);
                return sum + 0.8 ** age * (Math.sqrt(follow[h][j]) + taste * cosine + trend);
              }, 0),
            );
          };
          const place = (of: ReadonlyArray<number>): number =>
            ranked(mine.length === 0 ? fading : of, seen).indexOf(row);
          hits.blend.push(place(scores(at, 0.2, 0.3)) < 3 ? 1 : 0);
          hits.frozen.push(place(scores(split.train.length, 0.2, 0.3)) < 3 ? 1 : 0);
        }
        const { learners } = await Effect.runPromise(prequential(given, silent));
        const found = (name: string) => learners.find((learner) => learner.name === name)?.hit[0];
        expect(found("blend")).toBeCloseTo(mean(hits.blend), 10);
        expect(found("blend, frozen")).toBeCloseTo(mean(hits.frozen), 10);
      }),
      { numRuns: 60 },
    ));
});

describe("prequential, by cosine", () => {
  it("equals sorting by cosine for the frozen model, and is nothing for popularity", () =>
    fc.assert(
      fc.asyncProperty(purchases, fc.nat(1000), async (script, seed) => {
        const given = makeCase(script, seed, "fractions");
        const { log, split, set, factors } = given;
        const hits: Array<number> = [];
        for (const at of split.test) {
          const [user, row] = [log.user[at], set.rowOf[log.item[at]]];
          const seen = leftOut(given, user, at);
          if (row < 0 || seen.has(row)) continue;
          const cosines = scoresOf(given, user).map(
            (score, item) => score / Math.hypot(...factors.itemFactors.subarray(item * rank, (item + 1) * rank)),
          );
          const order = ranked(set.userCounts[user] === 0 ? fadingOf(given, at) : cosines, seen);
          hits.push(order.indexOf(row) < 3 ? 1 : 0);
        }
        const [popularity, , frozen] = (await Effect.runPromise(prequential(given, silent))).learners;
        expect(popularity.cosine).toBeNull();
        expect(frozen.cosine?.hit[0]).toBeCloseTo(mean(hits), 10);
      }),
    ));
});

describe("offline", () => {
  it("equals sorting the whole catalogue, for ALS, with and without what was seen", () =>
    fc.assert(
      fc.asyncProperty(purchases, fc.nat(1000), fc.boolean(), async (script, seed, repeats) => {
        const made = makeCase(script, seed);
        const given = { ...made, parameters: { ...made.parameters, repeats } };
        const { log, split, set, users } = given;
        const popular = fadingOf(given, split.train.length);
        const recalls: Array<number> = [];
        for (const user of users) {
          const seen = repeats ? new Set(goneRows(given)) : leftOut(given, user, split.train.length);
          const bought = Array.from(split.test).filter((at) => log.user[at] === user);
          const relevant = new Set(
            bought.map((at) => set.rowOf[log.item[at]]).filter((row) => row >= 0 && !seen.has(row)),
          );
          if (relevant.size === 0) continue;
          const list = ranked(set.userCounts[user] === 0 ? popular : scoresOf(given, user), seen).slice(0, 3);
          recalls.push(list.filter((row) => relevant.has(row)).length / relevant.size);
        }
        const found = await Effect.runPromise(offline(given, silent));
        expect(found.users).toBe(recalls.length);
        expect(found.rankers[0].recall.mean).toBeCloseTo(mean(recalls), 10);
      }),
    ));
});

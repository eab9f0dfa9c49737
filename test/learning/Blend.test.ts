import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import type { Followers } from "../../src/domain/Followers.ts";
import type { Interaction } from "../../src/domain/UserState.ts";
import { keepInteraction } from "../../src/learning/ApplyEvent.ts";
import { blendConstants, makeBlend } from "../../src/learning/Blend.ts";
import type { BlendReasons } from "../../src/learning/BlendReasons.ts";
import { candidates, makeBlendScorer } from "../../src/learning/BlendScore.ts";
import type { BlendRequest } from "../../src/learning/BlendSearch.ts";
import { followersOf } from "../../src/learning/FollowerLists.ts";

const rank = 4;
const rows = 30;
/** Indices with gaps: every index that no item has is of an item that the model does not know. */
const itemIdx = Uint32Array.from({ length: rows }, (_, row) => 2 * row + 1);
const rowOfIdx = (idx: number): number | undefined => (idx % 2 === 1 && idx < 2 * rows ? (idx - 1) / 2 : undefined);

interface World {
  readonly vectors: Float32Array;
  readonly followers: Followers;
  readonly popularity: Float32Array;
}

const coordinate = fc.oneof(fc.constant(0), fc.float({ min: -2, max: 2, noNaN: true }));
const lists = fc.array(
  fc.record({
    others: fc.uniqueArray(fc.nat(2 * rows + 5), { maxLength: 12 }),
    counts: fc.array(fc.integer({ min: 1, max: 40_000_000 }), { minLength: 12, maxLength: 12 }),
    beyond: fc.nat(90_000_000),
  }),
  { minLength: rows, maxLength: rows },
);
const world: fc.Arbitrary<World> = fc
  .record({
    vectors: fc.array(coordinate, { minLength: rows * rank, maxLength: rows * rank }),
    // A row of zeros is an item that nothing is learnt of.
    empty: fc.nat(rows - 1),
    lists,
    popularity: fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: rows, maxLength: rows }),
  })
  .map(({ empty, lists, popularity, vectors }) => {
    const pointers = new Uint32Array(rows + 1);
    lists.forEach(({ others }, row) => {
      pointers[row + 1] = pointers[row]! + others.length;
    });
    return {
      vectors: Float32Array.from(vectors, (value, at) => (Math.floor(at / rank) === empty ? 0 : value)),
      popularity: Float32Array.from(popularity),
      followers: {
        pointers,
        items: Uint32Array.from(lists.flatMap(({ others }) => others)),
        counts: Float64Array.from(lists.flatMap(({ counts, others }) => counts.slice(0, others.length))),
        totals: Float64Array.from(lists, ({ beyond, counts, others }) =>
          counts.slice(0, others.length).reduce((sum, count) => sum + count, beyond),
        ),
      },
    };
  });
const history: fc.Arbitrary<ReadonlyArray<Interaction>> = fc
  .array(fc.record({ itemIdx: fc.nat(2 * rows + 5), type: fc.nat(2) }), { maxLength: 45 })
  .map((all) => all.map((interaction, time) => ({ ...interaction, time })));

const unit = ({ vectors }: World, row: number): ReadonlyArray<number> => {
  const vector = [...vectors.subarray(row * rank, (row + 1) * rank)];
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
};
const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.reduce((sum, value, f) => sum + value * b[f]!, 0);

/** The formula, term by term. */
const naive = (of: World, interactions: ReadonlyArray<Interaction>, row: number): number => {
  const { followers, popularity } = of;
  const smoothed = (from: number): number => 10 + followers.totals[from]! / 1e6;
  let score = 0;
  interactions
    .toReversed()
    .slice(0, 20)
    .forEach(({ itemIdx: other, type }, age) => {
      const from = rowOfIdx(other);
      if (from === undefined) return;
      const at = followers.items.indexOf(itemIdx[row]!, followers.pointers[from]);
      const follows = at >= 0 && at < followers.pointers[from + 1]!;
      const probability = follows ? followers.counts[at]! / 1e6 / smoothed(from) : 0;
      score +=
        defaultEventTypes.weights[type]! *
        0.8 ** age *
        (Math.sqrt(probability) + 0.2 * dot(unit(of, row), unit(of, from)) + 0.3 * Math.sqrt(popularity[row]!));
    });
  return score;
};

/** ŷ·v. */
const nearness = (of: World, interactions: ReadonlyArray<Interaction>, row: number): number =>
  interactions.slice(-20).reduceRight((sum, { itemIdx, type }, at, newest) => {
    const from = rowOfIdx(itemIdx);
    if (from === undefined) return sum;
    const weight = defaultEventTypes.weights[type]! * 0.8 ** (newest.length - 1 - at);
    return sum + weight * dot(unit(of, row), unit(of, from));
  }, 0);

const scorerOf = ({ vectors }: World) => makeBlendScorer({ rank, vectors, itemIdx, rowOfIdx });
const requestOf = (of: World, interactions: ReadonlyArray<Interaction>): BlendRequest => ({
  interactions,
  followers: followersOf(of.followers),
  // As counts, not as shares.
  popularity: { scores: of.popularity.map((share) => 8 * share), total: 8 },
});
const all = Uint32Array.from({ length: rows }, (_, row) => row);
const partsOf = ({ because, trending }: BlendReasons): ReadonlyArray<number> => [
  ...because.flatMap(({ followers, taste }) => [followers, taste]),
  trending,
];

describe("the score", () => {
  it("is the formula's, for every item, and finite; the gate holds and the order is by score, then by row", () => {
    fc.assert(
      fc.property(world, history, fc.nat(rows), fc.uniqueArray(fc.nat(rows - 1)), (of, interactions, k, refused) => {
        const allowed = (row: number): boolean => !refused.includes(row);
        const request = { ...requestOf(of, interactions), candidates: [all, [3, 3]], allowed, k };
        const found = scorerOf(of).search(request);
        const known = interactions.slice(-20).some(({ itemIdx }) => rowOfIdx(itemIdx) !== undefined);
        expect(found.rows.length).toBe(known ? Math.min(k, rows - refused.length) : 0);
        found.rows.forEach((row, at) => {
          expect(allowed(row)).toBe(true);
          expect(found.scores[at]).toBeCloseTo(naive(of, interactions, row), 5);
          if (at === 0) return;
          const [before, score] = [found.scores[at - 1]!, found.scores[at]!];
          expect(before > score || (before === score && found.rows[at - 1]! < row)).toBe(true);
        });
        const worst = found.scores[found.scores.length - 1] ?? Number.POSITIVE_INFINITY;
        const left = [...all].filter((row) => allowed(row) && !found.rows.includes(row));
        if (known && k > 0) for (const row of left) expect(naive(of, interactions, row)).toBeLessThan(worst + 1e-5);
      }),
    );
  });

  it("is the same where what is near is asked for only if it may matter, and where one row is scored alone", () => {
    fc.assert(
      fc.property(world, history, fc.nat(12), fc.subarray([...all]), (of, interactions, k, near) => {
        const request = requestOf(of, interactions);
        const { scores, total } = request.popularity;
        const popularity = { scores, total, most: Math.max(...Array.from(scores)) };
        const trending = [...all].sort((a, b) => scores[b]! - scores[a]!).slice(0, 3);
        const wanted = { ...request, popularity, allowed: () => true, k };
        const eager = scorerOf(of).search({ ...wanted, candidates: [near, trending] });
        const scorer = scorerOf(of);
        expect(scorer.search({ ...wanted, candidates: [trending], more: () => near })).toEqual(eager);
        const nearer = (least: number) => near.filter((row) => nearness(of, interactions, row) > least);
        expect(scorer.search({ ...wanted, candidates: [trending], more: nearer })).toEqual(eager);
        for (const row of all) expect(scorer.scoreNow(row)).toBe(scorer.explain(request, row).score);
      }),
    );
  });

  it("asks for nothing more where the best are far above the rest", () => {
    const of = fc.sample(world, { numRuns: 1, seed: 7 })[0]!;
    const followers = (row: number) =>
      row === 0
        ? {
            items: itemIdx,
            counts: new Float64Array(rows).fill(1e9),
            roots: Float32Array.from({ length: rows }, (_, i) => (i < 5 ? 1 : 0.01)),
            from: 0,
            to: 5,
            total: 1,
          }
        : undefined;
    const request = {
      interactions: [{ itemIdx: itemIdx[0]!, type: 0, time: 1 }],
      followers,
      popularity: { scores: new Float64Array(rows), total: 0, most: 0 },
    };
    let asked = 0;
    const more = () => {
      asked++;
      return all;
    };
    const search = (k: number) => scorerOf(of).search({ ...request, candidates: [], more, allowed: () => true, k });
    expect(search(5).rows.length).toBe(5);
    expect(asked).toBe(0);
    expect(search(6).rows.length).toBe(6);
    expect(asked).toBe(1);
  });

  it("leaves nothing of one search in the next", () => {
    fc.assert(
      fc.property(world, fc.array(history, { minLength: 2, maxLength: 5 }), (of, histories) => {
        const used = scorerOf(of);
        for (const interactions of histories) {
          const request = { ...requestOf(of, interactions), candidates: [], allowed: () => true, k: 12 };
          expect(used.search(request)).toEqual(scorerOf(of).search(request));
        }
      }),
    );
  });

  it("has the followers alone for candidates where no others are given", () => {
    fc.assert(
      fc.property(world, history, (of, interactions) => {
        const { followers, pointers } = { followers: of.followers, pointers: of.followers.pointers };
        const listed = new Set<number>();
        for (const { itemIdx: other } of interactions.slice(-20)) {
          const row = rowOfIdx(other);
          if (row === undefined) continue;
          for (const follower of followers.items.subarray(pointers[row], pointers[row + 1])) {
            const at = rowOfIdx(follower);
            if (at !== undefined) listed.add(at);
          }
        }
        const search = { ...requestOf(of, interactions), candidates: [], allowed: () => true, k: candidates.followers };
        expect(new Set(scorerOf(of).search(search).rows)).toEqual(listed);
      }),
    );
  });
});

describe("reasons", () => {
  it("sum to the score, in any order, to the last bit that f32 allows", () => {
    fc.assert(
      fc.property(world, history, fc.nat(rows - 1), (of, interactions, row) => {
        const reasons = scorerOf(of).explain(requestOf(of, interactions), row);
        const parts = partsOf(reasons);
        const size = parts.reduce((sum, part) => sum + Math.abs(part), 0);
        for (const order of [parts, parts.toReversed(), parts.toSorted((a, b) => a - b)]) {
          const sum = order.reduce((total, part) => total + part, 0);
          expect(Math.abs(sum - reasons.score)).toBeLessThanOrEqual(size * 2 ** -48);
          // Where parts do not cancel each other out, that is: it is the score.
          if (Math.abs(reasons.score) > size * 2 ** -20) expect(Math.fround(sum)).toBe(reasons.score);
        }
      }),
    );
  });

  it("are of the score that the search gave, and name each item of the history once, newest first", () => {
    fc.assert(
      fc.property(world, history, (of, interactions) => {
        const scorer = scorerOf(of);
        const request = requestOf(of, interactions);
        const newest = interactions.slice(-20).toReversed();
        const known = newest.map(({ itemIdx }) => itemIdx).filter((idx) => rowOfIdx(idx) !== undefined);
        const found = scorer.search({ ...request, candidates: [all], allowed: () => true, k: 9 });
        found.rows.forEach((row, at) => {
          const { because, score } = scorer.explain(request, row);
          expect(score).toBe(found.scores[at]);
          expect(because.map(({ itemIdx }) => itemIdx)).toEqual([...new Set(known)]);
        });
      }),
    );
  });

  it("tell each item's part apart, to rounding", () => {
    fc.assert(
      fc.property(world, history, fc.nat(rows - 1), (of, interactions, row) => {
        const { because, trending } = scorerOf(of).explain(requestOf(of, interactions), row);
        const newest = interactions.slice(-20);
        for (const { itemIdx: other, followers, taste } of because) {
          // The history as if the shopper had looked at this item alone, in the same places.
          const alone = newest.map((one) => (one.itemIdx === other ? one : { ...one, itemIdx: 0 }));
          const withoutTrend = naive({ ...of, popularity: new Float32Array(rows) }, alone, row);
          expect(followers + taste).toBeCloseTo(withoutTrend, 5);
          expect(followers).toBeGreaterThanOrEqual(0);
        }
        expect(trending).toBeGreaterThanOrEqual(-1e-6);
      }),
    );
  });
});

describe("the learner", () => {
  it("is the moving average v ← 0.8·v + w·ŷ, but for what is beyond the window", () => {
    fc.assert(
      fc.property(world, history, (of, interactions) => {
        const learner = makeBlend({ rank, vectors: of.vectors, rowOfIdx });
        let kept: ReadonlyArray<Interaction> = [];
        let average = new Array<number>(rank).fill(0);
        let vector: Float32Array | undefined;
        for (const interaction of interactions) {
          const row = rowOfIdx(interaction.itemIdx);
          const weight = defaultEventTypes.weights[interaction.type]!;
          kept = keepInteraction(kept, interaction, defaultEventTypes);
          average = average.map((value, f) => 0.8 * value + (row === undefined ? 0 : weight * unit(of, row)[f]!));
          if (row !== undefined) vector = learner.learn(vector, row, weight, kept);
          // Five times the greatest weight, faded over the window.
          const beyond = 5 * 0.8 ** blendConstants.window;
          if (row === undefined) continue;
          for (const [f, value] of average.entries()) expect(Math.abs(vector![f]! - value)).toBeLessThan(beyond);
        }
      }),
    );
  });

  it("knows of a late event what it would have known of one in time", () => {
    fc.assert(
      fc.property(world, history, fc.nat(60), (of, interactions, at) => {
        fc.pre(interactions.length > 0);
        const learner = makeBlend({ rank, vectors: of.vectors, rowOfIdx });
        const late = interactions[at % interactions.length]!;
        const others = interactions.filter((one) => one !== late);
        const inTime = learner.learn(undefined, 0, 1, interactions);
        expect(learner.learn(inTime, 0, 1, keepInteraction(others, late, defaultEventTypes))).toEqual(inTime);
      }),
    );
  });

  it("has no taste for a shopper of whose items it knows none", () => {
    const vectors = new Float32Array(rows * rank).fill(1, 0, rank);
    const learner = makeBlend({ rank, vectors, rowOfIdx });
    expect(learner.tasteOf([])).toBeUndefined();
    expect(learner.tasteOf([{ itemIdx: 0, type: 2, time: 1 }])).toBeUndefined();
    expect(learner.tasteOf([{ itemIdx: 3, type: 2, time: 1 }])).toBeUndefined();
    expect(learner.tasteOf([{ itemIdx: 1, type: 0, time: 1 }])).toEqual(new Float32Array(rank).fill(0.05));
  });
});

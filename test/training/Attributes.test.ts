import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { featuresOf } from "../../src/domain/Features.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { trainAls } from "../../src/training/Als.ts";
import {
  type AttributeOptions,
  type Features,
  fitAttributes,
  placeUnlearnt,
  placing,
} from "../../src/training/Attributes.ts";
import { toInput } from "./Naive.ts";

const [types, groups, patterns] = [12, 6, 5];
const [users, items, rank] = [600, 480, 16];
const newItems = 80;

/** Items of a type, a group and a pattern, named by type and pattern; the last are new. */
const descriptions: ReadonlyArray<Features> = Array.from({ length: items }, (_, item) => {
  const [type, group, pattern] = [(item * 7) % types, (item * 5) % groups, (item * 3) % patterns];
  return featuresOf({
    title: `Model${item} T${type} P${pattern}`,
    "attributes.type": `type ${type}`,
    "attributes.group": `group ${group}`,
    "attributes.patterns": [`pattern ${pattern}`],
  });
});

/** What every user took, by taste for a type, a group and a pattern, popular items more than others; of new items apart. */
const shopOf = (seed: number) => {
  const random = makeRandom(seed, "shop");
  const uniform = () => random.uniform();
  const taste = Array.from({ length: users }, () => [types, groups, patterns].map((n) => Math.floor(uniform() * n)));
  const liked = taste.map(([type, group, pattern]) =>
    descriptions.flatMap((features, item) => {
      const match =
        (features.includes(`type=type ${type}`) ? 6 : 0) +
        (features.includes(`group=group ${group}`) ? 4 : 0) +
        (features.includes(`patterns=pattern ${pattern}`) ? 2 : 0);
      const odds = (0.004 + 0.05 * match) * (item % 9 === 0 ? 2 : 0.7);
      return uniform() < odds * 0.5 ? [item] : [];
    }),
  );
  const pairs = liked.flatMap((own, user) =>
    own.filter((item) => item < items - newItems).map((item) => ({ user, item, rating: 1 })),
  );
  return { pairs, toFind: liked.map((own) => own.filter((item) => item >= items - newItems)) };
};

/** Mean over users of the share of what there was to find that is among the first k of all items not had before. */
const recallOf = (
  toFind: ReadonlyArray<ReadonlyArray<number>>,
  k: number,
  scores: (user: number) => ReadonlyArray<number>,
) => {
  const shares = toFind.flatMap((wanted, user) => {
    if (wanted.length === 0) return [];
    const score = scores(user);
    const ranked = score.map((_, item) => item).sort((a, b) => score[b]! - score[a]! || a - b);
    const top = new Set(ranked.slice(0, k));
    return [wanted.filter((item) => top.has(item)).length / wanted.length];
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
};

const placeByAttributes = (
  given: ReadonlyArray<Features>,
  factors: Float32Array,
  width: number,
  learntFrom: ArrayLike<number>,
  options?: AttributeOptions,
) => placeUnlearnt(given, fitAttributes(given, factors, width, learntFrom, options), learntFrom);

describe("attributes", () => {
  it("finds new items for those who take them, far beyond chance and popularity", async () => {
    const { pairs, toFind } = shopOf(11);
    const input = toInput(users, items, pairs);
    const parameters = { rank, regularization: 1, alpha: 4, iterations: 10, seed: 3 };
    const trained = await Effect.runPromise(trainAls({ ...input, parameters, threads: 2 }, () => undefined));
    const learntFrom = new Uint32Array(items);
    for (const { item } of pairs) learntFrom[item]! += 1;
    const placed = placeByAttributes(descriptions, trained.itemFactors, rank, learntFrom);

    const learnt = items - newItems;
    expect(placed.items).toEqual(Uint32Array.from({ length: newItems }, (_, n) => learnt + n));
    const filled = Float32Array.from([...trained.itemFactors.subarray(0, learnt * rank), ...placed.vectors]);
    const had = Array.from({ length: users }, () => new Set<number>());
    for (const { user, item } of pairs) had[user]!.add(item);
    const byVector = (vectors: Float32Array) => (user: number) =>
      Array.from({ length: items }, (_, item) => {
        if (had[user]!.has(item)) return Number.NEGATIVE_INFINITY;
        let score = 0;
        for (let f = 0; f < rank; f++) score += trained.userFactors[user * rank + f]! * vectors[item * rank + f]!;
        return score;
      });
    const k = 40;
    const found = recallOf(toFind, k, byVector(filled));
    const random = makeRandom(5, "chance");
    const chance = recallOf(toFind, k, () => Array.from({ length: items }, () => random.uniform()));
    const popular = recallOf(toFind, k, (user) =>
      Array.from(learntFrom, (count, item) => (had[user]!.has(item) ? -1 : count)),
    );
    expect(recallOf(toFind, k, byVector(trained.itemFactors))).toBeLessThan(chance);
    expect(popular).toBe(0);
    expect(found).toBeGreaterThan(3 * chance);
  });

  it("leaves out items of which nothing known tells where they lie", () => {
    const one = (title: string, kind: string) => featuresOf({ title, "attributes.kind": kind });
    const given = [
      one("Slim shirt", "Shirt"),
      one("Wide shirt", "Shirt"),
      one("Lamp", "Home"),
      one("", ""),
      one("Blue SHIRT", ""),
    ];
    const factors = Float32Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 0);
    const options = { penalty: 1, mostFeatures: 100 };
    const { items: placed, vectors } = placeByAttributes(given, factors, 2, [5, 5, 0, 0, 0], options);
    expect([...placed]).toEqual([4]);
    expect(vectors[0]).toBeGreaterThan(0.3);
    expect(vectors[1]).toBe(0);
    expect(placeByAttributes(given, factors, 2, [5, 5, 1, 1, 1], options).items).toHaveLength(0);
  });

  it("keeps the features that most items have where there are more than may be", () => {
    const given = Array.from({ length: 12 }, (_, item) => [item < 9 ? "common" : "rare"]);
    const learntFrom = given.map((_, item) => (item === 8 || item === 11 ? 0 : 1));
    const factors = new Float32Array(12).fill(1);
    const placedWith = (mostFeatures: number) =>
      placeByAttributes(given, factors, 1, learntFrom, { penalty: 0.1, mostFeatures });
    expect([...placedWith(3).items]).toEqual([8, 11]);
    const { items: placed, vectors } = placedWith(2);
    expect([...placed]).toEqual([8]);
    expect(vectors[0]).toBeGreaterThan(0.9);
  });

  it("place an item alike, one by one or all at once, whatever the order of what is said of it", () => {
    const fields = (item: number) => ({
      title: `Slim ${item % 3 === 0 ? "shirt" : "lamp"}`,
      "attributes.tags": [`t${item % 4}`, `t${item % 5}`],
      "attributes.kind": `k${item % 2}`,
      "attributes.new": item % 2 === 0,
      "attributes.price": item,
    });
    const given = Array.from({ length: 60 }, (_, item) => featuresOf(fields(item)));
    const random = makeRandom(4, "factors");
    const factors = Float32Array.from({ length: 60 * 3 }, () => random.normal());
    const learntFrom = given.map((_, item) => (item < 40 ? 1 + item : 0));
    const map = fitAttributes(given, factors, 3, learntFrom)!;
    expect(map.features).not.toContain("price=3");
    expect(map.features).toEqual(expect.arrayContaining(["tags=t1", "kind=k0", "new=true", "~slim", "~lamp"]));
    const { items: placed, vectors } = placeUnlearnt(given, map, learntFrom);
    expect(placed).toEqual(Uint32Array.from({ length: 20 }, (_, n) => 40 + n));
    const place = placing(map);
    placed.forEach((item, n) => {
      const reversed = Object.fromEntries(Object.entries(fields(item)).reverse());
      expect(place(featuresOf(reversed))).toEqual(vectors.slice(3 * n, 3 * n + 3));
    });
    expect(place(featuresOf({ title: "Tent", "attributes.kind": "k7" }))).toBeUndefined();
  });
});

/**
 * Times the blend: `npm run bench -- blend --items 105542 --rank 32 --k 12 --seconds 1`. Prints µs of CPU time per request,
 * beside the index scan, and per event. Every item has 100 followers; a shopper's 20 have next to none in common at 1 taste, which
 * is the slowest there can be, and many with more items of the same taste. Of 256 shoppers the scorer keeps all lists of followers
 * ready, of 4,096 only some: nearly every list is copied again.
 */
import { parseArgs } from "node:util";
import { keptFollowers } from "../../src/domain/Followers.ts";
import { makeScan } from "../../src/kernels/TopK.ts";
import { makeBlend } from "../../src/learning/Blend.ts";
import { candidates, makeBlendScorer } from "../../src/learning/BlendScore.ts";
import { followersOf } from "../../src/learning/FollowerLists.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "105542" },
    rank: { type: "string", default: "32" },
    k: { type: "string", default: "12" },
    seconds: { type: "string", default: "1" },
  },
});
const [count, rank, k, seconds] = [values.items, values.rank, values.k, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];
const [fewShoppers, manyShoppers] = [256, 4096];
const pick = (below: number): number => Math.floor(Math.random() * below);
/** `from` with a callback makes a list of all first. */
const filled = <A extends Uint32Array | Float32Array | Float64Array>(values: A, value: (at: number) => number): A => {
  for (let at = 0; at < values.length; at++) values[at] = value(at);
  return values;
};
const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const measure = (name: string, call: (turn: number) => unknown): number => {
  for (let turn = 0; turn < 2000; turn++) call(turn);
  const begun = cpuMicroseconds();
  let calls = 0;
  while (cpuMicroseconds() - begun < seconds * 1e6) for (let i = 0; i < 500; i++) call(calls++);
  const each = (cpuMicroseconds() - begun) / calls;
  console.log(`  ${name.padEnd(34)} ${each.toFixed(1).padStart(7)} µs`);
  return each;
};

const itemIdx = Uint32Array.from({ length: count }, (_, row) => row);
const rowOfTable = Int32Array.from(itemIdx);
const rowOfIdx = (idx: number): number | undefined => {
  const row = rowOfTable[idx];
  return row === undefined || row < 0 ? undefined : row;
};
const vectors = filled(new Float32Array(count * rank), () => Math.random() - 0.5);
const popularity = { scores: Float32Array.from({ length: count }, () => Math.random()), total: count / 2 };
const items = { rank, vectors, itemIdx, rowOfIdx };
const scan = makeScan({ vectors, rows: count, rank });

for (const tastes of [1, 500]) {
  const of = (taste: number): number => taste + tastes * pick(Math.floor(count / tastes));
  const followers = {
    pointers: Uint32Array.from({ length: count + 1 }, (_, row) => keptFollowers * row),
    items: filled(new Uint32Array(count * keptFollowers), (at) => of(Math.floor(at / keptFollowers) % tastes)),
    counts: filled(new Float64Array(count * keptFollowers), () => 1 + pick(9e6)),
    totals: new Float64Array(count).fill(9e8),
  };
  const listsOf = followersOf(followers);
  const histories = Array.from({ length: manyShoppers }, (_, shopper) =>
    Array.from({ length: 60 }, (_, time) => ({ itemIdx: of(shopper % tastes), type: pick(3), time })),
  );
  const trending = Uint32Array.from({ length: candidates.trending }, () => pick(count));
  const learner = makeBlend(items);
  const scorer = makeBlendScorer(items);
  const searches = histories.map((interactions) => ({
    interactions,
    followers: listsOf,
    popularity,
    candidates: [scan.search(learner.tasteOf(interactions)!, candidates.taste).rows, trending],
    allowed: (row: number) => row % 50 !== 0,
    k,
  }));
  console.log(`${count} items, rank ${rank}, best ${k}, ${tastes} ${tastes === 1 ? "taste" : "tastes"}:`);
  measure("a request, beside the scan", (turn) => scorer.search(searches[turn % fewShoppers]!));
  measure("the same, lists copied each time", (turn) => scorer.search(searches[turn % manyShoppers]!));
  measure("reasons of one item", (turn) => scorer.explain(searches[turn % fewShoppers]!, pick(count)));
  measure("an event", (turn) => learner.learn(undefined, 0, 1, histories[turn % fewShoppers]!));
}

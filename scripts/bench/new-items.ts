/**
 * Times what new items cost, at H&M size unless told otherwise: `npm run bench -- new-items --items 105542 --rank 64`.
 *
 * The batch: the map from attributes to factors, fitted on all items but a twentieth, and those placed by it. A request: the
 * places of an answer of ten, drawn from so many new items, in CPU time.
 */
import { parseArgs } from "node:util";
import { makeRandom } from "../../src/kernels/Random.ts";
import { defaultShare, makeNewItemDraw } from "../../src/learning/NewItemDraw.ts";
import { seedOf, withExplored } from "../../src/serving/recommend/Explore.ts";
import { fitAttributes, placeUnlearnt } from "../../src/training/Attributes.ts";

const { values } = parseArgs({
  options: { items: { type: "string", default: "105542" }, rank: { type: "string", default: "64" } },
});
const [items, rank] = [Number(values.items), Number(values.rank)];
const random = makeRandom(3, "bench.new-items");
const skewed = (n: number, exponent = 2): number => Math.floor(n * random.uniform() ** exponent);

/** As many values of each attribute as H&M's items have, some of them by type, and names of one to four words. */
const describe = () => {
  const type = skewed(131);
  const word = (): string => `w${random.chance(0.5) ? (37 * type + skewed(60)) % 12_000 : skewed(12_000, 3)}`;
  const words = new Set(Array.from({ length: 1 + random.below(4) }, () => `~${word()}`));
  return [
    `type=${type}`,
    `group=${type % 19}`,
    `appearance=${skewed(30, 3)}`,
    `colour=${skewed(50)}`,
    `master=${skewed(20)}`,
    `department=${(3 * type + skewed(10)) % 299}`,
    `index group=${type % 5}`,
    `section=${skewed(57)}`,
    `garment=${type % 21}`,
    ...words,
  ];
};

const descriptions = Array.from({ length: items }, describe);
const factors = Float32Array.from({ length: items * rank }, () => random.normal());
const users = Uint32Array.from({ length: items }, (_, i) =>
  i % 20 === 0 ? 0 : Math.ceil(300 * random.uniform() ** 6),
);
const began = performance.now();
const map = fitAttributes(descriptions, factors, rank, users);
const placed = placeUnlearnt(descriptions, map, users);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`map fitted on ${items} items of rank ${rank}, ${placed.items.length} placed: ${seconds} s`);

const requests = 20_000;
const history = Array.from({ length: 50 }, (_, i) => ({ itemIdx: i, type: 0, time: i }));
const list = history
  .slice(0, 10)
  .map(({ itemIdx }) => ({ itemIdx, row: itemIdx, source: "personalized" as const, score: 1 }));
for (const size of [100, 5_000, items]) {
  const { draw } = makeNewItemDraw(factors.subarray(0, size * rank), rank);
  const rows = Uint32Array.from({ length: size }, (_, row) => row);
  const taste = factors.slice(0, rank);
  const ask = (request: number): void => {
    const drawing = makeRandom(seedOf("20260921T101530-3f9a", `shopper ${request}`, history), "explore");
    withExplored(list, defaultShare, drawing, () => {
      const row = draw(rows, taste, drawing, (one) => one >= list.length);
      return row === undefined ? undefined : { itemIdx: row, row, source: "new", score: 0 };
    });
  };
  for (let request = 0; request < requests; request++) ask(request);
  const before = process.cpuUsage().user;
  for (let request = 0; request < requests; request++) ask(request);
  const micros = (process.cpuUsage().user - before) / requests;
  console.log(`places drawn from ${size} new items: ${micros.toFixed(1)} µs of CPU per request`);
}

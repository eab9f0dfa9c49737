/**
 * Times the exact item scan: `npm run bench:scan -- --rows 105542 --rank 64 --k 10 --seconds 2`.
 * Prints queries per second of one thread, over all items and under a mask that keeps a tenth.
 */
import { parseArgs } from "node:util";
import { makeScan } from "../../src/kernels/TopK.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "105542" },
    rank: { type: "string", default: "64" },
    k: { type: "string", default: "10" },
    seconds: { type: "string", default: "2" },
  },
});
const [rows, rank, k, seconds] = [values.rows, values.rank, values.k, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];

const random = (length: number) => Float32Array.from({ length }, () => Math.random() - 0.5);
const scan = makeScan({ vectors: random(rows * rank), rows, rank });
const queries = Array.from({ length: 64 }, () => random(rank));
const tenth = Uint8Array.from({ length: rows }, () => (Math.random() < 0.1 ? 1 : 0));

const measure = (name: string, call: (turn: number) => unknown) => {
  for (let turn = 0; turn < 20; turn++) call(turn);
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < seconds * 1000) call(calls++);
  const milliseconds = (performance.now() - started) / calls;
  console.log(
    `${name.padEnd(16)} ${(1000 / milliseconds).toFixed(0).padStart(7)} /s  ${milliseconds.toFixed(3)} ms each`,
  );
};

console.log(`${rows} items, rank ${rank}, best ${k}, one thread`);
measure("all items", (turn) => scan.search(queries[turn % 64]!, k));
measure("a tenth of them", (turn) => scan.search(queries[turn % 64]!, k, tenth));

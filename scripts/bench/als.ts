/**
 * Times ALS on synthetic interactions: `npm run bench:als -- --users 200000 --items 20000 --pairs 5000000 --rank 64`.
 *
 * Activity of users and popularity of items are long-tailed; ratings are 1 or more. Prints seconds per iteration and the
 * loss per user-item pair, for each of `--threads 1,2`. With `--implicit PYTHON` (an interpreter that has the package
 * `implicit`), the same data is given to implicit in turns, with the last of the thread counts.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Effect } from "effect";
import type { TrainedFactors } from "../../src/ports/Trainer.ts";
import { trainAls } from "../../src/training/Als.ts";
import { implicitScript } from "./implicit.ts";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "50000" },
    items: { type: "string", default: "10000" },
    pairs: { type: "string", default: "1000000" },
    rank: { type: "string", default: "64" },
    iterations: { type: "string", default: "10" },
    threads: { type: "string", default: "1,2" },
    rounds: { type: "string", default: "1" },
    implicit: { type: "string", default: "" },
  },
});
const [users, items, pairs, rank] = [values.users, values.items, values.pairs, values.rank].map(Number) as [
  number,
  number,
  number,
  number,
];
const parameters = { rank, regularization: 0.01, alpha: 2, iterations: Number(values.iterations), seed: 42 };

/** Each user draws items with probability falling as a power of their rank, from a taste of its own for half of them. */
const synthesize = () => {
  const pointers = new Uint32Array(users + 1);
  const itemIdx = new Uint32Array(pairs);
  const ratings = new Float32Array(pairs);
  const shares = Float64Array.from({ length: users }, () => 1 / (0.05 + Math.random()));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let drawn = 0;
  let due = 0;
  for (let user = 0; user < users; user++) {
    due += (shares[user]! / total) * pairs;
    const wanted = Math.min(Math.round(due) - drawn, Math.floor(items / 4));
    const taste = Math.floor(Math.random() * items);
    const own = new Set<number>();
    while (own.size < wanted) {
      const popular = Math.floor(items * Math.random() ** 3);
      own.add(Math.random() < 0.5 ? popular : (taste + Math.floor((Math.random() ** 2 * items) / 20)) % items);
    }
    for (const item of [...own].sort((a, b) => a - b)) {
      itemIdx[drawn] = item;
      ratings[drawn++] = Math.log1p(1 + Math.floor(Math.random() ** 4 * 10));
    }
    pointers[user + 1] = drawn;
  }
  return { pointers, itemIdx: itemIdx.slice(0, drawn), ratings: ratings.slice(0, drawn) };
};

const data = synthesize();
console.log(`${users} users, ${items} items, ${data.itemIdx.length} pairs, rank ${rank}`);
const threadCounts = values.threads.split(",").map(Number);

const report = (name: string, times: ReadonlyArray<number>, loss: number) => {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  console.log(
    `${name.padEnd(22)} ${median.toFixed(3)} s/iteration (best ${sorted[0]!.toFixed(3)})  loss/pair ${(loss / users / items).toExponential(8)}`,
  );
};

const ours = async (threads: number): Promise<TrainedFactors> => {
  const times: Array<number> = [];
  let last = performance.now();
  const trained = await Effect.runPromise(
    trainAls({ users, items, ...data, parameters, threads }, () => {
      times.push((performance.now() - last) / 1000);
      last = performance.now();
    }),
  );
  report(`ours, ${threads} threads`, times.slice(1), trained.losses.at(-1)!);
  return trained;
};

const folder = mkdtempSync(join(tmpdir(), "bench-als-"));
const theirs = (threads: number) => {
  for (const [name, array] of Object.entries(data)) {
    writeFileSync(join(folder, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  const options = JSON.stringify({ folder, users, items, threads, ...parameters });
  const { stdout, stderr, status } = spawnSync(values.implicit, ["-c", implicitScript, options], {
    encoding: "utf8",
    env: { ...process.env, OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  if (status !== 0) return console.error(stderr);
  const { times, loss } = JSON.parse(stdout.trim().split("\n").at(-1)!) as { times: Array<number>; loss: number };
  report(`implicit, ${threads} threads`, times.slice(1), loss * users * items);
};

for (let round = 0; round < Number(values.rounds); round++) {
  for (const threads of threadCounts) await ours(threads);
  if (values.implicit !== "") theirs(threadCounts.at(-1)!);
}
rmSync(folder, { recursive: true });

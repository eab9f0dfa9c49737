/**
 * Times the batch's steps with either engine on the same tables, the built-in one and Apache Spark on this machine:
 * `npm run bench -- engines --sizes 0.0333,0.1 --seed 42`. A size of 1 is that of the H&M files, as in `bench -- batch`. Each
 * step is a process of its own, so each of Spark's has its start in it; `batch, in one process` starts it once. Then 1 % new
 * events come, and the batch runs again.
 *
 * Prints wall time, CPU time and peak memory of all processes together (Linux: /proc). Spark is what SPARK_SUBMIT and
 * SPARK_MASTER name, by default on all cores. --folder keeps the made shops and finds them again; --steps names what is timed
 * of preprocess, popular, train, batch and again.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Effect } from "effect";
import { appendEvents, generating, sizesOf } from "./Shop.ts";
import { run, told, type Used } from "./Used.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "0.0333,0.1" },
    seed: { type: "string", default: "42" },
    folder: { type: "string" },
    steps: { type: "string", default: "preprocess,popular,train,batch,again" },
  },
});

const chosen = new Set(values.steps.split(","));
const main = new URL("../main.js", import.meta.url).pathname;
const folder = values.folder ?? mkdtempSync(join(tmpdir(), "slipstream-engines-"));
mkdirSync(folder, { recursive: true });

const row = (name: string, builtIn: Used, spark: Used): void =>
  console.log(
    `${name.padEnd(22)} built-in ${told(builtIn)}   Spark ${told(spark)}   ${(spark.wall / builtIn.wall).toFixed(1)} ×`,
  );

const engines = ["built-in", "spark"] as const;

const one = async (size: number): Promise<void> => {
  const sizes = sizesOf(size);
  const shop = join(folder, `shop-${size}-${values.seed}`);
  console.log(`\n${sizes.transactions} transactions, ${sizes.customers} customers, ${sizes.articles} articles`);
  if (!existsSync(join(shop, "delta/raw/transactions"))) {
    await run([main, ...generating(sizes, values.seed, shop)], {});
    await run([main, "batch", "csv-to-delta"], { DATA_DIR: shop });
    rmSync(join(shop, "raw"), { recursive: true });
  }
  const folders = engines.map((engine) => join(folder, `data-${size}-${engine}`));
  const both = async (name: string, words: ReadonlyArray<string>): Promise<void> => {
    const [builtIn, spark] = [
      await run([main, ...words], { DATA_DIR: folders[0], ENGINE: engines[0] }),
      await run([main, ...words], { DATA_DIR: folders[1], ENGINE: engines[1] }),
    ];
    row(name, builtIn, spark);
  };
  const begin = (): void => {
    for (const data of folders) {
      rmSync(data, { recursive: true, force: true });
      cpSync(shop, data, { recursive: true });
    }
  };
  begin();
  for (const step of ["preprocess", "popular", "train"]) if (chosen.has(step)) await both(step, ["batch", step]);
  if (chosen.has("batch")) {
    begin();
    await both("batch, in one process", ["batch"]);
  }
  if (chosen.has("again")) {
    const events = Math.round(sizes.transactions / 100);
    for (const data of folders) await Effect.runPromise(appendEvents(data, events));
    await both(`batch, ${events} new`, ["batch"]);
  }
  for (const data of folders) rmSync(data, { recursive: true, force: true });
};

console.log(
  `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} threads, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.version}, seed ${values.seed}, Spark at ${process.env.SPARK_MASTER ?? "local[*]"}`,
);
try {
  for (const size of values.sizes.split(",").map(Number)) await one(size);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

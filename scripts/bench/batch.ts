/**
 * Times the batch, step by step, each step a process of its own, beside DuckDB alone on the same files:
 * `npm run bench -- batch --sizes 0.1,0.33,1 --seed 42`. A size of 1 is that of the H&M files: 31.8 M transactions of
 * 1.37 M customers and 105,542 articles, made by `generate`. Then 1 % new events come, and the batch runs again.
 *
 * Prints wall time, CPU time and peak memory (Linux: /proc) of every step. DuckDB alone: for csv-to-delta, its CSV reader into a
 * Parquet file; for preprocess, ids, sums and ratings by SQL into a Parquet file, without histories, what was bought, exact sums or
 * anything to carry on; for popular, distinct buyers of 30 days. It has the same threads and memory.
 *
 * --folder keeps the made shops and finds them again; --memory is SQL_MEMORY_MIB; --nightly false leaves the second run out.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Effect } from "effect";
import { appendEvents, generating, sizesOf } from "./Shop.ts";
import { run, told, type Used } from "./Used.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "0.1,0.33,1" },
    seed: { type: "string", default: "42" },
    memory: { type: "string", default: "2048" },
    folder: { type: "string" },
    nightly: { type: "string", default: "true" },
  },
});

const main = new URL("../main.js", import.meta.url).pathname;
/** DuckDB alone, in a process of its own. */
const duckdb = (statement: string): Promise<Used> =>
  run(
    [
      "--input-type=module",
      "-e",
      `import { DuckDBInstance } from "@duckdb/node-api";
       const db = await DuckDBInstance.create(":memory:", { threads: "${availableParallelism()}", memory_limit: "${values.memory}MiB", temp_directory: ${JSON.stringify(join(folder, "spill"))} });
       await (await db.connect()).run(${JSON.stringify(statement)});`,
    ],
    {},
  );

const folder = values.folder ?? mkdtempSync(join(tmpdir(), "slipstream-batch-"));
mkdirSync(folder, { recursive: true });

const row = (name: string, used: Used, alone?: Used): void => {
  const beside = alone === undefined ? "" : `   DuckDB alone ${told(alone)}   ${(used.wall / alone.wall).toFixed(2)} ×`;
  console.log(`${name.padEnd(22)} ${told(used)}${beside}`);
};

const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;

const ratingsAlone = (from: string, to: string): string => `
  COPY (
    WITH t AS (SELECT customer_id, article_id, file_row_number AS n FROM read_parquet(${from})),
    u AS (SELECT customer_id, row_number() OVER (ORDER BY min(n)) - 1 AS user_idx FROM t GROUP BY customer_id),
    i AS (SELECT article_id, row_number() OVER (ORDER BY min(n)) - 1 AS item_idx FROM t GROUP BY article_id)
    SELECT user_idx, item_idx, ln(1 + count(*))::FLOAT AS rating FROM t JOIN u USING (customer_id) JOIN i USING (article_id)
    GROUP BY ALL ORDER BY user_idx, item_idx
  ) TO ${to} (FORMAT parquet)`;

const popularAlone = (from: string, to: string): string => `
  COPY (
    SELECT article_id, count(DISTINCT customer_id) AS buyers FROM read_parquet(${from})
    WHERE t_dat >= (SELECT max(t_dat) - 30 FROM read_parquet(${from})) GROUP BY ALL ORDER BY buyers DESC, article_id LIMIT 50
  ) TO ${to} (FORMAT parquet)`;

const one = async (size: number): Promise<void> => {
  const sizes = sizesOf(size);
  const { articles, customers, transactions } = sizes;
  const shop = join(folder, `shop-${size}-${values.seed}`);
  const data = join(folder, `data-${size}`);
  rmSync(data, { recursive: true, force: true });
  console.log(`\n${transactions} transactions, ${customers} customers, ${articles} articles`);
  if (!existsSync(join(shop, "raw/transactions_train.csv"))) {
    row("generate (not counted)", await run([main, ...generating(sizes, values.seed, shop)], {}));
  }
  mkdirSync(data, { recursive: true });
  symlinkSync(join(shop, "raw"), join(data, "raw"));
  const environment = { DATA_DIR: data, SQL_MEMORY_MIB: values.memory, LOG_LEVEL: "info" };
  const csv = join(shop, "raw/transactions_train.csv");
  const [plain, ratings, best] = ["plain", "ratings", "best"].map((name) => join(data, `${name}.parquet`)) as [
    string,
    string,
    string,
  ];
  const all: Array<Used> = [];
  const step = async (name: string, alone?: string): Promise<void> => {
    const beside = alone === undefined ? undefined : await duckdb(alone);
    const used = await run([main, "batch", name], environment);
    all.push(used);
    row(name, used, beside);
  };
  await step("csv-to-delta", `COPY (FROM read_csv(${quoted(csv)})) TO ${quoted(plain)} (FORMAT parquet)`);
  await step("preprocess", ratingsAlone(quoted(plain), quoted(ratings)));
  await step("popular", popularAlone(quoted(plain), quoted(best)));
  await step("train");
  await step("load");
  const total = (of: (used: Used) => number) => all.reduce((sum, used) => sum + of(used), 0);
  row("all steps", {
    wall: total(({ wall }) => wall),
    cpu: total(({ cpu }) => cpu),
    peak: Math.max(...all.map(({ peak }) => peak)),
  });
  for (const made of ["store", "delta"]) rmSync(join(data, made), { recursive: true, force: true });
  row("batch, in one process", await run([main, "batch"], environment));
  if (values.nightly === "true") {
    const events = Math.round(transactions / 100);
    await Effect.runPromise(appendEvents(data, events));
    row(`batch, ${events} new`, await run([main, "batch"], environment));
  }
  for (const path of [plain, ratings, best]) rmSync(path, { force: true });
};

console.log(
  `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} threads, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.version}, seed ${values.seed}, SQL_MEMORY_MIB ${values.memory}`,
);
try {
  for (const size of values.sizes.split(",").map(Number)) await one(size);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

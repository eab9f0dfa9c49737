/**
 * Rates of writing and reading Delta tables: `node scripts/bench/run.mjs tables --rows 2000000 --vectors 200000`.
 *
 * Three kinds: pairs (int, int, float, sorted by the first), transactions (the shape of raw/transactions) and vectors
 * (int, array<float> of 32). Prints million rows and nanoseconds per value each way, and the bytes per row on disk.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Effect, Stream } from "effect";
import { make } from "../../layers/Tables/Local.ts";
import type { ColumnBatch } from "../../src/domain/Columns.ts";
import { userFactors } from "../../src/domain/ModelTables.ts";
import { rawTransactions, type TableDefinition, trainData } from "../../src/domain/TableSchemas.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "2000000" },
    vectors: { type: "string", default: "200000" },
    batch: { type: "string", default: "20000" },
  },
});
const size = Number(values.batch);

let state = 1;
/** Uniform below `n`, by a xorshift. */
const random = (n: number): number => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
};

const hex = (id: number): string =>
  [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0xd3a2646c, 0xfd7046c5, 0xb55a4f09]
    .map((prime) => ((Math.imul(id ^ (id >>> 7), prime) ^ prime) >>> 0).toString(16).padStart(8, "0"))
    .join("");
const days = 734;

const batches: Readonly<Record<string, (first: number, rows: number, total: number) => ColumnBatch>> = {
  pairs: (first, rows) => ({
    rows,
    columns: {
      user_idx: Int32Array.from({ length: rows }, (_, i) => Math.floor((first + i) / 20)),
      item_idx: Int32Array.from({ length: rows }, () => random(105_542)),
      rating: Float32Array.from({ length: rows }, () => Math.log1p(1 + random(5))),
    },
  }),
  transactions: (first, rows, total) => ({
    rows,
    columns: {
      t_dat: Int32Array.from({ length: rows }, (_, i) => 17_794 + Math.floor(((first + i) * days) / total)),
      customer_id: Array.from({ length: rows }, () => hex(random(1_371_980))),
      article_id: Array.from({ length: rows }, () => `0${108_775_015 + random(105_542)}`),
      price: Array.from({ length: rows }, () => random(9857) / 16_949),
      sales_channel_id: Array.from({ length: rows }, () => 1 + random(2)),
      event_type: new Array(rows).fill(null),
      timestamp: new Array(rows).fill(null),
      weight: new Array(rows).fill(null),
    },
  }),
  vectors: (first, rows) => ({
    rows,
    columns: {
      id: Int32Array.from({ length: rows }, (_, i) => first + i),
      features: Array.from({ length: rows }, () => Float32Array.from({ length: 32 }, () => random(1e9) / 1e9 - 0.5)),
    },
  }),
};

/** Time spent making the batches is left out. */
const measure = (root: string, kind: string, { name, schema }: TableDefinition, total: number) =>
  Effect.gen(function* () {
    const tables = yield* make(root);
    let making = 0;
    const source = Stream.fromIteratorSucceed(
      (function* () {
        for (let first = 0; first < total; first += size) {
          const from = performance.now();
          const batch = batches[kind]!(first, Math.min(size, total - first), total);
          making += performance.now() - from;
          yield batch;
        }
      })(),
      1,
    );
    const started = performance.now();
    yield* tables.overwrite(name, schema, source);
    const writing = performance.now() - started - making;
    const { bytes } = yield* tables.snapshot(name);
    const from = performance.now();
    yield* Stream.runForEach(tables.read(name), () => Effect.void);
    const readTime = performance.now() - from;
    const cells = total * schema.length;
    const rate = (millis: number): string =>
      `${(total / millis / 1000).toFixed(2).padStart(6)} M rows/s ${((millis * 1e6) / cells).toFixed(1).padStart(7)} ns/value`;
    const perRow = (bytes / total).toFixed(1);
    console.log(`${kind.padEnd(13)} write ${rate(writing)}   read ${rate(readTime)}   ${perRow} bytes/row`);
  });

const root = mkdtempSync(join(tmpdir(), "bench-tables-"));
await Effect.runPromise(
  Effect.gen(function* () {
    yield* measure(root, "pairs", trainData, Number(values.rows));
    yield* measure(root, "transactions", rawTransactions, Number(values.rows));
    yield* measure(root, "vectors", userFactors("bench"), Number(values.vectors));
  }),
);
console.log(`peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
rmSync(root, { recursive: true });

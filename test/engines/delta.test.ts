/** Our Delta tables and those of the Python package deltalake (the Rust implementation), each read by the other. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Chunk, Duration, Effect, Schema, Stream } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { make } from "../../layers/Tables/Local.ts";
import { relation } from "../../src/datasets/Relation.ts";
import { overwriteTable } from "../../src/datasets/WriteTable.ts";
import type { ColumnBatch, Field } from "../../src/domain/Columns.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { batchOf, everyType, rowsOf } from "../contracts/Tables.ts";
import { run as runCommand, smallShop } from "../e2e/process.ts";
import { byText, everyRow, printed, readBothWays } from "./rows.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

const Answer = Schema.Struct({
  version: Schema.Number,
  columns: Schema.Array(Schema.String),
  schema: Schema.Struct({
    fields: Schema.Array(Schema.Struct({ name: Schema.String, type: Schema.Unknown, nullable: Schema.Boolean })),
  }),
  /** Rows of plain values; there may be many, so they are not looked at one by one. */
  rows: Schema.declare((value): value is ReadonlyArray<ReadonlyArray<unknown>> => Array.isArray(value)),
  transactions: Schema.Record({ key: Schema.String, value: Schema.String }),
  files: Schema.Number,
  numRecords: Schema.Number,
});

let python = "";
let folder = "";
let tables: TablesService;
let foreign: Readonly<Record<string, typeof Answer.Type>>;

const run = (...args: ReadonlyArray<string>): unknown =>
  JSON.parse(execFileSync(python, [join(here, "delta_tables.py"), ...args], { encoding: "utf8", maxBuffer: 1 << 28 }));

const theirs = (table: string, version?: number): typeof Answer.Type =>
  Schema.decodeUnknownSync(Answer)(
    run("read", join(folder, table), ...(version === undefined ? [] : [String(version)])),
  );

const ours = (table: string, fields: ReadonlyArray<{ readonly name: string }>, version?: number) =>
  Effect.map(Stream.runCollect(tables.read(table, version === undefined ? {} : { version })), (batches) =>
    rowsOf(fields, Chunk.toReadonlyArray(batches)).map((row) => row.map(printed)),
  );

const numbers: ReadonlyArray<Field> = [
  { name: "id", type: "integer", nullable: false },
  { name: "name", type: "string", nullable: true },
];

beforeAll(async () => {
  try {
    python = execFileSync(join(root, "scripts/engines/python.sh"), { encoding: "utf8" }).trim();
  } catch (cause) {
    throw new Error(
      "This test needs Python 3.11 or newer with its venv module, and a package index to install deltalake and pyarrow " +
        "from: see what scripts/engines/python.sh prints",
      { cause },
    );
  }
  folder = await mkdtemp(join(tmpdir(), "delta-engines-"));
  tables = await Effect.runPromise(make(folder));
  foreign = Schema.decodeUnknownSync(Schema.Record({ key: Schema.String, value: Answer }))(run("write", folder));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("deltalake reads what we write", () => {
  const expectSame = (table: string, fields: ReadonlyArray<Field>, batch: ColumnBatch): void => {
    const answer = theirs(table);
    expect(answer.columns).toEqual(fields.map(({ name }) => name));
    expect(answer.numRecords).toBe(batch.rows);
    const expected = rowsOf(fields, [batch]).map((row) => JSON.stringify(row.map(printed)));
    const differs = answer.rows.findIndex((row, i) => JSON.stringify(row) !== expected[i]);
    expect(answer.rows[differs]).toBeUndefined();
    expect(answer.rows.length).toBe(batch.rows);
  };

  it.live("every type, with nulls", () =>
    Effect.gen(function* () {
      const batch = everyRow(4000);
      yield* tables.overwrite("types", everyType, Stream.make(batch));
      expectSame("types", everyType, batch);
    }),
  );

  it.live("several pages, row groups and dictionaries", () =>
    Effect.gen(function* () {
      const fields = everyType.filter(({ name }) => name === "text" || name === "vector");
      const batch = everyRow(140_000);
      yield* tables.overwrite("large", fields, Stream.make(batch));
      expectSame("large", fields, batch);
    }),
  );

  it.live("every type, with nulls, in a file of the SQL engine's", () =>
    Effect.gen(function* () {
      const batch = everyRow(4000);
      yield* tables.overwrite("types", everyType, Stream.make(batch));
      const table = { name: "engine", schema: everyType };
      const { session: open } = makeSql({ threads: 2, memoryMiB: 256, spillFolder: join(folder, "spill") });
      const session = yield* open;
      const select = (yield* relation("types")).statement;
      yield* overwriteTable({ session, table, select });
      expectSame("engine", everyType, batch);
      yield* overwriteTable({ session, table, select: (yield* relation("foreign/types")).statement });
      expect(byText(theirs("engine").rows)).toEqual(byText(foreign.types!.rows));
    }).pipe(Effect.scoped, Effect.provideService(Tables, tables)),
  );

  it.live("required columns of every type", () =>
    Effect.gen(function* () {
      const required = everyType.map((field) => ({ ...field, nullable: false }));
      const complete = everyRow(3);
      const columns = Object.fromEntries(Object.entries(complete.columns).map(([name, c]) => [name, [c[0], c[0]]]));
      const batch: ColumnBatch = { rows: 2, columns };
      yield* tables.overwrite("required", required, Stream.make(batch));
      const answer = theirs("required");
      expect(answer.rows).toEqual(rowsOf(required, [batch]).map((row) => row.map(printed)));
      expect(answer.schema.fields.map(({ nullable }) => nullable)).toEqual(required.map(() => false));
    }),
  );

  it.live("appends with transactions over checkpoints, overwrites, every version", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 23; i++) {
        const expected = i === 0 ? undefined : BigInt(i - 1);
        const move = [{ appId: "writer", expected, next: BigInt(i) }];
        yield* tables.append("commits", numbers, Stream.make(batchOf([i, i + 100])), move);
      }
      yield* tables.overwrite("commits", numbers, Stream.make(batchOf([7])));
      const log = yield* Effect.promise(() => readdir(join(folder, "commits/_delta_log")));
      expect(log.filter((name) => name.endsWith(".checkpoint.parquet"))).toHaveLength(2);
      for (const version of [0, 10, 15, 20, 22, 23]) {
        const answer = theirs("commits", version);
        expect(byText(answer.rows)).toEqual(byText(yield* ours("commits", numbers, version)));
        expect(answer.transactions).toEqual({ writer: String(Math.min(version, 22)) });
      }
    }),
  );

  it.live("a table whose first commits are gone, by its checkpoint alone", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 13; i++) yield* tables.append("short", numbers, Stream.make(batchOf([i])));
      const log = join(folder, "short/_delta_log");
      for (let i = 0; i < 10; i++) {
        yield* Effect.promise(() => rm(join(log, `${String(i).padStart(20, "0")}.json`)));
      }
      expect(byText(theirs("short").rows)).toEqual(byText(rowsOf(numbers, [batchOf(Array.from(Array(13).keys()))])));
      const fresh = yield* make(folder);
      expect(yield* fresh.snapshot("short")).toMatchObject({ version: 12, rows: 13 });
    }),
  );

  it.live("a table that got a column, before and after compaction and a checkpoint", () =>
    Effect.gen(function* () {
      const wider: ReadonlyArray<Field> = [...numbers, { name: "more", type: "double", nullable: true }];
      const wide = (id: number): ColumnBatch => ({ rows: 1, columns: { id: [id], name: ["n"], more: [id / 2] } });
      yield* tables.append("wider", numbers, Stream.make(batchOf([1, 2])));
      yield* tables.append("wider", wider, Stream.make(wide(3)));
      const same = Effect.gen(function* () {
        const answer = theirs("wider");
        expect(answer.columns).toEqual(wider.map(({ name }) => name));
        expect(byText(answer.rows)).toEqual(byText(yield* ours("wider", wider)));
        return answer.rows.length;
      });
      expect(yield* same).toBe(3);
      expect(theirs("wider", 0).columns).toEqual(numbers.map(({ name }) => name));
      yield* tables.compact("wider", { smallerThan: 1e6, minFiles: 2 });
      expect(yield* same).toBe(3);
      for (let id = 4; id < 16; id++) yield* tables.append("wider", wider, Stream.make(wide(id)));
      expect(yield* same).toBe(15);
    }),
  );

  it.live("compacted and vacuumed tables", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* tables.append("kept", numbers, Stream.make(batchOf([i])));
      expect(yield* tables.compact("kept", { smallerThan: 1e6, minFiles: 2 })).toBe(5);
      expect(yield* tables.vacuum("kept", Duration.zero)).toBe(5);
      const answer = theirs("kept");
      expect(answer).toMatchObject({ files: 1, numRecords: 5 });
      expect(byText(answer.rows)).toEqual(byText(yield* ours("kept", numbers)));
    }),
  );
});

describe("we read what deltalake writes", () => {
  const same = (name: string) =>
    Effect.gen(function* () {
      const answer = foreign[name]!;
      const fields = answer.columns.map((column) => ({ name: column }));
      expect(byText(yield* ours(`foreign/${name}`, fields))).toEqual(byText(answer.rows));
      expect(yield* tables.snapshot(`foreign/${name}`)).toMatchObject({
        version: answer.version,
        rows: answer.rows.length,
        files: answer.files,
      });
    });

  it.live("every type", () => same("types"));
  it.live("partition columns, with values that need encoding", () => same("partitioned"));
  it.live("other encodings, and a column that older files lack", () => same("odd"));

  it.live("several commits, an overwrite, a checkpoint, transactions", () =>
    Effect.gen(function* () {
      yield* same("commits");
      const { transactions } = yield* tables.snapshot("foreign/commits");
      expect(transactions).toEqual(new Map([["writer", 2n ** 60n + 7n]]));
      for (const version of [0, 2, 3, 5]) {
        expect(byText(yield* ours("foreign/commits", numbers, version))).toEqual(
          byText(theirs("foreign/commits", version).rows),
        );
      }
    }),
  );

  it.live("and both write to one table in turn", () =>
    Effect.gen(function* () {
      const nullable = numbers.map((field) => ({ ...field, nullable: true }));
      yield* tables.append("foreign/commits", nullable, Stream.make(batchOf([500])));
      expect(byText(theirs("foreign/commits").rows)).toEqual(byText(yield* ours("foreign/commits", nullable)));
    }),
  );
});

describe("we read what others rewrote of ours", () => {
  const rewritten = (name: string, ...args: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const table = `rewritten/${name}`;
      const batch = everyRow(4000);
      for (let part = 0; part < 2; part++) yield* tables.append(table, everyType, Stream.make(batch));
      const [command = "", ...rest] = args;
      const answer = run(command, join(folder, table), ...rest);
      const expected = byText(rowsOf(everyType, [batch, batch]).map((row) => row.map(printed)));
      const [ours, engines] = yield* readBothWays(folder, table, everyType);
      expect(byText(ours)).toEqual(expected);
      expect(byText(engines)).toEqual(expected);
      if (answer !== null) expect(byText(Schema.decodeUnknownSync(Answer)(answer).rows)).toEqual(expected);
      return yield* (yield* make(folder)).snapshot(table);
    });

  for (const codec of ["UNCOMPRESSED", "SNAPPY", "GZIP", "BROTLI", "LZ4_RAW", "ZSTD"]) {
    it.live(`overwritten by deltalake with ${codec}`, () => rewritten(`overwritten-${codec}`, "overwrite", codec));
  }
  it.live("merged by deltalake, which compresses by ZSTD", () =>
    Effect.gen(function* () {
      expect(yield* rewritten("merged", "merge", "ZSTD")).toMatchObject({ files: 1, rows: 8000 });
    }),
  );
  it.live("overwritten by polars", () => rewritten("polars", "polars"));
  it.live("with the timestamps of Impala and old Spark", () => rewritten("int96", "repack", "int96"));
  it.live("with nanoseconds", () => rewritten("nanos", "repack", "nanos"));
  it.live("with many dictionary pages", () => rewritten("dictionary", "repack", "dictionary"));

  it.live("and go on where they left off, also over their checkpoints", () =>
    Effect.gen(function* () {
      yield* tables.append("turns", numbers, Stream.make(batchOf([1, 2])));
      run("merge", join(folder, "turns"), "GZIP");
      for (let i = 3; i < 14; i++) {
        yield* tables.append("turns", numbers, Stream.make(batchOf([i])));
        run("overwrite", join(folder, "turns"), i % 2 === 0 ? "ZSTD" : "BROTLI");
      }
      expect(yield* tables.compact("turns", { smallerThan: 1e6, minFiles: 2 })).toBe(0);
      const expected = rowsOf(numbers, [batchOf(Array.from({ length: 13 }, (_, i) => i + 1))]);
      expect(byText(yield* ours("turns", numbers))).toEqual(byText(expected));
      expect(byText(theirs("turns").rows)).toEqual(byText(expected));
    }),
  );

  it.live("and learn from them what was learnt before", () =>
    Effect.gen(function* () {
      const shop = { DATA_DIR: join(folder, "shop"), PARTITIONS: "2", ALS_ITERATIONS: "2", LOG_FORMAT: "logfmt" };
      const loss = (said: string) => /trained model .*(\d+ users.*loss [^"]+)/.exec(said)?.[1];
      const command = (word: string) => Effect.promise(() => runCommand([word], { ...shop, ...smallShop }));
      expect((yield* command("generate")).code).toBe(0);
      const before = yield* command("batch");
      expect(loss(before.stderr)).toBeDefined();
      const rewrites = [
        ["raw/transactions", "GZIP"],
        ["raw/articles", "LZ4_RAW"],
        ["raw/customers", "BROTLI"],
        ["processed/user_map", "ZSTD"],
        ["processed/item_map", "ZSTD"],
      ] as const;
      for (const [name, codec] of rewrites) run("overwrite", join(shop.DATA_DIR, "delta", name), codec);
      const after = yield* command("batch");
      expect(after.code, after.stderr).toBe(0);
      expect(loss(after.stderr)).toBe(loss(before.stderr));
    }),
  );

  it.live("and hold pages against their checksums", () =>
    Effect.gen(function* () {
      yield* rewritten("checksums", "repack", "checksums");
      const place = join(folder, "rewritten/checksums");
      const names = (yield* Effect.promise(() => readdir(place))).filter((name) => name.endsWith(".parquet"));
      const file = join(place, names[0] ?? "");
      const bytes = yield* Effect.promise(() => readFile(file));
      bytes[400]! ^= 1;
      yield* Effect.promise(() => writeFile(file, bytes));
      const fresh = yield* make(folder);
      expect(yield* Effect.flip(Stream.runDrain(fresh.read("rewritten/checksums")))).toMatchObject({
        reason: "Corrupt",
        message: expect.stringContaining("checksum"),
      });
    }),
  );
});

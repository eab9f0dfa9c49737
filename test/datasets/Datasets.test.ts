/** Tables through the engine: what it reads of our log's files, and what our log commits of its files. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Exit, Fiber, Layer, Stream } from "effect";
import * as fc from "fast-check";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { make as makeTables } from "../../layers/Tables/Local.ts";
import { relation } from "../../src/datasets/Relation.ts";
import { appendTable, overwriteTable } from "../../src/datasets/WriteTable.ts";
import type { ColumnBatch, ColumnType, Field } from "../../src/domain/Columns.ts";
import { Sql, type SqlSession } from "../../src/ports/Sql.ts";
import { sql } from "../../src/ports/Statement.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { everyType, rowsOf } from "../contracts/Tables.ts";
import { temporaryFolder } from "../layers/Tables/temporary.ts";

const place = Effect.map(temporaryFolder, (folder) => ({
  folder,
  layer: Layer.merge(
    Layer.effect(Tables, makeTables(join(folder, "delta"))),
    Layer.succeed(Sql, makeSql({ threads: 2, memoryMiB: 256, spillFolder: join(folder, "spill") })),
  ),
}));

const within = <A, E>(
  test: (session: SqlSession, tables: TablesService, folder: string) => Effect.Effect<A, E, Tables | Sql>,
) =>
  Effect.scoped(
    Effect.flatMap(place, ({ folder, layer }) =>
      Effect.gen(function* () {
        const { session } = yield* Sql;
        return yield* test(yield* session, yield* Tables, folder);
      }).pipe(Effect.scoped, Effect.provide(layer)),
    ),
  );

const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
const values: Readonly<Record<ColumnType, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text).toString()),
    fc.constantFrom("same", '"', ""),
  ),
  boolean: fc.boolean(),
  integer: int,
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float(),
  double: fc.double(),
  // From 0001 to 9999: what both sides print in statistics.
  date: fc.integer({ min: -719_162, max: 2_932_896 }),
  timestamp: fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_000_000n }),
  "array<float>": fc.array(fc.float(), { maxLength: 5 }).map((list) => Float32Array.from(list)),
};

const batch: fc.Arbitrary<ColumnBatch> = fc
  .integer({ min: 1, max: 12 })
  .chain((rows) =>
    fc
      .record(
        Object.fromEntries(
          everyType.map(({ name, type }) => [
            name,
            fc.array(fc.option(values[type], { freq: 4 }), { minLength: rows, maxLength: rows }),
          ]),
        ),
      )
      .map((columns) => ({ rows, columns })),
  );

/** NaN and -0 told apart from what they resemble. */
const printed = (rows: ReadonlyArray<ReadonlyArray<unknown>>) =>
  rows.map((row) =>
    row.map((value) => (Array.isArray(value) ? value.map(String).join() : Object.is(value, -0) ? "-0" : value)),
  );

const collect = <E, R>(batches: Stream.Stream<ColumnBatch, E, R>, fields: ReadonlyArray<Field> = everyType) =>
  Effect.map(Stream.runCollect(batches), (all) => printed(rowsOf(fields, Chunk.toReadonlyArray(all))));

interface Stats {
  readonly numRecords: number;
  readonly minValues: Readonly<Record<string, unknown>>;
  readonly maxValues: Readonly<Record<string, unknown>>;
  readonly nullCount: Readonly<Record<string, number>>;
}

/** Statistics of the newest commit's only file. */
const statsOf = (folder: string, table: string) =>
  Effect.promise(async () => {
    const log = join(folder, "delta", table, "_delta_log");
    const [name = ""] = (await readdir(log))
      .filter((file) => file.endsWith(".json"))
      .sort()
      .reverse();
    const lines = (await readFile(join(log, name), "utf8")).trim().split("\n");
    const add = lines.map((line) => JSON.parse(line).add).find((found) => found !== undefined);
    return JSON.parse(add.stats) as Stats;
  });

const numbers: ReadonlyArray<Field> = [{ name: "id", type: "integer", nullable: false }];
const three = { name: "n", schema: numbers };

describe("Datasets", () => {
  it.live(
    "are read and written as by our own Parquet, to the bit and to the statistics",
    () =>
      within((session, tables, folder) =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), (batches) =>
              Effect.runPromise(
                Effect.gen(function* () {
                  yield* tables.drop("ours");
                  yield* tables.drop("copy");
                  for (const one of batches) yield* tables.append("ours", everyType, Stream.make(one));
                  const expected = printed(rowsOf(everyType, batches));
                  const { statement, rows } = yield* relation("ours");
                  expect(rows).toBe(expected.length);
                  expect(yield* collect(session.stream(statement))).toEqual(expected);

                  const table = { name: "copy", schema: everyType };
                  expect(yield* overwriteTable({ session, table, select: statement })).toEqual({ version: 0, rows });
                  expect(yield* collect(tables.read("copy"))).toEqual(expected);
                  const theirs = yield* statsOf(folder, "copy");
                  yield* tables.overwrite("ours", everyType, Stream.fromIterable(batches));
                  const own = yield* statsOf(folder, "ours");
                  const { vector, ...nullCount } = own.nullCount;
                  expect(vector).toBeGreaterThanOrEqual(0);
                  expect(theirs).toEqual({ ...own, nullCount });
                }).pipe(Effect.scoped, Effect.provideService(Tables, tables)),
              ),
            ),
            { numRuns: 40 },
          ),
        ),
      ),
    300_000,
  );

  it.live("lack no column: what a file does not have is null, what no file has too", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        const wide: ReadonlyArray<Field> = [...numbers, { name: "word", type: "string", nullable: true }];
        yield* session.run(sql`SELECT 1`);
        yield* tables.overwrite("n", wide, Stream.empty);
        yield* tables.appendFiles("n", wide, (newFile) =>
          Effect.gen(function* () {
            const path = yield* newFile;
            yield* session.run(sql`COPY (SELECT 7::SMALLINT AS id) TO ${path} (FORMAT parquet)`);
            return [{ path, rows: 1, statistics: new Map() }];
          }),
        );
        const columns: ReadonlyArray<Field> = [...wide, { name: "more", type: "double", nullable: true }];
        const all = yield* relation("n", { columns, position: "place" });
        const [read] = yield* Stream.runCollect(session.stream(all.statement));
        expect(read?.columns).toEqual({
          id: Int32Array.of(7),
          word: [null],
          more: [null],
          place: BigInt64Array.of(0n),
        });
        const needed = columns.map((field) => ({ ...field, nullable: false }));
        expect(yield* Effect.flip(relation("n", { columns: needed }))).toMatchObject({
          reason: "SchemaMismatch",
          message: "table n has no column more, which is needed; it has id, word",
        });
        yield* tables.overwrite("n", wide, Stream.empty);
        expect(yield* collect(session.stream((yield* relation("n")).statement), wide)).toEqual([]);
        expect(yield* collect(session.stream((yield* relation("n", { version: 1 })).statement), wide)).toEqual([
          [7, null],
        ]);
      }).pipe(Effect.scoped),
    ),
  );

  it.live("tell each row's place among the files, in the order in which they were added", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        for (const from of [100, 50, 0]) {
          const ids = Int32Array.from({ length: 50 }, (_, i) => from + i);
          yield* tables.append("n", numbers, Stream.make({ rows: 50, columns: { id: ids } }));
        }
        const { statement } = yield* relation("n", { position: "place" });
        const read = yield* collect(session.stream(sql`SELECT id FROM ${statement} ORDER BY place DESC`), numbers);
        expect(read.map(([id]) => id)).toEqual(
          [0, 50, 100].flatMap((from) => Array.from({ length: 50 }, (_, i) => from + 49 - i)),
        );
      }).pipe(Effect.scoped),
    ),
  );

  it.live("have the values of their partitions, which are in no file", () =>
    within((session, tables, folder) =>
      Effect.gen(function* () {
        const log = join(folder, "delta/n/_delta_log/00000000000000000000.json");
        yield* tables.append("n", numbers, Stream.make({ rows: 2, columns: { id: [1, 2] } }));
        yield* Effect.promise(async () => {
          const lines = (await readFile(log, "utf8"))
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
          const add = lines.find((line) => line.add !== undefined).add;
          const metadata = lines.find((line) => line.metaData !== undefined).metaData;
          const fields = [
            ["id", "integer"],
            ["day", "date"],
            ["at", "timestamp"],
            ["word", "string"],
          ].map(([name, type]) => ({ name, type, nullable: true, metadata: {} }));
          metadata.schemaString = JSON.stringify({ type: "struct", fields });
          metadata.partitionColumns = ["day", "at", "word"];
          const others = [
            { day: "2020-01-02", at: "2020-01-02 03:04:05.000006", word: "it's" },
            { day: "2020-01-02", at: "2020-01-02 03:04:05.000006", word: "it's" },
            { day: null, at: null, word: null },
          ];
          const adds = others.map((partitionValues) => ({ add: { ...add, partitionValues } }));
          const rest = lines.filter((line) => line.add === undefined);
          // One file cannot be added twice to a version: each has a name of its own.
          const bytes = await readFile(join(folder, "delta/n", add.path));
          adds.forEach((one, i) => {
            one.add.path = `part-${i}.parquet`;
          });
          for (const one of adds) await writeFile(join(folder, "delta/n", one.add.path), bytes);
          await writeFile(log, [...rest, ...adds].map((line) => JSON.stringify(line)).join("\n"));
        });
        const fresh = yield* makeTables(join(folder, "delta"));
        const { schema } = yield* fresh.snapshot("n");
        const { statement } = yield* Effect.provideService(relation("n"), Tables, fresh);
        const read = yield* collect(session.stream(statement), schema);
        expect(read).toHaveLength(6);
        expect(read).toEqual(yield* collect(fresh.read("n"), schema));
        expect(read[0]).toEqual([1, 18_263, 1_577_934_245_000_006n, "it's"]);
      }).pipe(Effect.scoped),
    ),
  );

  it.live("are the same rows in the same order whatever the threads", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        const select = sql`SELECT i::INTEGER AS id FROM range(400000) t(i) WHERE hash(i) % 3 > 0`;
        const read = [];
        for (const threads of [1, 2, 4]) {
          yield* session.run(sql`SET threads = ${threads}`);
          yield* overwriteTable({ session, table: three, select });
          yield* overwriteTable({ session, table: three, select: (yield* relation("n")).statement });
          read.push(yield* collect(tables.read("n"), numbers));
        }
        expect(read[0]?.length).toBeGreaterThan(200_000);
        for (const other of read) expect(other).toEqual(read[0]);
      }).pipe(Effect.scoped),
    ),
  );

  it.live("move transactions with appended rows, and stay as they were where one is stale", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        const rows = { session, table: three, select: sql`SELECT 1 AS id` };
        const move = [{ appId: "writer", expected: undefined, next: 5n }];
        expect(yield* appendTable(rows, move)).toEqual({ version: 0, rows: 1 });
        expect(yield* Effect.flip(appendTable(rows, move))).toMatchObject({ reason: "Stale" });
        expect(yield* tables.snapshot("n")).toMatchObject({ rows: 1, transactions: new Map([["writer", 5n]]) });
      }),
    ),
  );

  it.live("keep nothing of a write that failed, was refused or was interrupted", () =>
    within((session, tables, folder) =>
      Effect.gen(function* () {
        yield* tables.append("n", numbers, Stream.make({ rows: 1, columns: { id: [1] } }));
        const files = Effect.promise(async () => (await readdir(folder, { recursive: true })).sort());
        const before = yield* files;
        const some = sql`SELECT CASE WHEN i = 900000 THEN ${null} ELSE i END AS id FROM range(1000000) t(i)`;
        const nulls = yield* Effect.flip(overwriteTable({ session, table: three, select: some }));
        expect(nulls).toMatchObject({
          reason: "SchemaMismatch",
          message: expect.stringContaining("column id may not be null"),
        });
        const late = sql`SELECT CASE WHEN i = 900000 THEN error('late') ELSE i END AS id FROM range(1000000) t(i)`;
        expect(yield* Effect.flip(appendTable({ session, table: three, select: late }))).toMatchObject({
          reason: "Value",
        });
        const endless = sql`SELECT i % 1000 AS id FROM range(1000000000000) t(i)`;
        const fiber = yield* Effect.fork(overwriteTable({ session, table: three, select: endless }));
        yield* Effect.sleep("300 millis");
        expect((yield* files).length).toBeGreaterThan(before.length);
        expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true);
        expect(yield* files).toEqual(before);
        expect(yield* overwriteTable({ session, table: three, select: sql`SELECT 1 AS id WHERE false` })).toEqual({
          version: 1,
          rows: 0,
        });
        expect(yield* tables.snapshot("n")).toMatchObject({ rows: 0, files: 0 });
      }),
    ),
  );

  it.live("are listed by name", () =>
    within((_, tables) =>
      Effect.gen(function* () {
        expect(yield* tables.list).toEqual([]);
        for (const name of ["raw/b", "raw/a", "models/20250101-x.1/user_factors"]) {
          yield* tables.overwrite(name, numbers, Stream.empty);
        }
        expect(yield* tables.list).toEqual(["models/20250101-x.1/user_factors", "raw/a", "raw/b"]);
        yield* tables.drop("raw/a");
        expect(yield* tables.list).toEqual(["models/20250101-x.1/user_factors", "raw/b"]);
      }),
    ),
  );
});

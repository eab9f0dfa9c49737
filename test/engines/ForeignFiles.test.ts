/** Data files that another engine wrote: every codec, narrower types, missing columns, row groups of any size. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Stream } from "effect";
import * as esbuild from "esbuild";
import { fileWriter, parquetWrite } from "hyparquet-writer";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { parquetElements } from "../../layers/Tables/delta/parquet/Schema.ts";
import { make } from "../../layers/Tables/Local.ts";
import { relation } from "../../src/datasets/Relation.ts";
import type { ColumnBatch, Field } from "../../src/domain/Columns.ts";
import type { SqlSession } from "../../src/ports/Sql.ts";
import { inlined, type Statement, sql } from "../../src/ports/Statement.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { everyType, rowsOf } from "../contracts/Tables.ts";
import { temporaryFolder } from "../layers/Tables/temporary.ts";

const nullable = (name: string, type: Field["type"]): Field => ({ name, type, nullable: true });

const within = <A, E>(
  test: (session: SqlSession, tables: TablesService, folder: string) => Effect.Effect<A, E, Tables>,
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const { session } = makeSql({ threads: 2, memoryMiB: 512, spillFolder: join(folder, "spill") });
      const tables = yield* make(folder);
      return yield* Effect.provideService(test(yield* session, tables, folder), Tables, tables);
    }),
  );

/** Makes `t` a table of one file, which holds what `select` answers, whatever the table's schema says. */
const put = (
  session: SqlSession,
  tables: TablesService,
  schema: ReadonlyArray<Field>,
  select: Statement,
  options: Statement = sql`COMPRESSION snappy`,
) =>
  tables.overwriteFiles("t", schema, (newFile) =>
    Effect.gen(function* () {
      const path = yield* newFile;
      const rows = yield* session.run(sql`COPY (${select}) TO ${path} (FORMAT parquet, ${options})`);
      return [{ path, rows, statistics: new Map() }];
    }),
  );

const collect = <E, R>(batches: Stream.Stream<ColumnBatch, E, R>, fields: ReadonlyArray<Field>) =>
  Effect.map(Stream.runCollect(batches), (all) => rowsOf(fields, Chunk.toReadonlyArray(all)));

/** The rows by our own reading, which must be those of the engine's. */
const read = (session: SqlSession, tables: TablesService, fields: ReadonlyArray<Field>) =>
  Effect.gen(function* () {
    const ours = yield* collect(tables.read("t"), fields);
    const theirs = yield* collect(session.stream((yield* relation("t")).statement), fields);
    const text = (row: ReadonlyArray<unknown> | undefined) => row?.map(String).join("|");
    expect(ours.findIndex((row, i) => text(row) !== text(theirs[i]))).toBe(-1);
    expect(ours.length).toBe(theirs.length);
    return ours;
  }).pipe(Effect.scoped);

const many = sql`SELECT
    CASE WHEN i % 7 > 0 THEN 'word ' || (i % 500) END AS text, CASE WHEN i % 5 > 0 THEN i % 2 = 0 END AS flag,
    CASE WHEN i % 3 > 0 THEN i::INTEGER END AS small, CASE WHEN i % 11 > 0 THEN -i * 1000000007 END AS big,
    (i / 8)::FLOAT AS single, CASE WHEN i % 4 > 0 THEN i / 3 END AS wide, DATE '1969-12-01' + i::INTEGER AS day,
    CASE WHEN i % 9 > 0 THEN make_timestamptz(i * 86400000001 - 900000000000001) END AS moment,
    CASE WHEN i % 6 > 0 THEN list_transform(range(i % 5), lambda x: (x + i / 4)::FLOAT) END AS vector
  FROM range(7000) t(i)`;

describe("files of other engines", () => {
  for (const codec of ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"]) {
    for (const version of ["V1", "V2"]) {
      it.live(`are read from ${codec} pages, ${version}`, () =>
        within((session, tables) =>
          Effect.gen(function* () {
            const options = sql`COMPRESSION ${inlined(sql`${codec}`)}, PARQUET_VERSION ${inlined(sql`${version}`)}, ROW_GROUP_SIZE 2048`;
            yield* put(session, tables, everyType, many, options);
            const rows = yield* read(session, tables, everyType);
            expect(rows).toHaveLength(7000);
            expect(rows[6998]).toEqual([
              "word 498",
              true,
              6998,
              -6998n * 1000000007n,
              874.75,
              6998 / 3,
              6998 - 31,
              6998n * 86400000001n - 900000000000001n,
              [1749.5, 1750.5, 1751.5],
            ]);
          }),
        ),
      );
    }
  }

  it.live("may have narrower types than the table, and timestamps of other units", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        const fields = [
          nullable("tiny", "integer"),
          nullable("long", "long"),
          nullable("wide", "double"),
          nullable("whole", "double"),
          nullable("nanos", "timestamp"),
          nullable("millis", "timestamp"),
        ];
        const select = sql`SELECT (i - 2)::TINYINT AS tiny, (i - 2)::SMALLINT AS long, (i / 8)::FLOAT AS wide,
          i::INTEGER AS whole, make_timestamp_ns((i - 2) * 1000000001000)::TIMESTAMP_NS AS nanos,
          make_timestamp_ms((i - 2) * 1001)::TIMESTAMP_MS AS millis FROM range(5) t(i)`;
        yield* put(session, tables, fields, select);
        const rows = yield* read(session, tables, fields);
        expect(rows[0]).toEqual([-2, -2n, 0, 0, -2_000_000_002n, -2_002_000n]);
        expect(rows[4]).toEqual([2, 2n, 0.5, 4, 2_000_000_002n, 2_002_000n]);
      }),
    ),
  );

  it.live("of another type than the table are refused by the column's name and both types", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        const cases = [
          ["integer", sql`SELECT 1::BIGINT AS it`, "it is integer in the table's schema, but INT64"],
          ["string", sql`SELECT 1.5::DECIMAL(9,2) AS it`, "it is string in the table's schema, but INT32 (DECIMAL)"],
          ["long", sql`SELECT 1::UBIGINT AS it`, "it is long in the table's schema, but INT64 (UINT_64)"],
          ["date", sql`SELECT 'x' AS it`, "it is date in the table's schema, but BYTE_ARRAY (UTF8)"],
          ["timestamp", sql`SELECT 1::BIGINT AS it`, "it is timestamp in the table's schema, but INT64"],
          ["double", sql`SELECT [1.5::DOUBLE] AS it`, "it is double in the table's schema, but a list of DOUBLE"],
          ["array<float>", sql`SELECT 1::FLOAT AS it`, "it is array<float> in the table's schema, but FLOAT"],
          ["string", sql`SELECT {'a': 1, 'b': 2} AS it`, "it is string in the table's schema, but nested columns"],
        ] as const;
        for (const [type, select, message] of cases) {
          yield* put(session, tables, [nullable("it", type)], select);
          const error = yield* Effect.flip(Stream.runDrain(tables.read("t")));
          expect(error).toMatchObject({ reason: "SchemaMismatch", message: expect.stringContaining(message) });
        }
      }),
    ),
  );

  it.live("without a column have null in it, unless there must be a value", () =>
    within((session, tables) =>
      Effect.gen(function* () {
        const fields = [nullable("id", "long"), nullable("more", "double")];
        yield* put(session, tables, fields, sql`SELECT 5::BIGINT AS id`);
        expect(yield* read(session, tables, fields)).toEqual([[5n, null]]);
        yield* put(session, tables, [fields[0]!, { ...fields[1]!, nullable: false }], sql`SELECT 5::BIGINT AS id`);
        expect(yield* Effect.flip(Stream.runDrain(tables.read("t")))).toMatchObject({
          reason: "SchemaMismatch",
          message: expect.stringContaining("column more may not be null, but the file does not have it"),
        });
      }),
    ),
  );

  it.live("are taken in by a compaction, after which all is in one of ours", () =>
    within((session, tables, folder) =>
      Effect.gen(function* () {
        const fields = [nullable("id", "long"), nullable("more", "double")];
        yield* put(session, tables, fields, sql`SELECT i AS id FROM range(3) t(i)`, sql`COMPRESSION zstd`);
        yield* tables.append("t", fields, Stream.make({ rows: 1, columns: { id: [9n], more: [0.5] } }));
        expect(yield* tables.compact("t", { smallerThan: 1e6, minFiles: 2 })).toBe(2);
        const fresh = yield* make(folder);
        expect(yield* fresh.snapshot("t")).toMatchObject({ files: 1, rows: 4 });
        expect(yield* read(session, fresh, fields)).toEqual([
          [0n, null],
          [1n, null],
          [2n, null],
          [9n, 0.5],
        ]);
      }),
    ),
  );
});

describe("a row group of any size", () => {
  /** Beside the tree's packages, so that the bundle finds them. */
  const bundle = Effect.acquireRelease(
    Effect.promise(async () => {
      const root = fileURLToPath(new URL("../..", import.meta.url));
      mkdirSync(join(root, "dist"), { recursive: true });
      const outfile = join(mkdtempSync(join(root, "dist/large-")), "child.mjs");
      await esbuild.build({
        entryPoints: [fileURLToPath(new URL("../layers/Tables/large/child.ts", import.meta.url))],
        outfile,
        bundle: true,
        format: "esm",
        platform: "node",
        packages: "external",
        logLevel: "warning",
      });
      return outfile;
    }),
    (file) => Effect.sync(() => rmSync(join(file, ".."), { recursive: true, force: true })),
  );

  const writeOneGroup = async (path: string, fields: ReadonlyArray<Field>, rows: number): Promise<void> => {
    const column = (value: (i: number) => unknown) => Array.from({ length: rows }, (_, i) => value(i));
    const data = {
      big: column((i) => (i % 10 > 0 ? BigInt(i) : null)),
      word: column((i) => `w${i % 1000}`),
      list: column((i) => [i]),
    };
    const columnData = Object.entries(data).map(([name, values]) => ({ name, data: values }));
    const schema = parquetElements(fields);
    await parquetWrite({ writer: fileWriter(path), schema, columnData, rowGroupSize: rows, statistics: false });
  };

  it.live(
    "is read in little memory",
    () =>
      within((_, tables, folder) =>
        Effect.gen(function* () {
          const rows = 2_000_000;
          const fields = [nullable("big", "long"), nullable("word", "string"), nullable("list", "array<float>")];
          yield* tables.overwriteFiles("t", fields, (newFile) =>
            Effect.gen(function* () {
              const path = yield* newFile;
              yield* Effect.promise(() => writeOneGroup(path, fields, rows));
              return [{ path, rows, statistics: new Map() }];
            }),
          );
          const file = yield* bundle;
          const answer = yield* Effect.sync(
            () =>
              JSON.parse(
                execFileSync(process.execPath, ["--max-old-space-size=128", file, folder], { encoding: "utf8" }),
              ) as { readonly largest: number; readonly memory: number },
          );
          const all = (BigInt(rows) * BigInt(rows - 1)) / 2n;
          const tens = (BigInt(rows) / 10n) * (BigInt(rows) / 10n - 1n) * 5n;
          expect(answer).toMatchObject({ rows, total: String(all - tens) });
          expect(answer.largest).toBeLessThan(140_000);
          expect(answer.memory).toBeLessThan(450);
        }).pipe(Effect.scoped),
      ),
    120_000,
  );
});

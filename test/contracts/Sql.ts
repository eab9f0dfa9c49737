/** The contract of the Sql port, run over every layer. */
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Duration, Effect, Fiber, type Layer, Schema, Stream } from "effect";
import * as fc from "fast-check";
import type { ColumnBatch } from "../../src/domain/Columns.ts";
import { Sql, SqlError, type SqlSession } from "../../src/ports/Sql.ts";
import { identifier, inlined, joined, type SqlValue, type Statement, sql } from "../../src/ports/Statement.ts";
import { everyType, rowsOf } from "./Tables.ts";

const One = Schema.Struct({ n: Schema.BigIntFromSelf });

const reasonOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => (error instanceof SqlError ? error.reason : String(error)));

/** Never ends within a test's time. */
const endless = sql`SELECT count(*) AS n FROM range(1000000000000) t(i) WHERE sin(i) > 2`;

/** Sorts far more than the memory of a session that `folder` holds the spill of. */
const large = sql`SELECT sha256(i::VARCHAR) AS s FROM range(2000000) t(i) ORDER BY s`;

const collect = (stream: Stream.Stream<ColumnBatch, SqlError>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray);

export interface SqlPlace {
  /** Empty at first; files in it are read and written by path. */
  readonly folder: string;
  readonly layer: Layer.Layer<Sql>;
}

export const sqlContract = (
  name: string,
  withPlace: <A, E>(use: (place: SqlPlace) => Effect.Effect<A, E>) => Effect.Effect<A, E>,
): void => {
  const live = <A, E>(title: string, test: (session: SqlSession, folder: string) => Effect.Effect<A, E, Sql>) =>
    it.live(title, () =>
      withPlace(({ folder, layer }) =>
        Effect.flatMap(Sql, ({ session }) => Effect.flatMap(session, (open) => test(open, folder))).pipe(
          Effect.scoped,
          Effect.provide(layer),
        ),
      ),
    );

  describe(`Sql: ${name}`, () => {
    live("gives rows by a schema, and takes a row that does not fit for a defect", (session) =>
      Effect.gen(function* () {
        const Row = Schema.Struct({ a: Schema.Int, b: Schema.NullOr(Schema.String), c: Schema.BigIntFromSelf });
        const statement = sql`SELECT i::INTEGER AS a, nullif(${"x"} || i, 'x1') AS b, i AS c FROM range(${3}) t(i)`;
        expect(yield* session.rows(Row, statement)).toEqual([
          { a: 0, b: "x0", c: 0n },
          { a: 1, b: null, c: 1n },
          { a: 2, b: "x2", c: 2n },
        ]);
        const exit = yield* Effect.exit(session.rows(One, statement));
        expect(exit).toMatchObject({ _tag: "Failure", cause: { _tag: "Die" } });
      }),
    );

    live("gives back what it is given: any name, any value", (session) =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.array(
              fc.tuple(
                fc.string({ unit: "binary", minLength: 1, maxLength: 8 }).filter((text) => !text.includes("\0")),
                fc.oneof(
                  fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
                  fc.integer(),
                  fc.double({ noInteger: true }),
                  fc.boolean(),
                  fc.bigInt({ min: -(2n ** 127n) + 1n, max: 2n ** 127n - 1n }),
                  fc.constant(null),
                ),
              ),
              { minLength: 1, maxLength: 5 },
            ),
            (columns) => {
              const wellFormed = columns.map(([key, value]): [string, SqlValue] => [
                Buffer.from(key).toString(),
                typeof value === "string" ? Buffer.from(value).toString() : value,
              ]);
              const unique = wellFormed.filter(
                ([key], i) => wellFormed.findIndex(([other]) => other.toLowerCase() === key.toLowerCase()) === i,
              );
              const expected = [Object.fromEntries(unique)];
              const select = sql`SELECT ${joined(unique.map(([key, value]) => sql`${value} AS ${identifier(key)}`))}`;
              const Any = Schema.Record({ key: Schema.String, value: Schema.Unknown });
              return Effect.runPromise(
                Effect.gen(function* () {
                  expect(yield* session.rows(Any, select)).toEqual(expected);
                  expect(yield* session.rows(Any, inlined(select))).toEqual(expected);
                }),
              );
            },
          ),
          {
            numRuns: 60,
            examples: [[[["least", -(2 ** 31)]]], [[["least", -(2n ** 63n)]]], [[["least", 1n - 2n ** 127n]]]],
          },
        ),
      ),
    );

    live("loads and streams columns of every type, with nulls and extremes", (session) =>
      Effect.gen(function* () {
        const rows = 5000;
        const list = <A>(value: (i: number) => A) =>
          Array.from({ length: rows }, (_, i) => (i % 7 === 6 ? null : value(i)));
        const batch: ColumnBatch = {
          rows,
          columns: {
            text: list((i) => (i === 0 ? "" : `naïve 🛍 ${"x".repeat(i % 40)} ${i}`)),
            flag: list((i) => i % 2 === 0),
            small: list((i) => (i % 5 === 0 ? -2_147_483_648 : i)),
            big: list((i) => -(2n ** 63n) + BigInt(i)),
            single: list((i) => (i === 3 ? Number.NaN : i / 4)),
            wide: list((i) => (i === 4 ? Number.NEGATIVE_INFINITY : i / 3)),
            day: list((i) => i - 20_000),
            moment: list((i) => BigInt(i - 5) * 86_400_000_001n),
            vector: list((i) => Float32Array.from({ length: i % 5 }, (_, j) => i + j / 8)),
          },
        };
        yield* session.load("t", everyType, Stream.make(batch, batch));
        const read = yield* collect(session.stream(sql`SELECT * FROM t`));
        expect(rowsOf(everyType, read)).toEqual(rowsOf(everyType, [batch, batch]));
      }),
    );

    live("streams numbers without nulls as typed arrays, in order, in batches", (session) =>
      Effect.gen(function* () {
        const batches = yield* collect(
          session.stream(sql`SELECT i::INTEGER AS a, i * 2 AS b, (i / 2)::FLOAT AS c FROM range(200000) t(i)`),
        );
        expect(batches.length).toBeGreaterThan(2);
        let next = 0;
        for (const { rows, columns } of batches) {
          expect([columns.a, columns.b, columns.c].map((column) => column.constructor)).toEqual([
            Int32Array,
            BigInt64Array,
            Float32Array,
          ]);
          for (let i = 0; i < rows; i++, next++) if (columns.a[i] !== next || columns.b[i] !== BigInt(2 * next)) break;
        }
        expect(next).toBe(200_000);
        expect(yield* collect(session.stream(sql`SELECT 1 AS a WHERE false`))).toEqual([]);
      }),
    );

    live("says which column of a stream must be cast", (session) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(collect(session.stream(sql`SELECT sum(i) AS total FROM range(3) t(i)`)));
        expect(error).toMatchObject({
          reason: "Statement",
          message: "column total is of type HUGEINT, which must be cast",
        });
        expect(yield* session.rows(One, sql`SELECT 1::BIGINT AS n`)).toEqual([{ n: 1n }]);
      }),
    );

    live("runs nothing else while a stream is read, and goes on when it is left early", (session) =>
      Effect.gen(function* () {
        const first = yield* session.stream(sql`SELECT i FROM range(10000000) t(i)`).pipe(Stream.take(1), collect);
        expect(first[0].columns.i[0]).toBe(0n);
        expect(yield* session.rows(One, sql`SELECT 2::BIGINT AS n`)).toEqual([{ n: 2n }]);
      }),
    );

    live("cancels what is interrupted, at once, and goes on", (session) =>
      Effect.gen(function* () {
        for (const delay of [0, 50]) {
          for (const work of [
            session.run(endless),
            Stream.runDrain(session.stream(endless)),
            session.rows(One, endless),
          ]) {
            const fiber = yield* Effect.fork(work);
            yield* Effect.sleep(Duration.millis(delay));
            const [took] = yield* Effect.timed(Fiber.interrupt(fiber));
            expect(Duration.toSeconds(took)).toBeLessThan(5);
          }
        }
        expect(yield* session.rows(One, sql`SELECT 3::BIGINT AS n`)).toEqual([{ n: 3n }]);
      }),
    );

    live("tells how far it is", (session, folder) =>
      Effect.gen(function* () {
        const heard: Array<number> = [];
        const file = join(folder, "rows.parquet");
        const select = sql`SELECT sha256(sha256(i::VARCHAR)) AS s FROM range(500000) t(i)`;
        expect(
          yield* session.run(sql`COPY (${select}) TO ${file} (FORMAT parquet)`, (percent) => heard.push(percent)),
        ).toBe(500_000);
        expect(heard.at(-1)).toBe(100);
        expect(heard).toEqual([...heard].sort((a, b) => a - b));
        expect(heard.every((percent) => percent >= 0 && percent <= 100)).toBe(true);
      }),
    );

    const failures: ReadonlyArray<readonly [string, SqlError["reason"], RegExp, (folder: string) => Statement]> = [
      ["no such file", "Missing", /none\.parquet/, (folder) => sql`FROM read_parquet(${join(folder, "none.parquet")})`],
      [
        "a file of another format",
        "BadFile",
        /bad\.parquet/,
        (folder) => sql`FROM read_parquet(${join(folder, "bad.parquet")})`,
      ],
      [
        "a folder that is not there",
        "Missing",
        /nowhere/,
        (folder) => sql`COPY (SELECT 1) TO ${join(folder, "nowhere/x.parquet")}`,
      ],
      ["a value that is no number", "Value", /'x'/, () => sql`SELECT ${"x"}::INTEGER`],
      ["a value out of range", "Value", /3000000000/, () => sql`SELECT ${3_000_000_000n}::INTEGER`],
      ["a value that the statement refuses", "Value", /^row 3 is bad$/, () => sql`SELECT error(${"row 3 is bad"})`],
      ["more than fits in memory", "Memory", /SQL_MEMORY_MIB/, () => sql`SELECT list(i) FROM range(200000000) t(i)`],
      ["wrong SQL", "Statement", /selec/, () => sql`selec 1`],
      ["an unknown column", "Statement", /nope/, () => sql`SELECT nope FROM range(1)`],
      ["an extension", "Statement", /httpfs/, () => sql`FROM read_parquet(${"https://127.0.0.1:1/x.parquet"})`],
    ];
    for (const [what, reason, message, statement] of failures) {
      live(`fails as ${reason} on ${what}`, (session, folder) =>
        Effect.gen(function* () {
          yield* Effect.promise(() => writeFile(join(folder, "bad.parquet"), "this is no Parquet file"));
          const error = yield* Effect.flip(session.run(statement(folder)));
          expect(error).toBeInstanceOf(SqlError);
          expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
          expect(yield* session.rows(One, sql`SELECT 1::BIGINT AS n`)).toEqual([{ n: 1n }]);
        }),
      );
    }

    live("keeps sessions apart, and gives up their spill files with them", (session, folder) =>
      Effect.gen(function* () {
        const { session: open } = yield* Sql;
        const spilled = () => (existsSync(join(folder, "spill")) ? readdirSync(join(folder, "spill")) : []);
        yield* session.run(sql`CREATE TABLE t AS SELECT 1`);
        yield* Effect.gen(function* () {
          const other = yield* open;
          expect(yield* reasonOf(other.run(sql`FROM t`))).toBe("Statement");
          yield* other.run(sql`CREATE TABLE big AS ${large}`);
          expect(spilled()).toHaveLength(2);
        }).pipe(Effect.scoped);
        expect(spilled()).toHaveLength(1);
      }),
    );
  });

  describe(`Sql: questions to ${name}`, () => {
    /** Asks over one view, `raw/numbers`, whose file is readable; another file lies beside it. */
    const asking = <A, E>(
      test: (
        ask: (question: string) => Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError>,
        folder: string,
      ) => Effect.Effect<A, E>,
    ) =>
      withPlace(({ folder, layer }) =>
        Effect.gen(function* () {
          const { session, ask } = yield* Sql;
          const file = join(folder, "it's.parquet");
          yield* Effect.scoped(
            Effect.flatMap(session, ({ run }) =>
              run(sql`COPY (SELECT i::INTEGER AS id, 'n' || i AS name FROM range(3) t(i)) TO ${file} (FORMAT parquet)`),
            ),
          );
          yield* Effect.promise(() => writeFile(join(folder, "secret.csv"), "a\n1\n"));
          const view = { name: "raw/numbers", statement: sql`SELECT * FROM read_parquet(${[file]})`, files: [file] };
          return yield* test(
            (question) =>
              ask([view], question).pipe(
                Effect.flatMap(({ rows }) => Stream.runCollect(rows)),
                Effect.map((chunks) => Chunk.toReadonlyArray(chunks).flat()),
                Effect.scoped,
              ),
            folder,
          );
        }).pipe(Effect.provide(layer)),
      );

    it.live("reads the views by either name, in one SELECT of any form", () =>
      asking((ask) =>
        Effect.gen(function* () {
          const all = [
            [0, "n0"],
            [1, "n1"],
            [2, "n2"],
          ];
          for (const question of [
            "SELECT * FROM raw.numbers",
            'select * from "raw/numbers";',
            "FROM raw.numbers",
            " -- all\n/* of them */ (SELECT * FROM raw.numbers)",
            "WITH x AS (FROM raw.numbers) SELECT * FROM x",
          ]) {
            expect(yield* ask(question)).toEqual(all);
          }
          expect(
            yield* ask("SELECT NULL, true, 0.5::DOUBLE, 9007199254740993, DATE '2020-01-02', [1, NULL], {'a': 1}"),
          ).toEqual([[null, true, 0.5, 9007199254740993n, "2020-01-02", [1, null], "{'a': 1}"]]);
          expect((yield* ask("DESCRIBE raw.numbers")).map(([name]) => name)).toEqual(["id", "name"]);
        }),
      ),
    );

    const forbidden: ReadonlyArray<string> = [
      "SELECT * FROM read_csv('FOLDER/secret.csv')",
      "FROM 'FOLDER/secret.csv'",
      "SELECT * FROM read_text('FOLDER/secret.csv')",
      "SELECT * FROM read_blob('/etc/passwd')",
      "SELECT * FROM glob('/*')",
      "SELECT * FROM sniff_csv('FOLDER/secret.csv')",
      "COPY (SELECT 1) TO 'FOLDER/out.csv'",
      "COPY (SELECT 1) TO 'FOLDER/it''s.parquet' (FORMAT parquet)",
      "EXPORT DATABASE 'FOLDER/out'",
      "IMPORT DATABASE 'FOLDER/out'",
      "ATTACH 'FOLDER/out.db'",
      "SET memory_limit = '1GB'",
      "SET enable_external_access = true",
      "RESET lock_configuration",
      "PRAGMA threads = 4",
      "PRAGMA database_list",
      "INSTALL httpfs",
      "LOAD httpfs",
      "CALL pragma_version()",
      "CREATE TABLE t (i INTEGER)",
      "DROP VIEW raw.numbers",
      "USE raw",
      "BEGIN",
      "CHECKPOINT",
      "PREPARE p AS SELECT 1",
      "EXPLAIN ANALYZE SELECT 1",
      "SELECT 1; SELECT 2",
      "SELECT 1; DROP VIEW raw.numbers",
      "SELECT $1",
      "",
    ];
    it.live("refuses everything else, and writes nothing", () =>
      asking((ask, folder) =>
        Effect.gen(function* () {
          const before = readdirSync(folder).sort();
          for (const question of forbidden) {
            expect([question, yield* reasonOf(ask(question.replaceAll("FOLDER", folder)))]).toEqual([
              question,
              "Forbidden",
            ]);
          }
          for (const question of [
            "SELECT getenv('HOME')",
            "SELECT * FROM sqlite_scan('x', 't')",
            "SELECT nope FROM raw.numbers",
          ]) {
            expect([question, yield* reasonOf(ask(question))]).toEqual([question, "Statement"]);
          }
          expect(readdirSync(folder).sort()).toEqual(before);
          expect(yield* ask("SELECT count(*) FROM raw.numbers")).toEqual([[3n]]);
        }),
      ),
    );
  });
};

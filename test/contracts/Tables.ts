/** The contract of the Tables port, run over every layer. */
import { copyFile } from "node:fs/promises";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Deferred, Duration, Effect, Exit, Fiber, type Layer, Stream } from "effect";
import type { ColumnBatch, Field } from "../../src/domain/Columns.ts";
import { TableError, Tables } from "../../src/ports/Tables.ts";

export const everyType: ReadonlyArray<Field> = [
  { name: "text", type: "string", nullable: true },
  { name: "flag", type: "boolean", nullable: true },
  { name: "small", type: "integer", nullable: true },
  { name: "big", type: "long", nullable: true },
  { name: "single", type: "float", nullable: true },
  { name: "wide", type: "double", nullable: true },
  { name: "day", type: "date", nullable: true },
  { name: "moment", type: "timestamp", nullable: true },
  { name: "vector", type: "array<float>", nullable: true },
];

const numbers: ReadonlyArray<Field> = [
  { name: "id", type: "integer", nullable: false },
  { name: "name", type: "string", nullable: true },
];

export const batchOf = (ids: ReadonlyArray<number>): ColumnBatch => ({
  rows: ids.length,
  columns: { id: Int32Array.from(ids), name: ids.map((id) => (id % 3 === 0 ? null : `name ${id}`)) },
});

/** Rows as arrays of plain values, typed arrays as lists, in order. */
export const rowsOf = (
  fields: ReadonlyArray<{ readonly name: string }>,
  batches: Iterable<ColumnBatch>,
): Array<Array<unknown>> => {
  const rows: Array<Array<unknown>> = [];
  for (const batch of batches) {
    for (let row = 0; row < batch.rows; row++) {
      rows.push(
        fields.map(({ name }) => {
          const value = batch.columns[name]![row];
          return value instanceof Float32Array ? Array.from(value) : value;
        }),
      );
    }
  }
  return rows;
};

const readRows = (table: string, fields: ReadonlyArray<Field> = numbers, version?: number) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const batches = yield* Stream.runCollect(tables.read(table, version === undefined ? {} : { version }));
    return rowsOf(fields, Chunk.toReadonlyArray(batches));
  });

const ids = (table: string, version?: number) =>
  Effect.map(readRows(table, numbers, version), (rows) => rows.map(([id]) => id as number));

const stream = (...batches: ReadonlyArray<ColumnBatch>) => Stream.fromIterable(batches);

const reasonOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => (error instanceof TableError ? error.reason : String(error)));

/** Runs an effect until it asks for the batch after those it was given, then interrupts it. */
export const interruptWithin = <A, E, R>(
  write: (endless: Stream.Stream<ColumnBatch>) => Effect.Effect<A, E, R>,
): Effect.Effect<void, never, R> =>
  Effect.gen(function* () {
    const reached = yield* Deferred.make<void>();
    const endless = Stream.concat(Stream.drain(Stream.fromEffect(Deferred.succeed(reached, undefined))), Stream.never);
    const fiber = yield* Effect.fork(write(endless));
    yield* Deferred.await(reached);
    yield* Fiber.interrupt(fiber);
  });

/** `layer` gives an empty store each time it is built. */
export const tablesContract = (name: string, layer: Layer.Layer<Tables>): void => {
  const live = <A, E>(title: string, effect: () => Effect.Effect<A, E, Tables>) =>
    it.live(title, () => Effect.provide(effect(), layer));

  describe(`Tables: ${name}`, () => {
    live("gives back every type, nulls and extremes", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const batch: ColumnBatch = {
          rows: 4,
          columns: {
            text: ["", 'naïve 🛍️ \n"quoted"', null, "x".repeat(300)],
            flag: [true, false, null, true],
            small: [-2_147_483_648, 2_147_483_647, null, 0],
            big: [-(2n ** 63n), 2n ** 63n - 1n, null, 0n],
            single: [Number.NaN, Number.POSITIVE_INFINITY, null, 0.5],
            wide: [Number.NaN, Number.NEGATIVE_INFINITY, null, Number.MIN_VALUE],
            day: [-1, 18_527, null, -719_162],
            moment: [-1n, 1_600_000_000_123_456n, null, 0n],
            vector: [new Float32Array(0), Float32Array.of(1, -2.5, 0), null, Float32Array.of(7)],
          },
        };
        yield* tables.overwrite("all/types", everyType, stream(batch));
        expect(yield* readRows("all/types", everyType)).toEqual(rowsOf(everyType, [batch]));
        const snapshot = yield* tables.snapshot("all/types");
        expect(snapshot).toMatchObject({ version: 0, rows: 4, files: 1, schema: everyType });
      }),
    );

    live("appends, overwrites, and keeps every version readable", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        expect(yield* tables.append("t", numbers, stream(batchOf([1, 2]), batchOf([])))).toBe(0);
        expect(yield* tables.append("t", numbers, stream(batchOf([3])))).toBe(1);
        expect(yield* tables.overwrite("t", numbers, stream(batchOf([9]), batchOf([8])))).toBe(2);
        expect(yield* tables.overwrite("t", numbers, Stream.empty)).toBe(3);
        expect(yield* ids("t", 0)).toEqual([1, 2]);
        expect(yield* ids("t", 1)).toEqual([1, 2, 3]);
        expect(yield* ids("t", 2)).toEqual([9, 8]);
        expect(yield* ids("t")).toEqual([]);
        expect(yield* tables.snapshot("t", 1)).toMatchObject({ version: 1, rows: 3, files: 2 });
        expect((yield* tables.snapshot("t")).schema).toEqual(numbers);
      }),
    );

    live("reads the columns asked for", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        yield* tables.append("t", numbers, stream(batchOf([1, 3])));
        const batches = yield* Stream.runCollect(tables.read("t", { columns: ["name"] }));
        expect(Chunk.toReadonlyArray(batches).map(({ columns }) => columns)).toEqual([{ name: ["name 1", null] }]);
        expect(yield* reasonOf(Stream.runDrain(tables.read("t", { columns: ["nam"] })))).toBe("UnknownColumn");
      }),
    );

    live("knows what it does not have", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        expect(yield* reasonOf(tables.snapshot("nowhere"))).toBe("NotFound");
        expect(yield* reasonOf(Stream.runDrain(tables.read("nowhere")))).toBe("NotFound");
        yield* tables.append("t", numbers, stream(batchOf([1])));
        expect(yield* reasonOf(tables.snapshot("t", 1))).toBe("NotFound");
        expect(yield* reasonOf(tables.snapshot("../t"))).toBe("Unsupported");
      }),
    );

    live("replaces the schema on overwrite, and refuses rows that do not fit on append", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        yield* tables.append("t", numbers, stream(batchOf([1])));
        const wider: ReadonlyArray<Field> = [...numbers, { name: "more", type: "long", nullable: true }];
        const narrower: ReadonlyArray<Field> = numbers.slice(0, 1);
        expect(yield* reasonOf(tables.append("t", narrower, Stream.empty))).toBe("SchemaMismatch");
        const text = stream({ rows: 1, columns: { id: ["1"], name: [null] } });
        expect(yield* reasonOf(tables.append("t", numbers, text))).toBe("SchemaMismatch");
        const missing = stream({ rows: 1, columns: { id: [null], name: [null] } });
        expect(yield* reasonOf(tables.append("t", numbers, missing))).toBe("SchemaMismatch");
        expect((yield* tables.snapshot("t")).version).toBe(0);
        yield* tables.overwrite("t", wider, Stream.empty);
        expect((yield* tables.snapshot("t")).schema).toEqual(wider);
        expect((yield* tables.snapshot("t", 0)).schema).toEqual(numbers);
      }),
    );

    live("adds columns across checkpoints and compaction; older rows have none", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const wider: ReadonlyArray<Field> = [...numbers, { name: "more", type: "long", nullable: true }];
        const wide = (id: number): ColumnBatch => ({
          rows: 1,
          columns: { id: [id], name: [null], more: [BigInt(id)] },
        });
        const move = [{ appId: "a", expected: undefined, next: 1n }];
        yield* tables.append("t", numbers, stream(batchOf([1, 2])));
        // What the writer says is never null is so in its rows alone.
        const stricter = wider.map((field) => (field.name === "more" ? { ...field, nullable: false } : field));
        expect(yield* tables.append("t", stricter, stream(wide(4)), move)).toBe(1);
        expect(yield* tables.snapshot("t")).toMatchObject({ version: 1, rows: 3, schema: wider });
        const rows = [
          [1, "name 1", null],
          [2, "name 2", null],
          [4, null, 4n],
        ];
        expect(yield* readRows("t", wider)).toEqual(rows);
        expect(yield* ids("t", 0)).toEqual([1, 2]);
        expect((yield* tables.snapshot("t", 0)).schema).toEqual(numbers);
        expect(yield* reasonOf(tables.append("t", numbers, stream(batchOf([5]))))).toBe("SchemaMismatch");
        const other: ReadonlyArray<Field> = [...numbers, { name: "more", type: "string", nullable: true }];
        expect(yield* reasonOf(tables.append("t", other, Stream.empty))).toBe("SchemaMismatch");
        expect(yield* tables.compact("t", { smallerThan: 1e6, minFiles: 2 })).toBe(2);
        expect(yield* readRows("t", wider)).toEqual(rows);
        for (let id = 5; id < 25; id++) yield* tables.append("t", wider, stream(wide(id)));
        expect((yield* readRows("t", wider)).slice(0, 4)).toEqual([...rows, [5, null, 5n]]);
        expect(yield* readRows("t", wider, 1)).toEqual(rows);
        expect((yield* tables.snapshot("t")).transactions.get("a")).toBe(1n);
      }),
    );

    live("adds a column once, whichever of many writers is first", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const wider: ReadonlyArray<Field> = [...numbers, { name: "more", type: "long", nullable: true }];
        yield* tables.append("t", numbers, stream(batchOf([0])));
        const all = Array.from({ length: 8 }, (_, i) => i + 1);
        yield* Effect.forEach(
          all,
          (id) => tables.append("t", wider, stream({ rows: 1, columns: { id: [id], name: [null], more: [null] } })),
          { concurrency: "unbounded" },
        );
        expect((yield* ids("t")).sort((a, b) => a - b)).toEqual([0, ...all]);
        expect((yield* tables.snapshot("t")).schema).toEqual(wider);
      }),
    );

    live("reads an optional column that the schema lacks as null", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        yield* tables.append("t", numbers, stream(batchOf([1, 3])));
        const columns = ["id", "more"];
        const [batch] = yield* Stream.runCollect(tables.read("t", { columns, optional: ["more", "id"] }));
        expect(rowsOf([{ name: "id" }, { name: "more" }], [batch!])).toEqual([
          [1, null],
          [3, null],
        ]);
        const unasked = Stream.runDrain(tables.read("t", { columns: ["mre"], optional: ["more"] }));
        expect(yield* reasonOf(unasked)).toBe("UnknownColumn");
      }),
    );

    live("moves transactions with the rows, and refuses a stale one", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const move = (expected: bigint | undefined, next: bigint) => [
          { appId: "a", expected, next },
          { appId: "b", expected, next: next + 2n ** 60n },
        ];
        yield* tables.append("t", numbers, stream(batchOf([1])), move(undefined, 5n));
        const { transactions } = yield* tables.snapshot("t");
        expect(transactions).toEqual(
          new Map([
            ["a", 5n],
            ["b", 5n + 2n ** 60n],
          ]),
        );
        expect(yield* reasonOf(tables.append("t", numbers, stream(batchOf([2])), move(undefined, 6n)))).toBe("Stale");
        const partly = [
          { appId: "a", expected: 5n, next: 6n },
          { appId: "b", expected: 5n, next: 6n },
        ];
        expect(yield* reasonOf(tables.append("t", numbers, stream(batchOf([2])), partly))).toBe("Stale");
        expect(yield* ids("t")).toEqual([1]);
        yield* tables.append("t", numbers, Stream.empty, [{ appId: "a", expected: 5n, next: 7n }]);
        expect((yield* tables.snapshot("t")).transactions.get("a")).toBe(7n);
      }),
    );

    live("lets exactly one of many concurrent writers move a transaction", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        for (let turn = 0; turn < 3; turn++) {
          const expected = turn === 0 ? undefined : BigInt(turn);
          const attempts = yield* Effect.all(
            Array.from({ length: 6 }, (_, i) =>
              Effect.exit(
                tables.append("t", numbers, stream(batchOf([turn * 10 + i])), [
                  { appId: "writer", expected, next: BigInt(turn + 1) },
                ]),
              ),
            ),
            { concurrency: "unbounded" },
          );
          expect(attempts.filter(Exit.isSuccess)).toHaveLength(1);
        }
        expect((yield* ids("t")).map((id) => Math.floor(id / 10))).toEqual([0, 1, 2]);
      }),
    );

    live("keeps all rows of concurrent appends without a transaction", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const all = Array.from({ length: 25 }, (_, i) => i);
        yield* Effect.forEach(all, (id) => tables.append("t", numbers, stream(batchOf([id]))), {
          concurrency: "unbounded",
        });
        expect((yield* ids("t")).sort((a, b) => a - b)).toEqual(all);
        expect((yield* tables.snapshot("t")).version).toBe(24);
      }),
    );

    live("shows no row of a write that failed or was interrupted", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        yield* tables.append("t", numbers, stream(batchOf([1])));
        const broken = Stream.concat(stream(batchOf([2])), Stream.fail("the source broke" as const));
        expect(yield* reasonOf(tables.append("t", numbers, broken))).toBe("the source broke");
        expect(yield* reasonOf(tables.overwrite("t", numbers, broken))).toBe("the source broke");
        yield* interruptWithin((batches) => tables.append("t", numbers, Stream.concat(stream(batchOf([3])), batches)));
        expect(yield* ids("t")).toEqual([1]);
        expect((yield* tables.snapshot("t")).version).toBe(0);
      }),
    );

    live("compacts small files without changing rows or older versions", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        for (let id = 0; id < 5; id++) yield* tables.append("t", numbers, stream(batchOf([id])));
        expect(yield* tables.compact("t", { smallerThan: 1e6, minFiles: 6 })).toBe(0);
        expect(yield* tables.compact("t", { smallerThan: 1e6, minFiles: 2 })).toBe(5);
        expect(yield* tables.snapshot("t")).toMatchObject({ version: 5, rows: 5, files: 1 });
        expect(yield* ids("t")).toEqual([0, 1, 2, 3, 4]);
        expect(yield* ids("t", 3)).toEqual([0, 1, 2, 3]);
        expect(yield* tables.compact("t", { smallerThan: 1e6, minFiles: 2 })).toBe(0);
      }),
    );

    live("replaces the rows of some files, beside what is added meanwhile, and nothing where one of them is gone", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        for (let id = 0; id < 4; id++) yield* tables.append("t", numbers, stream(batchOf([id, id + 10])));
        const version = yield* tables.append("source", numbers, stream(batchOf([7])));
        const { files } = yield* tables.files("source", version);
        const added = tables.append("t", numbers, stream(batchOf([5])));
        const write = (before: Effect.Effect<unknown, TableError>) => (newFile: Effect.Effect<string, TableError>) =>
          Effect.gen(function* () {
            const path = yield* newFile;
            yield* Effect.promise(() => copyFile(files[0]!.path, path));
            yield* before;
            return [{ path, rows: 1, statistics: new Map() }];
          });
        expect(yield* tables.replaceFiles("t", { version: 3, numbers: [1, 2] }, write(added))).toBe(true);
        expect(yield* ids("t")).toEqual([0, 10, 3, 13, 5, 7]);
        expect(yield* ids("t", 3)).toEqual([0, 10, 1, 11, 2, 12, 3, 13]);
        expect(yield* tables.onlyGrew("t", 4)).toBe(false);
        expect(yield* tables.replaceFiles("t", { version: 3, numbers: [1] }, write(Effect.void))).toBe(false);
        expect(yield* tables.replaceFiles("t", { version: 5, numbers: [0] }, () => Effect.succeed([]))).toBe(true);
        expect(yield* ids("t")).toEqual([3, 13, 5, 7]);
      }).pipe(Effect.scoped),
    );

    live("vacuums what no version within the retention needs", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        yield* tables.append("t", numbers, stream(batchOf([1])));
        yield* tables.append("t", numbers, stream(batchOf([2])));
        yield* tables.overwrite("t", numbers, stream(batchOf([3])));
        expect(yield* tables.vacuum("t", Duration.hours(1))).toBe(0);
        expect(yield* ids("t", 1)).toEqual([1, 2]);
        expect(yield* tables.vacuum("t", Duration.zero)).toBe(2);
        expect(yield* ids("t")).toEqual([3]);
        expect(yield* tables.vacuum("t", Duration.zero)).toBe(0);
      }),
    );

    live("drops a table with its versions, and lets it begin again", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        yield* tables.drop("t");
        yield* tables.append("t", numbers, stream(batchOf([1])));
        yield* tables.append("t", numbers, stream(batchOf([2])));
        yield* tables.drop("t");
        expect(yield* reasonOf(tables.snapshot("t"))).toBe("NotFound");
        expect(yield* tables.append("t", numbers, stream(batchOf([5])))).toBe(0);
        expect(yield* ids("t")).toEqual([5]);
      }),
    );

    live("reads the same after many commits, across checkpoints", () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        for (let id = 0; id < 23; id++) {
          yield* tables.append("t", numbers, stream(batchOf([id])), [
            { appId: "writer", expected: id === 0 ? undefined : BigInt(id - 1), next: BigInt(id) },
          ]);
        }
        expect((yield* tables.snapshot("t")).transactions.get("writer")).toBe(22n);
        for (const version of [0, 9, 10, 11, 19, 20, 22]) {
          expect(yield* ids("t", version)).toEqual(Array.from({ length: version + 1 }, (_, i) => i));
        }
      }),
    );
  });
};

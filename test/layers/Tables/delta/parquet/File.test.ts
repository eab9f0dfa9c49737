/** Our Parquet files, read by rows with hyparquet's defaults and by columns as tables are. */
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Either, Stream } from "effect";
import * as fc from "fast-check";
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { makeParquetFile } from "../../../../../layers/Tables/delta/parquet/File.ts";
import { readParquet } from "../../../../../layers/Tables/delta/parquet/Read.ts";
import { clearGroup, fill, isFull, makeRowGroup } from "../../../../../layers/Tables/delta/parquet/RowGroup.ts";
import { objectsOf, openBuffer } from "../../../../../layers/Tables/delta/TableObjects.ts";
import { local } from "../../../../../layers/Tables/objects/Local.ts";
import type { ColumnBatch, Field } from "../../../../../src/domain/Columns.ts";
import { everyType, rowsOf } from "../../../../contracts/Tables.ts";
import { countingTurns } from "../../../../support/Turns.ts";
import { temporaryFolder } from "../../temporary.ts";

const objects = objectsOf(local, "t");

const write = (path: string, fields: ReadonlyArray<Field>, batch: ColumnBatch) =>
  Effect.scoped(
    Effect.flatMap(objects.create(path), (upload) =>
      Effect.promise(async () => {
        const file = makeParquetFile(upload, fields);
        const group = makeRowGroup(fields);
        for (let next = 0; next < batch.rows; ) {
          next = Either.getOrThrow(fill(group, batch, next));
          if (isFull(group) || next === batch.rows) {
            await file.writeGroup(group);
            clearGroup(group);
          }
        }
        await file.finish();
        return file;
      }),
    ),
  );

const readOurs = (path: string, fields: ReadonlyArray<Field>) =>
  Effect.map(Stream.runCollect(readParquet(objects, path, fields, new Map())), (batches) =>
    rowsOf(fields, Chunk.toReadonlyArray(batches)),
  );

const readTheirs = (path: string, fields: ReadonlyArray<Field>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* openBuffer(objects, path);
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      const parsers = {
        stringFromBytes: (bytes: Uint8Array) => decoder.decode(bytes),
        dateFromDays: (days: number) => days,
        timestampFromMicroseconds: (micros: bigint) => micros,
      };
      const rows = yield* Effect.promise(() => parquetReadObjects({ file, parsers }));
      return rows.map((row) => fields.map(({ name }) => row[name] ?? null));
    }),
  );

const list = <A>(rows: number, value: (i: number) => A): ReadonlyArray<A> =>
  Array.from({ length: rows }, (_, i) => value(i));

/** Columns that fill several pages, repeat, hardly repeat, and have nulls between and at the ends. */
const large = (rows: number): ColumnBatch => ({
  rows,
  columns: {
    text: list(rows, (i) => (i % 7 === 0 || i < 3 ? null : `${"é".repeat(i % 3)}${i}${"x".repeat(i % 40)}`)),
    flag: list(rows, (i) => (i % 5 === 0 ? null : i % 3 === 0)),
    small: list(rows, (i) => (i % 4 === 0 ? null : Math.floor(i / 50))),
    big: list(rows, (i) => (i % 6 === 0 ? null : BigInt(i % 100) - (1n << 40n))),
    single: list(rows, (i) => (i % 8 === 0 ? null : Math.fround(i / 3))),
    wide: list(rows, (i) => (i % 9 === 0 ? null : (i % 1000) / 7)),
    day: list(rows, () => null),
    moment: list(rows, (i) => BigInt(i) * 1000n),
    vector: list(rows, (i) => (i % 10 === 0 ? null : new Float32Array(i % 24).fill(i))),
  },
});

describe("ParquetFile", () => {
  it.scopedLive("is read the same both ways, over pages and row groups", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "large.parquet");
      const batch = large(70_000);
      const file = yield* write(path, everyType, batch);
      expect(file.rows).toBe(batch.rows);
      const expected = rowsOf(everyType, [batch]);
      const ours = yield* readOurs(path, everyType);
      const theirs = yield* readTheirs(path, everyType);
      expect([ours.length, theirs.length]).toEqual([batch.rows, batch.rows]);
      // One assertion per row would take longer than the reading.
      const text = (row: ReadonlyArray<unknown> | undefined) => row?.map(String).join("|");
      expect(expected.findIndex((row, i) => text(row) !== text(ours[i]))).toBe(-1);
      expect(expected.findIndex((row, i) => text(row) !== text(theirs[i]))).toBe(-1);
      expect(file.statistics[everyType.findIndex(({ name }) => name === "day")]).toMatchObject({ nulls: batch.rows });
    }),
  );

  it.scopedLive("gives typed arrays of required numbers", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "typed.parquet");
      const fields = everyType
        .filter(({ name }) => ["small", "big", "single", "wide"].includes(name))
        .map((field) => ({ ...field, nullable: false }));
      const rows = 3000;
      const columns = {
        small: Int32Array.from({ length: rows }, (_, i) => i % 10),
        big: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
        single: Float32Array.from({ length: rows }, (_, i) => i / 2),
        wide: Float64Array.from({ length: rows }, (_, i) => i % 5),
      };
      yield* write(path, fields, { rows, columns });
      const [batch] = Chunk.toReadonlyArray(yield* Stream.runCollect(readParquet(objects, path, fields, new Map())));
      expect(batch).toEqual({ rows, columns });
    }),
  );

  it.scopedLive("has snappy but for lists of numbers, and a dictionary where text repeats", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "codecs.parquet");
      const fields: ReadonlyArray<Field> = [
        { name: "repeated", type: "string", nullable: false },
        { name: "distinct", type: "string", nullable: false },
        { name: "number", type: "double", nullable: false },
        { name: "factors", type: "array<float>", nullable: false },
      ];
      const rows = 20_000;
      const repeated = list(rows, (i) => `value ${i % 5}`);
      const distinct = list(rows, (i) => `a long common beginning, then ${i}`);
      const factors = list(rows, () => new Float32Array(4));
      yield* write(path, fields, { rows, columns: { repeated, distinct, number: list(rows, (i) => i % 5), factors } });
      const metadata = yield* Effect.scoped(
        Effect.flatMap(openBuffer(objects, path), (file) => Effect.promise(async () => parquetMetadataAsync(file))),
      );
      const chunks = metadata.row_groups[0]!.columns.map(({ meta_data }) => [
        meta_data!.codec,
        meta_data!.encodings.includes("RLE_DICTIONARY"),
      ]);
      expect(chunks).toEqual([
        ["SNAPPY", true],
        ["SNAPPY", false],
        ["SNAPPY", false],
        ["UNCOMPRESSED", false],
      ]);
    }),
  );

  it.scopedLive("keeps any strings and lists", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const factors: Field = { name: "factors", type: "array<float>", nullable: false };
      const fields = [...everyType.filter(({ name }) => name === "text" || name === "vector"), factors];
      const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 400 }), fc.constantFrom("a", "b", "\ufeffmarked"));
      const vector = fc.array(fc.float(), { maxLength: 9 });
      let files = 0;
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.tuple(fc.option(text), fc.option(vector), vector), { minLength: 1 }), (rows) =>
            Effect.runPromise(
              Effect.gen(function* () {
                const path = join(folder, `${files++}.parquet`);
                const columns = {
                  text: rows.map(([value]) => value),
                  vector: rows.map(([, value]) => (value === null ? null : Float32Array.from(value))),
                  factors: rows.map(([, , value]) => Float32Array.from(value)),
                };
                yield* write(path, fields, { rows: rows.length, columns });
                expect(yield* readOurs(path, fields)).toEqual(rows);
                expect(yield* readTheirs(path, fields)).toEqual(rows);
              }),
            ),
          ),
        ),
      );
    }),
  );

  it.live("lets all else have its turn between columns", () =>
    Effect.gen(function* () {
      const fields: ReadonlyArray<Field> = list(12, (n) => ({ name: `c${n}`, type: "double", nullable: false }));
      const columns = Object.fromEntries(fields.map(({ name }) => [name, Float64Array.of(1, 2)]));
      const group = makeRowGroup(fields);
      Either.getOrThrow(fill(group, { rows: 2, columns }, 0));
      const nowhere = { write: () => Promise.resolve(), finish: () => Promise.resolve() };
      const file = makeParquetFile(nowhere, fields);
      const { turns } = yield* countingTurns(Effect.promise(() => file.writeGroup(group)));
      expect(turns).toBeGreaterThanOrEqual(fields.length);
    }),
  );
});

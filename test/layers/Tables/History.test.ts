/** Any history of a table, against a list of rows per version. */
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Stream } from "effect";
import * as fc from "fast-check";
import { make } from "../../../layers/Tables/Local.ts";
import type { ColumnBatch, ColumnType } from "../../../src/domain/Columns.ts";
import type { TablesService } from "../../../src/ports/Tables.ts";
import { everyType, rowsOf } from "../../contracts/Tables.ts";
import { temporaryFolder } from "./temporary.ts";

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -1));
const float = fc.float();

const values: Readonly<Record<ColumnType, fc.Arbitrary<unknown>>> = {
  // Well-formed text only: Parquet's strings are UTF-8, which has no lone surrogates.
  string: fc.oneof(
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text).toString()),
    fc.constant("same"),
  ),
  boolean: fc.boolean(),
  integer: int,
  long,
  float,
  double: fc.double(),
  date: int,
  timestamp: long,
  "array<float>": fc.array(float, { maxLength: 5 }).map((list) => Float32Array.from(list)),
};

const batch: fc.Arbitrary<ColumnBatch> = fc
  .nat(12)
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

type Step =
  | { readonly kind: "append" | "overwrite"; readonly batches: ReadonlyArray<ColumnBatch> }
  | { readonly kind: "compact" | "reopen" };

const batches = fc.array(batch, { maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("append" as const), batches }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("overwrite" as const), batches }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("compact" as const, "reopen" as const) }) },
);

const printed = (rows: ReadonlyArray<ReadonlyArray<unknown>>): ReadonlyArray<string> =>
  rows.map((row) =>
    row
      .map((value) =>
        Object.is(value, -0)
          ? "-0"
          : Array.isArray(value)
            ? `[${value.map((x) => (Object.is(x, -0) ? "-0" : x))}]`
            : String(value),
      )
      .join("|"),
  );

const readAll = (tables: TablesService, version: number) =>
  Effect.map(Stream.runCollect(tables.read("t", { version })), (read) =>
    printed(rowsOf(everyType, Chunk.toReadonlyArray(read))),
  );

const play = (steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const root = yield* temporaryFolder;
    let tables = yield* make(root);
    const history: Array<ReadonlyArray<string>> = [];
    for (const next of steps) {
      const current = history.at(-1) ?? [];
      if (next.kind === "append") {
        const added = printed(rowsOf(everyType, next.batches));
        const version = yield* tables.append("t", everyType, Stream.fromIterable(next.batches));
        if (version === history.length) history.push([...current, ...added]);
        else expect(added).toEqual([]);
      } else if (next.kind === "overwrite") {
        yield* tables.overwrite("t", everyType, Stream.fromIterable(next.batches));
        history.push(printed(rowsOf(everyType, next.batches)));
      } else if (next.kind === "reopen") tables = yield* make(root);
      else if (history.length > 0) {
        if ((yield* tables.compact("t", { smallerThan: 1e9, minFiles: 2 })) > 0) history.push(current);
      }
    }
    const reader = yield* make(root);
    for (const [version, rows] of history.entries()) {
      expect(yield* readAll(reader, version)).toEqual(rows);
      expect((yield* reader.snapshot("t", version)).rows).toBe(rows.length);
    }
  });

describe("Tables: any history", () => {
  it("reads back equal at every version", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), (steps) => Effect.runPromise(Effect.scoped(play(steps)))),
      { numRuns: 30 },
    );
  }, 300_000);
});

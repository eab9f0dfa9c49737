import { expect, it } from "@effect/vitest";
import { Chunk, Effect, Stream } from "effect";
import fc from "fast-check";
import { readArchived } from "../../src/batch/ArchivedEvents.ts";
import { rawEvents } from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { memoryTables } from "../support/MemoryTables.ts";
import { batchOf, type Row } from "./Fixture.ts";

/** Log 0 is that of version 0.1, which told neither its identity nor arrivals; offsets lie far apart. */
const rowOf = ({ log, offset, partition }: { log: number; offset: number; partition: number }): Row => ({
  event_id: `${log} ${partition} ${offset}`,
  log_partition: partition,
  log_offset: BigInt(offset),
  log_id: log === 0 ? null : `log ${9 - log}`,
  arrived_at: log === 0 ? null : 1e9 * log + offset,
});

const places = fc.uniqueArray(
  fc.record({
    log: fc.nat(2),
    partition: fc.nat(2),
    offset: fc.oneof(fc.nat(20), fc.nat(1e6)),
  }),
  { maxLength: 60, selector: ({ log, offset, partition }) => `${log} ${partition} ${offset}` },
);

const inOrder = (one: { log: number; offset: number }, other: { log: number; offset: number }): number =>
  one.log - other.log || one.offset - other.offset;

const readIds = (rows: ReadonlyArray<Row>, batch: number, windowRows?: number) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const batches = Array.from({ length: Math.ceil(rows.length / batch) }, (_, i) =>
      batchOf(rawEvents.schema, rows.slice(i * batch, (i + 1) * batch)),
    );
    yield* tables.overwrite(rawEvents.name, rawEvents.schema, Stream.fromIterable(batches));
    const snapshot = yield* tables.snapshot(rawEvents.name);
    const read = yield* Stream.runCollect(readArchived(snapshot, ["event_id"], windowRows));
    return Chunk.toReadonlyArray(read).flatMap(({ columns, rows: count }) =>
      Array.from(columns.event_id as ArrayLike<string>).slice(0, count),
    );
  }).pipe(Effect.provide(memoryTables(0)), Effect.runPromise);

it("gives all rows, each partition's in its order, those of a log behind those of the logs before it", () =>
  fc.assert(
    fc.asyncProperty(
      places,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 30 }),
      async (list, batch, window) => {
        const ids = await readIds(list.map(rowOf), batch, window);
        expect(ids.toSorted()).toEqual(list.map((place) => rowOf(place).event_id as string).toSorted());
        const logs = ids.map((id) => Number(id.split(" ")[0]));
        expect(logs).toEqual(logs.toSorted());
        for (const partition of [0, 1, 2]) {
          const own = ids.map((id) => id.split(" ").map(Number)).filter(([, at]) => at === partition);
          for (let i = 1; i < own.length; i++) {
            if (own[i][0] === own[i - 1][0]) expect(own[i][2]).toBeGreaterThan(own[i - 1][2]);
          }
        }
      },
    ),
  ));

it("leaves rows that stand in order as they stand", () =>
  fc.assert(
    fc.asyncProperty(places, fc.integer({ min: 1, max: 20 }), async (list, batch) => {
      const rows = list.toSorted(inOrder).map(rowOf);
      expect(await readIds(rows, batch)).toEqual(rows.map((row) => row.event_id));
    }),
  ));

import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import { itemPopularity, userHistory } from "../../src/domain/TableSchemas.ts";
import { decayed, halfLifeOf, hourOf, popularityOf, writePopularity } from "../../src/models/ItemPopularity.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, rowsOf } from "../support/Folder.ts";

const day = 86_400;
const countByHour = (times: ReadonlyArray<number>): ReadonlyMap<number, number> => {
  const hours = new Map<number, number>();
  for (const time of times) hours.set(hourOf(time), (hours.get(hourOf(time)) ?? 0) + 1);
  return hours;
};

describe("the half-life of popularity", () => {
  it("is what the newest thirtieth of the events spans, to the hour, and a day at least", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 * day }), { minLength: 1, maxLength: 300 }), (times) => {
        const newest = [...times].sort((a, b) => b - a);
        const last = newest[Math.ceil(times.length / 30) - 1]!;
        const span = 3_600 * (hourOf(newest[0]!) - hourOf(last));
        expect(halfLifeOf(countByHour(times))).toBe(Math.max(day, span));
      }),
    );
  });

  it("is a day without events, and long where a shop is slow", () => {
    expect(halfLifeOf(new Map())).toBe(day);
    const daily = Array.from({ length: 900 }, (_, i) => i * day);
    expect(halfLifeOf(countByHour(daily))).toBe(29 * day);
  });

  it("halves an event's weight", () => {
    expect([0, 5, 10].map((age) => decayed(age, 5))).toEqual([1, 0.5, 0.25]);
  });
});

describe("the popularity of items", () => {
  it.effect("is each one's decaying share of all events, whatever their type and whoever they are of", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const { name, schema } = userHistory;
        const last = 40 * day;
        const rows = [
          { user_idx: 0, item_idx: 2, type: 0, timestamp: last - 2 * day },
          { user_idx: 0, item_idx: 0, type: 2, timestamp: last - day },
          { user_idx: 3, item_idx: 0, type: 1, timestamp: last - day },
          { user_idx: 4, item_idx: 2, type: 0, timestamp: last },
        ];
        yield* tables.overwrite(name, schema, Stream.make(batchOf(schema, rows.slice(0, 1))));
        const version = yield* tables.append(name, schema, Stream.make(batchOf(schema, rows.slice(1))));
        const found = yield* popularityOf({ tables: { [name]: version }, offsets: {} }, 4);
        expect(found.halfLifeSeconds).toBe(day);
        expect([...found.shares]).toEqual([1 / 2.25, 0, 1.25 / 2.25, 0]);
        yield* writePopularity("m", found);
        expect(yield* rowsOf(itemPopularity("m").name)).toEqual(
          [...found.shares].map((share, item_idx) => ({ item_idx, share })),
        );
      }),
    ),
  );

  it.effect("is nothing where there is no event", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { name, schema } = userHistory;
        const version = yield* Effect.flatMap(Tables, (tables) => tables.overwrite(name, schema, Stream.empty));
        const found = yield* popularityOf({ tables: { [name]: version }, offsets: {} }, 2);
        expect([...found.shares]).toEqual([0, 0]);
      }),
    ),
  );
});

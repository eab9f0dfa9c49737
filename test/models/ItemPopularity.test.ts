import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { itemPopularity } from "../../src/domain/ModelTables.ts";
import { userHistory } from "../../src/domain/TableSchemas.ts";
import { rungs } from "../../src/domain/TrendLadder.ts";
import { popularityOf, readItemTrends, writePopularity } from "../../src/models/ItemPopularity.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, rowsOf } from "../support/Folder.ts";

const day = 86_400;
describe("the popularity of items", () => {
  it.effect("is each one's decaying share of all events, each by its type and whoever it is of", () =>
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
        expect(found.popularityAsOf).toBe(last);
        expect(found.popularityTotal).toBeCloseTo(0.025 + 0.5 + 0.25 + 0.1, 12);
        const [a, none, b, other] = found.shares;
        expect([none, other]).toEqual([0, 0]);
        expect(a).toBeCloseTo(0.75 / 0.875, 12);
        expect(b).toBeCloseTo(0.125 / 0.875, 12);
        yield* writePopularity("m", found);
        expect(yield* rowsOf(itemPopularity("m").name)).toEqual(
          [...found.shares].map((share, item_idx) => ({ item_idx, share })),
        );
        const trends = yield* readItemTrends("m");
        // By 16 hours: a day is one and a half half-lives.
        const [day16, twoDays16] = [2 ** -1.5, 2 ** -3];
        const rung = 4;
        expect(trends!.sums[rung]).toBeCloseTo(1.5 * day16, 6);
        expect(trends!.sums[2 * rungs + rung]).toBeCloseTo(0.1 * (1 + twoDays16), 6);
        expect(trends!.totals[rung]).toBeCloseTo(1.5 * day16 + 0.1 * (1 + twoDays16), 6);
        expect(yield* readItemTrends("none")).toBeUndefined();
      }),
    ),
  );

  it.effect("is not the newest event's alone where it came years after the others", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { name, schema } = userHistory;
        const rows = Array.from({ length: 90 }, (_, i) => ({
          user_idx: i,
          item_idx: i % 3,
          type: 2,
          timestamp: i * day,
        }));
        const last = { user_idx: 99, item_idx: 3, type: 2, timestamp: 3_000 * day };
        const write = Effect.flatMap(Tables, (tables) =>
          tables.overwrite(name, schema, Stream.make(batchOf(schema, [...rows, last]))),
        );
        const found = yield* popularityOf({ tables: { [name]: yield* write }, offsets: {} }, 4);
        expect(found.halfLifeSeconds).toBe(32 * day);
        expect(found.shares[3]).toBeLessThan(0.05);
        expect(found.shares[2]).toBeGreaterThan(0.3);
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
        expect(found).toMatchObject({ popularityTotal: 0, popularityAsOf: 0 });
      }),
    ),
  );
});

import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import {
  compareText,
  mergeStatistics,
  printStatistics,
  statisticsOf,
  statisticsRows,
} from "../../src/delta/Statistics.ts";
import type { ColumnType } from "../../src/domain/Columns.ts";
import type { ColumnStatistics } from "../../src/ports/Tables.ts";

const print = (type: ColumnType, statistics: ColumnStatistics, rows = 1) =>
  JSON.parse(printStatistics([{ name: "c", type, nullable: true }], rows, [statistics])) as {
    readonly minValues: { readonly c?: unknown };
    readonly maxValues: { readonly c?: unknown };
    readonly nullCount: { readonly c: number };
  };

const unicode = fc.string({ unit: "binary", maxLength: 80 });

describe("Statistics", () => {
  it("tell no shopper's id", () => {
    const field = { name: "customer_id", type: "string", nullable: false } as const;
    const text = printStatistics([field], 2, [statisticsOf("string", ["anna-7", "zoe-1"])]);
    expect(text).toBe('{"numRecords":2,"minValues":{},"maxValues":{},"nullCount":{"customer_id":0}}');
  });

  it("order text as its UTF-8 bytes", () => {
    fc.assert(
      fc.property(unicode, unicode, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it("bound text from both sides, short as they are", () => {
    fc.assert(
      fc.property(fc.array(unicode, { minLength: 1 }), (values) => {
        const { minValues, maxValues } = print("string", statisticsOf("string", values));
        const low = Buffer.from(String(minValues.c));
        const high = Buffer.from(String(maxValues.c));
        expect(Array.from(String(maxValues.c)).length).toBeLessThanOrEqual(33);
        for (const value of values) {
          expect(Buffer.compare(low, Buffer.from(value))).toBeLessThanOrEqual(0);
          expect(Buffer.compare(high, Buffer.from(value))).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("bound numbers; NaN leaves no bounds, infinity none on its side", () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1 }), (values) => {
        const { minValues, maxValues } = print("double", statisticsOf("double", values));
        const min = Math.min(...values);
        const max = Math.max(...values);
        expect(minValues.c).toEqual(Number.isFinite(min) ? min + 0 : undefined);
        expect(maxValues.c).toEqual(Number.isFinite(max) ? max + 0 : undefined);
      }),
    );
  });

  it("merge to what the whole would have", () => {
    const longs = fc.array(fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })));
    fc.assert(
      fc.property(longs, longs, (a, b) => {
        const parts = mergeStatistics(statisticsOf("long", a), statisticsOf("long", b));
        expect(parts).toEqual(statisticsOf("long", [...a, ...b]));
      }),
    );
    const broken = statisticsOf("double", [null, Number.NaN, null]);
    expect(mergeStatistics(statisticsOf("double", [1]), broken)).toMatchObject({ min: undefined, nulls: 2 });
  });

  it("print days and moments as the calendar does, moments rounded outwards", () => {
    expect(print("date", statisticsOf("date", [-1, 18_527]))).toMatchObject({
      minValues: { c: "1969-12-31" },
      maxValues: { c: "2020-09-22" },
    });
    expect(print("timestamp", statisticsOf("timestamp", [-1n, 1n]))).toMatchObject({
      minValues: { c: "1969-12-31T23:59:59.999Z" },
      maxValues: { c: "1970-01-01T00:00:00.001Z" },
    });
    expect(print("date", statisticsOf("date", [2_147_483_647])).maxValues).toEqual({});
  });

  it("print 64-bit integers in full, and tell a file's rows", () => {
    const text = printStatistics([{ name: "c", type: "long", nullable: true }], 7, [
      statisticsOf("long", [2n ** 62n, null]),
    ]);
    expect(text).toContain('"minValues":{"c":4611686018427387904}');
    expect(statisticsRows(text)).toBe(7);
    expect(statisticsRows(undefined)).toBeUndefined();
    expect(statisticsRows("{")).toBeUndefined();
  });
});

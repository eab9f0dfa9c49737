/** Levels and places in a dictionary, as hyparquet-writer makes them. */
import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { ByteWriter } from "hyparquet-writer";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import { fillPlaces, levelsBelow, levelsIn, lookUp } from "../../../../../layers/Tables/delta/parquet/Runs.ts";

const packed = (width: number, values: ReadonlyArray<number>): Uint8Array => {
  const writer = new ByteWriter();
  writeRleBitPackedHybrid(writer, [...values], width);
  return writer.getBytes().slice();
};

/** Runs, and values that differ. */
const values = (most: number) =>
  fc
    .array(fc.tuple(fc.nat(most), fc.oneof(fc.constant(1), fc.nat(40))), { maxLength: 40 })
    .map((runs) => runs.flatMap(([value, count]) => new Array<number>(count).fill(value)));

const sized = fc.integer({ min: 1, max: 24 }).chain((width) => fc.tuple(fc.constant(width), values(2 ** width - 1)));

describe("ParquetRuns", () => {
  it("reads what was written, of any width", () => {
    fc.assert(
      fc.property(sized, ([width, given]) => {
        const places = new Int32Array(given.length);
        fillPlaces(Uint8Array.of(width, ...packed(width, given)), places);
        expect([...places]).toEqual(given);
        if (width < 8) expect([...levelsIn(packed(width, given), 2 ** width - 1, given.length)]).toEqual(given);
      }),
    );
  });

  it("finds that bytes end too early, whatever they are", () => {
    const readInto = (places: Int32Array, bytes: Uint8Array): boolean => {
      try {
        fillPlaces(bytes, places);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        return false;
      }
    };
    fc.assert(
      fc.property(sized, fc.nat(), fc.uint8Array({ maxLength: 60 }), ([width, given], cut, any) => {
        readInto(new Int32Array(60), any);
        const all = Uint8Array.of(width, ...packed(width, given));
        const places = new Int32Array(given.length);
        // The last group of eight may be filled up by what nobody needs.
        const whole = readInto(places, all.subarray(0, cut % all.length));
        if (whole) expect([...places]).toEqual(given);
        expect(readInto(places, all.subarray(0, cut % 3))).toBe(given.length === 0);
      }),
    );
  });

  it("has no levels where each is the highest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3000 }), fc.nat(3000), (top, count, at) => {
        const all = new Array<number>(count).fill(top);
        const width = 32 - Math.clz32(top);
        expect(levelsBelow(packed(width, all), top, count)).toHaveLength(0);
        if (at >= count) return;
        all[at] = 0;
        expect([...levelsBelow(packed(width, all), top, count)]).toEqual(all);
      }),
    );
  });

  it("looks places up in dictionaries of every kind", () => {
    const kinds = [
      Int32Array.of(-1, 5, 2 ** 31 - 1),
      Float32Array.of(0.5, Number.NaN, -0),
      Float64Array.of(0.1, Number.NaN, -0),
      BigInt64Array.of(-1n, 2n ** 63n - 1n, 7n),
      ["a", "", "c"],
    ];
    for (const dictionary of kinds) {
      const found = lookUp(dictionary, Int32Array.of(2, 0, 1, 1));
      expect(found).toEqual((dictionary.constructor as ArrayConstructor).from([2, 0, 1, 1], (i) => dictionary[i]));
      expect(lookUp(dictionary, Int32Array.of(0, 3))).toBeUndefined();
      expect(lookUp(dictionary, Int32Array.of(-1))).toBeUndefined();
    }
  });
});

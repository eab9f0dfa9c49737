import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { decodeTrend, encodeTrend } from "../../../layers/UserStates/TrendCodec.ts";
import { rungs } from "../../../src/domain/TrendLadder.ts";

const trend = fc.record({
  next: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  asOf: fc.double({ noNaN: true }),
  total: fc.double({ noNaN: true }),
  scores: fc.array(fc.tuple(fc.nat(2 ** 31 - 1), fc.double({ noNaN: true }))).map((pairs) => new Map(pairs)),
});

it("gives a trend back, its items in their order", () =>
  fc.assert(
    fc.property(trend, (given) => {
      const found = decodeTrend(encodeTrend(given))!;
      expect({ ...found, scores: [...found.scores] }).toEqual({ ...given, scores: [...given.scores] });
    }),
  ));

const ladder = fc.array(fc.nat(2 ** 32 - 1), { maxLength: 20 }).chain((items) =>
  fc.record({
    asOf: fc.double({ noNaN: true }),
    newest: fc.double({ noNaN: true }),
    totals: fc
      .array(fc.double({ noNaN: true }), { minLength: rungs, maxLength: rungs })
      .map((all) => Float64Array.from(all)),
    items: fc.constant(Uint32Array.from(items)),
    sums: fc
      .array(fc.float({ noNaN: true }), { minLength: rungs * items.length, maxLength: rungs * items.length })
      .map((all) => Float32Array.from(all)),
  }),
);

it("gives a ladder back with it, to the bit", () =>
  fc.assert(
    fc.property(trend, ladder, (given, of) => {
      expect(decodeTrend(encodeTrend({ ...given, ladder: of }))).toEqual({ ...given, ladder: of });
    }),
  ));

it("has no ladder any more once a version that knows of none read it and wrote it again", () =>
  fc.assert(
    fc.property(trend, ladder, (given, of) => {
      const bytes = Buffer.from(encodeTrend({ ...given, ladder: of }));
      const scores = new Map<number, number>();
      for (let at = 16; at < bytes.length; at += 12) scores.set(bytes.readUInt32LE(at), bytes.readDoubleLE(at + 4));
      const total = scores.get(0xffff_ffff)!;
      expect(scores.get(0xffff_fffe)).toBe(0);
      scores.delete(0xffff_ffff);
      expect(total).toBe(given.total);
      const { ladder: none, ...found } = decodeTrend(encodeTrend({ ...given, scores }))!;
      expect(none).toBeUndefined();
      expect(found).toEqual(given);
    }),
  ));

it("reads a trend of before, which told no total: it is what its items weigh", () =>
  fc.assert(
    fc.property(trend, ({ asOf, next, scores }) => {
      const bytes = Buffer.alloc(16 + 12 * scores.size);
      bytes.writeBigUInt64LE(next, 0);
      bytes.writeDoubleLE(asOf, 8);
      [...scores].forEach(([itemIdx, score], i) => {
        bytes.writeUInt32LE(itemIdx, 16 + 12 * i);
        bytes.writeDoubleLE(score, 20 + 12 * i);
      });
      const total = [...scores.values()].reduce((sum, score) => sum + score, 0);
      expect(decodeTrend(bytes)).toEqual({ next, asOf, total, scores });
    }),
  ));

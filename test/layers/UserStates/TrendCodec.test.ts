import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { decodeTrend, encodeTrend } from "../../../layers/UserStates/TrendCodec.ts";

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

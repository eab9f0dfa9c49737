import { describe, expect, it } from "@effect/vitest";
import { Encoding } from "effect";
import * as fc from "fast-check";
import { decodeToken, encodeToken } from "../../src/serving/Token.ts";

const identity = fc.oneof(
  fc.constant(""),
  fc.uuid(),
  fc.string({ unit: fc.constantFrom(..."aZ09_-./"), minLength: 1, maxLength: 300 }),
);
const position = fc.record({
  partition: fc.integer({ min: 0, max: 1023 }),
  offset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
});

describe("Token", () => {
  it("gives back the log and the furthest offset of each partition, by partition", () => {
    fc.assert(
      fc.property(identity, fc.array(position, { minLength: 1, maxLength: 40 }), (log, positions) => {
        const furthest = new Map<number, bigint>();
        for (const { partition, offset } of positions) {
          if (offset >= (furthest.get(partition) ?? 0n)) furthest.set(partition, offset);
        }
        const wanted = [...furthest].sort(([a], [b]) => a - b).map(([partition, offset]) => ({ partition, offset }));
        const token = encodeToken({ log, positions });
        expect(token).toMatch(/^[\w-]+$/);
        expect(decodeToken(token)).toEqual({ log, positions: wanted });
      }),
    );
  });

  it("takes nothing that it did not write", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const positions = decodeToken(text);
        if (positions !== undefined) expect(encodeToken(positions)).toBe(text);
      }),
    );
    for (const text of [
      "@0:1",
      "a@",
      "a b@0:1",
      "a@b@0:1",
      `${"x".repeat(301)}@0:1`,
      "",
      "0:",
      "a:1",
      "0:1,",
      "1:1,0:1",
      "0:1,0:2",
      "00:1",
      "0:-1",
      "0:1.5",
    ]) {
      expect(decodeToken(Encoding.encodeBase64Url(text)), text).toBeUndefined();
    }
  });
});

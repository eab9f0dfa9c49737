import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { makeTextBytes } from "../../../src/serving/recommend/TextBytes.ts";

it("is what Buffer makes of all texts together, however long they are", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("é".repeat(40_000), "x".repeat(65_536), "😀".repeat(30_000), "\ud83d"),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), (texts) => {
      const { add, take } = makeTextBytes();
      for (const one of texts) add(one);
      expect(Buffer.from(take()).equals(Buffer.concat(texts.map((one) => Buffer.from(one))))).toBe(true);
    }),
  );
});

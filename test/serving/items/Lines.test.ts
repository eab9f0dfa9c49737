import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeLines } from "../../../src/serving/items/Lines.ts";

const textOf = (line: Uint8Array | undefined) => (line === undefined ? undefined : Buffer.from(line).toString());

describe("Lines", () => {
  it("finds the same lines however the bytes are cut, and drops those that are too long", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", "é", "\r", "\n"), maxLength: 12 })),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.boolean(),
        (words, cuts, ends) => {
          const text = words.join("\n") + (ends ? "\n" : "");
          const bytes = Buffer.from(text);
          const lines = makeLines(8);
          const found: Array<Uint8Array | undefined> = [];
          for (let from = 0, n = 0; from < bytes.length; n++) {
            const to = from + cuts[n % cuts.length];
            found.push(...lines.push(bytes.subarray(from, to)));
            from = to;
          }
          found.push(...lines.end());
          const wanted = text.split("\n");
          if (wanted.at(-1) === "") wanted.pop();
          const kept = wanted.map((line) => (Buffer.byteLength(line) > 8 ? undefined : line));
          expect(found.map(textOf)).toEqual(kept);
        },
      ),
    );
  });
});

/** A question of the Pipeline page: as an address, as a body, and back. */
import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { type Asked, askedBy, bodyOf, paramsOf } from "../../../src/console/pipeline/Question.tsx";

const question: fc.Arbitrary<Asked> = fc.record({
  user: fc.constantFrom("", "42", "a b&c"),
  k: fc.integer({ min: 1, max: 50 }),
  seen: fc.constantFrom("bought", "seen", "shown", "none"),
  filter: fc.constantFrom("", 'colour = "Black" AND price < 30'),
  diversity: fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
  rotation: fc.option(
    fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
    { nil: undefined },
  ),
});

const addressOf = (asked: Asked): URLSearchParams =>
  new URLSearchParams(Object.entries(paramsOf(asked)).filter(([, value]) => value !== ""));

describe("A question", () => {
  it("is kept by the page's address", () => {
    fc.assert(
      fc.property(question, (asked) => {
        expect(askedBy(addressOf(asked))).toEqual(asked);
      }),
    );
  });

  it("says nothing of what is as it is by default", () => {
    expect([...addressOf(askedBy(new URLSearchParams()))]).toEqual([]);
    expect(bodyOf(askedBy(new URLSearchParams()))).toEqual({ k: 10, seen: "bought" });
    expect(bodyOf(askedBy(new URLSearchParams("user=7&diversity=0.4&rotation=0&filter=x")))).toEqual({
      user_id: "7",
      k: 10,
      seen: "bought",
      diversity_lambda: 0.4,
      rotation: 0,
      filter: "x",
    });
  });

  it("takes an address that somebody spoilt for what can be asked", () => {
    const { diversity, k, rotation } = askedBy(new URLSearchParams("k=9999&diversity=x&rotation=-3"));
    expect([k, diversity, rotation]).toEqual([50, 1, 0]);
  });
});

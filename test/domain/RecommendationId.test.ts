/** A recommendation's id tells when, by which model, and of each item its position and its source; of nothing else anything. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  longestRecommendationId,
  makeNameAnswer,
  type Named,
  readRecommendationId,
  sources,
} from "../../src/domain/RecommendationId.ts";

const source = fc.constantFrom(...sources);
const itemId = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
  fc.integer({ min: 0, max: 10 ** 9 }).map((id) => String(id).padStart(10, "0")),
);
const items = (maxLength: number) =>
  fc.uniqueArray(fc.record({ itemId, source }), { maxLength, selector: (one: Named) => one.itemId });
const model = fc.oneof(
  fc.constant(undefined),
  fc.constant("20260921T101530-3f9a"),
  fc.stringMatching(/^[\w.-]{1,64}$/),
);
const seed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe("the id of an answer", () => {
  it("tells time and model, and of each item its position and source", () =>
    fc.assert(
      fc.property(seed, seconds, model, items(100), fc.nat(1000), (from, at, by, held, before) => {
        const read = readRecommendationId(makeNameAnswer(from)(at + 0.9, by, held, before));
        expect(read).toMatchObject({ seconds: at, model: by, items: held.length });
        held.forEach((one, place) => {
          expect(read?.find(one.itemId)).toEqual({ position: before + place + 1, source: one.source });
        });
      }),
    ));

  it("finds every item of full answers, though hashes of 20 bits meet in 1 of 200 of them", () => {
    const name = makeNameAnswer(7);
    for (let answer = 0; answer < 3000; answer++) {
      const held = Array.from(
        { length: 100 },
        (_, i): Named => ({
          itemId: String(108_775_015 + 1009 * (100 * answer + i)),
          source: "personalized",
        }),
      );
      const read = readRecommendationId(name(0, "m", held));
      const places = held.map((one) => read?.find(one.itemId)?.position);
      expect(places).toEqual(held.map((_, place) => place + 1));
    }
  });

  it("has at most 512 characters", () => {
    const held = Array.from({ length: 100 }, (_, i): Named => ({ itemId: `article-${i}`, source: "new" }));
    const ours = makeNameAnswer(1)(2 ** 31, "20260921T101530-3f9a", held);
    expect(ours.length).toBe(446);
    const longest = makeNameAnswer(1)(2 ** 31, "é".repeat(300), [...held, ...held]);
    expect(longest.length).toBeLessThanOrEqual(longestRecommendationId);
    const read = readRecommendationId(longest);
    expect(read).toMatchObject({ model: "é".repeat(32), items: 100 });
  });

  it("differs between answers that say the same, and between seeds", () => {
    const held: ReadonlyArray<Named> = [{ itemId: "a", source: "trending" }];
    const names = [1, 2].flatMap((from) => {
      const name = makeNameAnswer(from);
      return Array.from({ length: 500 }, () => name(1, "m", held));
    });
    expect(new Set(names).size).toBe(1000);
    expect(makeNameAnswer(1)(1, "m", held)).toBe(names[0]);
  });

  it("takes an item that was not in the answer for one that was seldom", () => {
    const held = Array.from({ length: 100 }, (_, i): Named => ({ itemId: `in-${i}`, source: "personalized" }));
    const read = readRecommendationId(makeNameAnswer(3)(1, "m", held));
    const strangers = Array.from({ length: 200_000 }, (_, i) => `out-${i}`);
    // 19 are expected at k = 100.
    expect(strangers.filter((one) => read?.find(one) !== undefined).length).toBeLessThan(60);
  });

  it("is read of nothing else: not of other text, nor cut short, nor changed, nor spelt otherwise", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uuid()), (text) => {
        expect(readRecommendationId(text)).toBeUndefined();
      }),
    );
    const held = Array.from({ length: 10 }, (_, i): Named => ({ itemId: `${i}`, source: "personalized" }));
    const ours = makeNameAnswer(5)(1_700_000_000, "model", held);
    for (let length = 0; length < ours.length; length++) {
      expect(readRecommendationId(ours.slice(0, length))).toBeUndefined();
    }
    for (const model of ["\u001b[2J", "a\nb", "\ufffd"]) {
      expect(readRecommendationId(makeNameAnswer(5)(1_700_000_000, model, held))).toBeUndefined();
    }
    expect(readRecommendationId(`${ours}=`)).toBeUndefined();
    expect(readRecommendationId(` ${ours}`)).toBeUndefined();
    const changed = [...ours].map(
      (letter, at) => ours.slice(0, at) + (letter === "A" ? "B" : "A") + ours.slice(at + 1),
    );
    expect(changed.filter((text) => readRecommendationId(text) !== undefined)).toEqual([]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeNumberCache } from "../../src/kernels/NumberCache.ts";

type Step = { readonly does: "set" | "delete" | "clear" | "get"; readonly key: number };

const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.record({
    does: fc.oneof(
      { weight: 6, arbitrary: fc.constant<Step["does"]>("set") },
      { weight: 2, arbitrary: fc.constant<Step["does"]>("delete") },
      { weight: 1, arbitrary: fc.constant<Step["does"]>("clear") },
      { weight: 3, arbitrary: fc.constant<Step["does"]>("get") },
    ),
    key: fc.oneof(fc.nat(12), fc.nat(500)),
  }),
  { maxLength: 200 },
);

describe("NumberCache", () => {
  it("answers what was set last or nothing, and nothing that was deleted; never keeps more than it may", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 8 }), (steps, most) => {
        const cache = makeNumberCache<number>(most);
        const model = new Map<number, number>();
        steps.forEach(({ does, key }, at) => {
          if (does === "set") {
            cache.set(key, at);
            model.set(key, at);
            expect(cache.get(key)).toBe(at);
          } else if (does === "delete") {
            cache.delete(key);
            model.delete(key);
          } else if (does === "clear") {
            cache.clear();
            model.clear();
          }
          const kept = [...model].filter(([key]) => cache.get(key) !== undefined);
          for (const [key, value] of kept) expect(cache.get(key)).toBe(value);
          expect(cache.size()).toBe(kept.length);
          expect(cache.size()).toBeLessThanOrEqual(most);
          for (const key of [0, 5, 501]) if (!model.has(key)) expect(cache.get(key)).toBeUndefined();
        });
      }),
    );
  });

  it("keeps all while there is room, and lets go whoever was kept longest", () => {
    const cache = makeNumberCache<string>(3);
    for (const [key, value] of [
      [100, "a"],
      [7, "b"],
      [0, "c"],
    ] as const)
      cache.set(key, value);
    expect([100, 7, 0].map(cache.get)).toEqual(["a", "b", "c"]);
    cache.set(9, "d");
    expect([100, 7, 0, 9].map(cache.get)).toEqual([undefined, "b", "c", "d"]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRandom, type Random } from "../../src/kernels/Random.ts";
import { makeAssortment, typeOf } from "../../src/simulation/Assortment.ts";
import { departments } from "../../src/simulation/Departments.ts";
import { lifecycle, makeShelf, seasonFactor } from "../../src/simulation/Shelf.ts";

/** A source whose next number in [0, 1) is told. */
const saying = (uniform: number): Random => ({ ...makeRandom(1, "unused"), uniform: () => uniform });

describe("the shelf", () => {
  it("draws the first article that the number reaches into, of the department's demand from the first to the last", () => {
    fc.assert(
      fc.property(
        fc.record({ articles: fc.integer({ min: 1, max: 600 }), seed: fc.nat(), day: fc.nat(99) }),
        fc.array(fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1)), { minLength: 1 }),
        ({ articles, seed, day }, numbers) => {
          const assortment = makeAssortment({ articles, days: 100, seed });
          const shelf = makeShelf(assortment);
          shelf.stock(day, day);
          for (let d = 0; d < departments.length; d++) {
            const own = Array.from({ length: articles }, (_, i) => i).filter((i) => assortment.department[i] === d);
            if (own.length === 0) continue;
            let sum = 0;
            const reach = own.map((i) => {
              const stage = lifecycle(assortment.launch[i] as number, assortment.life[i] as number, day);
              sum += (assortment.demand[i] as number) * stage * seasonFactor(typeOf(assortment, i).season, day);
              return sum;
            });
            for (const number of numbers) {
              const uniform = number / 2 ** 32;
              const first = reach.findIndex((end) => end > uniform * sum);
              expect(shelf.draw(d, saying(uniform))).toBe(own[first < 0 ? own.length - 1 : first]);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

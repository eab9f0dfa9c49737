import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Source, sources } from "../../../src/domain/RecommendationId.ts";
import { count, makeNoting } from "../../../src/serving/beside/Counted.ts";
import { makeVitals, type VitalsService } from "../../../src/vitals/Vitals.ts";

const answer = fc.record({
  seconds: fc.double({ min: 0, max: 3, noNaN: true }),
  items: fc.array(fc.record({ source: fc.constantFrom(...sources) }), { maxLength: 100 }),
});
const explored = fc.array(fc.constantFrom("hour" as const, "day" as const, "week" as const, "older" as const));

interface Made {
  readonly seconds: number;
  readonly items: ReadonlyArray<{ readonly source: Source }>;
}

/** As `Naming.ts` does. */
const make = ({ attributed, measured }: VitalsService, answers: ReadonlyArray<Made>) => {
  for (const { items, seconds } of answers) {
    measured.recommended(items[0]?.source ?? "none", seconds);
    attributed.answered("a", items);
  }
};

const told = ({ attributed, measured }: VitalsService) => ({
  items: attributed.items(),
  explored: measured.counted.explored,
  recommendations: [...measured.timed.recommendations].map(([source, histogram]) => [source, histogram.told()]),
});

describe("What other processes count", () => {
  it("is counted as if their answers had been made here, once", () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 12 }), explored, (answers, ages) => {
        const noting = makeNoting();
        const [elsewhere, here] = [makeVitals(), makeVitals()];
        make(noting.vitals, answers);
        for (const age of ages) noting.vitals.measured.explored(age);
        count(elsewhere, "a", structuredClone(noting.take()));
        make(here, answers);
        for (const age of ages) here.measured.explored(age);
        expect(told(elsewhere)).toEqual(told(here));
        count(elsewhere, "a", noting.take());
        expect(told(elsewhere)).toEqual(told(here));
      }),
    );
  });
});

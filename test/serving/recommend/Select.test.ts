import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import type { Candidate, Source } from "../../../src/serving/recommend/Candidate.ts";
import { makeGate } from "../../../src/serving/recommend/Eligibility.ts";
import { makeSelection } from "../../../src/serving/recommend/Select.ts";

const sources: ReadonlyArray<Source> = ["personalized", "trending", "catalogue"];

const candidate = fc.record({
  itemIdx: fc.nat(30),
  row: fc.constant(undefined),
  source: fc.constantFrom(...sources),
  score: fc.double({ noNaN: true }),
});

it("without a catalogue, an answer is the first k candidates that are not left out, each once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(candidate, { maxLength: 20 }), { maxLength: 4 }),
      fc.uniqueArray(fc.nat(30)),
      fc.integer({ min: 1, max: 50 }),
      (asked, left, k) => {
        const { chosen, isFull, take } = makeSelection(k, makeGate({ excludeItems: new Set(left) }, undefined));
        for (const candidates of asked) take(candidates);
        const first = new Map<number, Candidate>();
        for (const one of asked.flat()) {
          if (!left.includes(one.itemIdx) && !first.has(one.itemIdx)) first.set(one.itemIdx, one);
        }
        expect(chosen).toEqual([...first.values()].slice(0, k));
        expect(isFull()).toBe(first.size >= k);
      },
    ),
  );
});

it("asks for no more candidates than it has room for", () => {
  let asked = 0;
  const endless = (function* (): Iterable<Candidate> {
    for (let itemIdx = 0; ; itemIdx++) {
      asked++;
      yield { itemIdx, row: undefined, source: "catalogue", score: 0 };
    }
  })();
  const { chosen, take } = makeSelection(3, makeGate({ excludeItems: new Set([1]) }, undefined));
  take(endless);
  take(endless);
  expect(chosen.map(({ itemIdx }) => itemIdx)).toEqual([0, 2, 3]);
  expect(asked).toBe(4);
});

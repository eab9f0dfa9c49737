import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { makePopularity, mostPopular, rankByCount, windowSeconds } from "../../src/evaluation/Popularity.ts";

const items = 6;
const visits = fc.array(fc.record({ user: fc.nat(3), row: fc.nat(items - 1), wait: fc.nat(5) }), { maxLength: 80 });

describe("Popularity", () => {
  it("is the number of distinct shoppers within the window, at every moment", () =>
    fc.assert(
      fc.property(visits, fc.constantFrom(1, 7, 20, windowSeconds(0)), (script, window) => {
        const popularity = makePopularity(items, window);
        const past: Array<{ user: number; row: number; time: number }> = [];
        let time = 0;
        for (const { user, row, wait } of script) {
          time += wait;
          popularity.observe(user, row, time);
          past.push({ user, row, time });
          const recent = past.filter((visit) => time - visit.time < window);
          const expected = Array.from(
            { length: items },
            (_, item) => new Set(recent.filter((visit) => visit.row === item).map((visit) => visit.user)).size,
          );
          expect([...popularity.counts]).toEqual(expected);
        }
      }),
    ));

  it("forgets with time alone", () => {
    const popularity = makePopularity(2, 10);
    popularity.observe(0, 1, 100);
    popularity.advance(109);
    expect([...popularity.counts]).toEqual([0, 1]);
    popularity.advance(110);
    expect([...popularity.counts]).toEqual([0, 0]);
  });

  it("ranks as the sorted list does", () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.nat(29)),
        (numbers, picks) => {
          const counts = Uint32Array.from(numbers);
          const target = picks.next().value % counts.length;
          const seen = new Set([1, 2, 3].map(() => picks.next().value % counts.length).filter((row) => row !== target));
          const listed = [...mostPopular(counts)].filter((row) => !seen.has(row));
          const allowed = Uint8Array.from(counts, (_, row) => (seen.has(row) ? 0 : 1));
          expect(rankByCount(counts, target, allowed)).toBe(listed.indexOf(target) + 1);
        },
      ),
    ));
});

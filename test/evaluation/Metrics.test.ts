import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import {
  averagePrecision,
  hit,
  hitRanks,
  ndcg,
  ndcgOfOne,
  recall,
  selfInformation,
} from "../../src/evaluation/Metrics.ts";

/** A ranked list of distinct items, what is relevant (listed or not), and k, the length of the list. */
const ranking = fc
  .record({
    list: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 }),
    relevant: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 20 }),
  })
  .map(({ list, relevant }) => ({ list, relevant: new Set(relevant), k: list.length }));

describe("metrics of known lists", () => {
  const hits = hitRanks([7, 3, 9, 1], new Set([3, 1, 8]));

  it("notes the ranks of relevant items", () => expect(hits).toEqual([2, 4]));
  it("recall: two of three", () => expect(recall(hits, 3)).toBeCloseTo(2 / 3, 12));
  it("AP: precision 1/2 and 2/4 over three", () => expect(averagePrecision(hits, 3, 4)).toBeCloseTo(1 / 3, 12));
  it("AP divides by k when more is relevant than fits", () => {
    expect(averagePrecision([1, 2], 100, 2)).toBe(1);
  });
  it("NDCG: the gains of ranks 2 and 4 over those of 1 to 3", () => {
    expect(ndcg(hits, 3, 4)).toBeCloseTo((0.6309297535714575 + 0.43067655807339306) / 2.1309297535714578, 12);
  });
  it("hit and NDCG of one item stop at k", () => {
    expect([hit(12, 12), hit(13, 12), ndcgOfOne(1, 12), ndcgOfOne(13, 12)]).toEqual([1, 0, 1, 0]);
    expect(ndcgOfOne(Number.POSITIVE_INFINITY, 20)).toBe(0);
  });
  it("self-information is log2 of the inverse share", () => {
    expect([...selfInformation([4, 2, 2, 0])]).toEqual([1, 2, 2, 3]);
  });
});

describe("metrics equal their naive definitions", () => {
  it("recall is the share of relevant items in the list", () =>
    fc.assert(
      fc.property(ranking, ({ list, relevant }) => {
        const found = [...relevant].filter((item) => list.includes(item)).length;
        expect(recall(hitRanks(list, relevant), relevant.size)).toBeCloseTo(found / relevant.size, 12);
      }),
    ));

  it("AP is the sum of precision at each rank where a relevant item stands", () =>
    fc.assert(
      fc.property(ranking, ({ list, relevant, k }) => {
        let sum = 0;
        for (let n = 1; n <= k; n++) {
          const precision = list.slice(0, n).filter((item) => relevant.has(item)).length / n;
          sum += precision * (relevant.has(list[n - 1]) ? 1 : 0);
        }
        const expected = sum / Math.min(k, relevant.size);
        expect(averagePrecision(hitRanks(list, relevant), relevant.size, k)).toBeCloseTo(expected, 12);
      }),
    ));

  it("NDCG is DCG over that of the best order of all items", () =>
    fc.assert(
      fc.property(ranking, ({ list, relevant, k }) => {
        const dcg = (items: ReadonlyArray<number>): number =>
          items.reduce((sum, item, i) => sum + (relevant.has(item) ? Math.LN2 / Math.log(i + 2) : 0), 0);
        const best = [...relevant, ...list.filter((item) => !relevant.has(item))].slice(0, k);
        expect(ndcg(hitRanks(list, relevant), relevant.size, k)).toBeCloseTo(dcg(list) / dcg(best), 12);
      }),
    ));

  it("all stay within 0 and 1, and are 1 for a list of nothing but relevant items", () =>
    fc.assert(
      fc.property(ranking, ({ list, relevant, k }) => {
        const hits = hitRanks(list, relevant);
        for (const value of [
          recall(hits, relevant.size),
          averagePrecision(hits, relevant.size, k),
          ndcg(hits, relevant.size, k),
        ]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        const all = hitRanks(list, new Set(list));
        expect(recall(all, k)).toBe(1);
        expect(averagePrecision(all, k, k)).toBeCloseTo(1, 12);
        expect(ndcg(all, k, k)).toBeCloseTo(1, 12);
      }),
    ));
});

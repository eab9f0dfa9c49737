import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeBest } from "../../src/kernels/Best.ts";

it("keeps what sorting all would put first, in that order", () => {
  const best = makeBest();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 9 })), fc.nat(30), (scores, most) => {
      best.reset(most);
      scores.forEach((score, row) => {
        const kept = scores.slice(0, row).filter((other) => other >= score).length < most;
        expect(best.takes(row, score)).toBe(kept);
        if (kept) expect(score).toBeGreaterThanOrEqual(best.least());
        expect(best.takes(row, best.least() - 1)).toBe(best.size() < most);
        best.offer(row, score);
      });
      const rows = scores.map((_, row) => row).sort((a, b) => scores[b] - scores[a] || a - b);
      expect(Array.from({ length: best.size() }, (_, at) => best.rowAt(at)).sort((a, b) => a - b)).toEqual(
        rows.slice(0, most).sort((a, b) => a - b),
      );
      for (let at = 0; at < best.size(); at++) expect(best.scoreAt(at)).toBe(scores[best.rowAt(at)]);
      const found = best.take();
      expect([...found.rows]).toEqual(rows.slice(0, most));
      expect([...found.scores]).toEqual(rows.slice(0, most).map((row) => scores[row]));
      expect(best.size()).toBe(0);
    }),
  );
});

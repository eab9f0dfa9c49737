import * as fc from "fast-check";
import { expect, it } from "vitest";
import { makeMoments } from "../../src/catalogue/Moments.ts";

it("moments come once each, when they are due", () => {
  const script = fc.array(
    fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 20 }), itemIdx: fc.nat(5) }),
      fc.record({ until: fc.integer({ min: 0, max: 20 }) }),
    ),
  );
  fc.assert(
    fc.property(script, (steps) => {
      const moments = makeMoments();
      let left: Array<{ readonly at: number; readonly itemIdx: number }> = [];
      for (const step of steps) {
        if ("add" in step) {
          moments.add(step.add, step.itemIdx);
          left.push({ at: step.add, itemIdx: step.itemIdx });
        } else {
          const due = left.filter(({ at }) => at <= step.until).map(({ itemIdx }) => itemIdx);
          expect([...moments.until(step.until)].sort()).toEqual(due.sort());
          left = left.filter(({ at }) => at > step.until);
        }
        expect(moments.size()).toBe(left.length);
      }
    }),
  );
});

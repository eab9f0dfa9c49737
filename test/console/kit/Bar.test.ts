import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharesOf } from "../../../src/console/kit/Bar.tsx";

const part = (value: number) => ({ label: `${value}`, value, color: "--part-1" });

describe("the parts of a bar", () => {
  it("are to scale, and fill it unless it is longer", () => {
    expect(sharesOf([part(1), part(3)])).toEqual([0.25, 0.75]);
    expect(sharesOf([part(1), part(3)], 8)).toEqual([0.125, 0.375]);
  });

  it("have no length below 0, nor where there is nothing", () => {
    expect(sharesOf([part(2), part(-1)])).toEqual([1, 0]);
    expect(sharesOf([part(0)])).toEqual([0]);
  });

  it("never stick out", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
        fc.double({ min: 0, max: 10 }),
        (all, whole) => {
          const sum = sharesOf(all.map(part), whole).reduce((total, share) => total + share, 0);
          expect(sum).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { makeGrid } from "../../../src/console/items/map/Grid.ts";

const share = fc.integer({ min: 0, max: 64 }).map((value) => value / 64);

it("the nearest point within reach is found, as by looking at all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(share, share), { maxLength: 60 }),
      fc.double({ min: -0.2, max: 1.2, noNaN: true }),
      fc.double({ min: -0.2, max: 1.2, noNaN: true }),
      fc.double({ min: 0, max: 0.6, noNaN: true }),
      (points, x, y, reach) => {
        const grid = makeGrid(
          Float32Array.from(points, ([one]) => one),
          Float32Array.from(points, ([, one]) => one),
        );
        const isLeftOut = (point: number) => point % 5 === 3;
        const distances = points.map(([a, b], point) =>
          isLeftOut(point) ? Number.POSITIVE_INFINITY : (a - x) ** 2 + (b - y) ** 2,
        );
        const least = Math.min(...distances);
        const found = grid.nearest(x, y, reach, isLeftOut);
        if (least > reach * reach) expect(found).toBe(-1);
        else expect(distances[found]).toBe(least);
      },
    ),
  );
});

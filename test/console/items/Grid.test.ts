import fc from "fast-check";
import { expect, it } from "vitest";
import { makeGrid } from "../../../src/console/items/map/Grid.ts";
import { places } from "../../../src/console/items/map/Layer.ts";

const place = fc.integer({ min: 0, max: 64 }).map((value) => Math.floor((value * places) / 64));

it("the nearest point within reach is found, as by looking at all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, place), { maxLength: 60 }),
      fc.double({ min: -0.2, max: 1.2, noNaN: true }),
      fc.double({ min: -0.2, max: 1.2, noNaN: true }),
      fc.double({ min: 0, max: 0.6, noNaN: true }),
      (points, x, y, reach) => {
        const grid = makeGrid({
          x: Uint16Array.from(points, ([one]) => one),
          y: Uint16Array.from(points, ([, one]) => one),
        });
        const isLeftOut = (point: number) => point % 5 === 3;
        const distances = points.map(([a, b], point) =>
          isLeftOut(point) ? Number.POSITIVE_INFINITY : (a - x * places) ** 2 + (b - y * places) ** 2,
        );
        const least = Math.min(...distances);
        const found = grid.nearest(x, y, reach, isLeftOut);
        if (least > (reach * places) ** 2) expect(found).toBe(-1);
        else expect(distances[found]).toBe(least);
      },
    ),
  );
});

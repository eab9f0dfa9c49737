import fc from "fast-check";
import { expect, it } from "vitest";
import { places } from "../../../src/console/items/map/Layer.ts";
import { type Discs, raster } from "../../../src/console/items/map/Raster.ts";

const [width, height] = [40, 30];
const empty = () => ({ data: new Uint8ClampedArray(4 * width * height), width, height });
const shades = Float32Array.from([0, 0, 0, 0, 200, 100, 50, 0.9, 10, 20, 240, 1]);

const discs = (placed: ReadonlyArray<readonly [number, number, number]>, across: number): Discs => ({
  points: { x: Uint16Array.from(placed, ([x]) => x), y: Uint16Array.from(placed, ([, y]) => y) },
  codes: Uint8Array.from(placed, ([, , code]) => code),
  ...{ shades, across, left: 5, bottom: 25, side: 20 },
});

/** All that is covered, in pixels. */
const covered = (data: Uint8ClampedArray) => {
  let sum = 0;
  for (let at = 3; at < data.length; at += 4) sum += data[at] / 255;
  return sum;
};

const place = fc.integer({ min: 0, max: places });

it("a disc covers what a circle does, where it lies, in its colour", () => {
  fc.assert(
    fc.property(place, place, fc.double({ min: 2, max: 8, noNaN: true }), (x, y, across) => {
      const pixels = empty();
      raster(pixels, discs([[x, y, 2]], across));
      const area = Math.PI * (across / 2) ** 2;
      expect(Math.abs(covered(pixels.data) - area)).toBeLessThan(0.12 * area + 0.4);
      const [middleX, middleY] = [5 + (20 * x) / places, 25 - (20 * y) / places];
      for (let at = 0; at < width * height; at++) {
        const away = Math.hypot((at % width) + 0.5 - middleX, Math.floor(at / width) + 0.5 - middleY);
        const [red, green, blue, alpha] = pixels.data.subarray(4 * at, 4 * at + 4);
        if (away < across / 2 - 0.8) expect(alpha).toBe(255);
        if (away > across / 2 + 0.8) expect(alpha).toBe(0);
        if (alpha > 0) expect([red, green, blue]).toEqual([10, 20, 240]);
      }
    }),
  );
});

it("what lies over something lets that much of it through as it is thin, and what has no strength is not drawn", () => {
  const pixels = empty();
  raster(
    pixels,
    discs(
      [
        [places / 2, places / 2, 2],
        [places / 2, places / 2, 1],
        [places / 2, places / 2, 0],
      ],
      6,
    ),
  );
  const at = 4 * (15 * width + 15);
  expect([...pixels.data.subarray(at, at + 4)]).toEqual([
    Math.round(0.9 * 200 + 1),
    Math.round(0.9 * 100 + 2),
    Math.round(0.9 * 50 + 24),
    255,
  ]);
  const bare = empty();
  raster(bare, discs([[0, 0, 0]], 6));
  expect(covered(bare.data)).toBe(0);
});

it("nothing is drawn past the edges", () => {
  const pixels = empty();
  const own = discs([[0, 0, 2]], 9);
  raster(pixels, { ...own, left: -2, bottom: height + 2 });
  for (let row = 0; row < height; row++) {
    expect(pixels.data[4 * (row * width + width - 1) + 3], `row ${row}`).toBe(0);
  }
  expect(covered(pixels.data)).toBeGreaterThan(0);
  const beside = empty();
  raster(beside, { ...own, left: -20 });
  expect(covered(beside.data)).toBe(0);
});

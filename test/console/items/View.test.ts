import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostZoom, moved, toMap, toScreen, type View, whole, zoomed } from "../../../src/console/items/map/View.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const view: fc.Arbitrary<View> = fc.record({
  x: share,
  y: share,
  zoom: fc.double({ min: 1, max: mostZoom, noNaN: true }),
});
const size = fc.record({ width: fc.integer({ min: 50, max: 3000 }), height: fc.integer({ min: 50, max: 2000 }) });

describe("the view of the map", () => {
  it("knows the place of the map under a place of the screen, and back", () => {
    fc.assert(
      fc.property(view, size, share, share, (own, of, x, y) => {
        const [left, top] = toScreen(own, of, x, y);
        const [backX, backY] = toMap(own, of, left, top);
        expect(backX).toBeCloseTo(x, 9);
        expect(backY).toBeCloseTo(y, 9);
      }),
    );
  });

  it("has y upwards, and the whole map in it at first", () => {
    const of = { width: 800, height: 400 };
    expect(toScreen(whole, of, 0.5, 0.5)).toEqual([400, 200]);
    expect(toScreen(whole, of, 0.5, 1)[1]).toBeCloseTo(200 - 0.47 * 400);
    expect(toScreen(whole, of, 1, 0)[1]).toBeLessThan(400);
  });

  it("keeps what lies under the hand where it is, while it is zoomed within its bounds", () => {
    fc.assert(
      fc.property(view, size, fc.double({ min: 0.2, max: 5, noNaN: true }), share, share, (own, of, factor, a, b) => {
        const [left, top] = [a * of.width, b * of.height];
        const next = zoomed(own, of, factor, left, top);
        expect(next.zoom).toBeGreaterThanOrEqual(1);
        expect(next.zoom).toBeLessThanOrEqual(mostZoom);
        for (const middle of [next.x, next.y]) {
          expect(middle).toBeGreaterThanOrEqual(0);
          expect(middle).toBeLessThanOrEqual(1);
        }
        const isInside = [next.x, next.y].every((middle) => middle > 0 && middle < 1);
        if (!isInside) return;
        const [before, after] = [toMap(own, of, left, top), toMap(next, of, left, top)];
        expect(after[0]).toBeCloseTo(before[0], 7);
        expect(after[1]).toBeCloseTo(before[1], 7);
      }),
    );
  });

  it("goes with the hand", () => {
    const of = { width: 400, height: 400 };
    const next = moved({ x: 0.5, y: 0.5, zoom: 2 }, of, 30, 10);
    const [left, top] = toScreen(next, of, 0.5, 0.5);
    expect(left).toBeCloseTo(230, 9);
    expect(top).toBeCloseTo(210, 9);
  });
});

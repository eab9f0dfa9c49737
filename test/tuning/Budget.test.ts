import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { type Costs, fewest, furtherOf, reserveFor, roomFor } from "../../src/tuning/Budget.ts";

const costs: fc.Arbitrary<Costs> = fc.record({
  part: fc.double({ min: 0, max: 20, noNaN: true }),
  training: fc.double({ min: 0.01, max: 100, noNaN: true }),
  pass: fc.double({ min: 0, max: 10, noNaN: true }),
  shopper: fc.double({ min: 0, max: 0.1, noNaN: true }),
});
const shoppers = fc.integer({ min: 1, max: 20_000 });
const seconds = fc.double({ min: 0.1, max: 36_000, noNaN: true });

describe("the room for a search", () => {
  it("is for more shoppers, the more time there is, and for all of them in the end", () => {
    fc.assert(
      fc.property(costs, shoppers, shoppers, seconds, (costs, all, compared, time) => {
        const [less, more] = [time, 3 * time].map((seconds) => roomFor(costs, all, compared, seconds));
        expect(more!.shoppers).toBeGreaterThanOrEqual(less!.shoppers);
        expect(less!.shoppers).toBeGreaterThanOrEqual(Math.min(all, fewest));
        if (!less!.isShort) expect(more!.isShort).toBe(false);
        if (!less!.isTooShort) expect(more!.isTooShort).toBe(false);
        if (less!.isTooShort) expect(less!.isShort).toBe(true);
        expect(roomFor(costs, all, compared, 1e9)).toMatchObject({ shoppers: all, isShort: false, isTooShort: false });
      }),
    );
  });

  it("leaves, beside a bracket that fits, what the comparison needs", () => {
    fc.assert(
      fc.property(costs, shoppers, shoppers, seconds, (costs, all, compared, time) => {
        const room = roomFor(costs, all, compared, time);
        if (room.isShort) return;
        const { pass, shopper, training } = costs;
        const own = training + 3 * pass + room.shoppers * shopper;
        const first = 9 * (training + pass + (room.shoppers * shopper) / 9);
        expect(own + first + reserveFor(costs, 2 * training, compared, time)).toBeLessThanOrEqual(time);
      }),
    );
  });

  it("tells of minutes that would do, and no more than three times what is needed", () => {
    fc.assert(
      fc.property(costs, shoppers, shoppers, seconds, (costs, all, compared, time) => {
        const { enough } = roomFor(costs, all, compared, time);
        expect(roomFor(costs, all, compared, 60 * enough).isShort).toBe(false);
        const third = Math.min(time, (60 * (enough - 1)) / 3);
        if (third > 0) expect(roomFor(costs, all, compared, third).isShort).toBe(true);
      }),
    );
  });

  it("is none where one training takes all of it", () => {
    const room = roomFor({ part: 1, training: 40, pass: 1, shopper: 0.01 }, 2_500, 6_000, 60);
    expect(room).toMatchObject({ isTooShort: true, isShort: true, shoppers: 93 });
    expect(room.enough).toBeGreaterThan(9);
    expect(room.enough).toBeLessThan(30);
  });
});

describe("shoppers of a comparison", () => {
  it("are as many more as fit by what the last took, and none where that is no gain", () => {
    expect(furtherOf(800, 100, 2, 100)).toBe(800);
    expect(furtherOf(800, 100, 2, 10)).toBe(500);
    expect(furtherOf(800, 100, 2, 1.9)).toBe(0);
    expect(furtherOf(50, 100, 2, 1.9)).toBe(50);
    expect(furtherOf(800, 100, 2, -5)).toBe(0);
    expect(furtherOf(0, 100, 2, 10)).toBe(0);
    expect(furtherOf(800, 100, 0, 10)).toBe(800);
  });
});

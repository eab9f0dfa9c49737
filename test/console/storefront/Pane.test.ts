import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movesOf } from "../../../src/console/storefront/Pane.ts";
import { deedsOf } from "../../../src/console/storefront/Shop.ts";

describe("the moves from a list to the next", () => {
  it("are places gained", () => {
    expect([...movesOf(["a", "b", "c"], ["c", "a", "d"])]).toEqual([
      ["c", 2],
      ["a", -1],
    ]);
  });

  it("are none in the same list, and cancel out where the same items are only put in another order", () => {
    const ids = fc.uniqueArray(fc.string(), { maxLength: 24 });
    fc.assert(
      fc.property(
        ids.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([before, after]) => {
          expect([...movesOf(before, before).values()].every((move) => move === 0)).toBe(true);
          const moves = movesOf(before, after);
          expect(moves.size).toBe(before.length);
          expect([...moves.values()].reduce((sum, move) => sum + move, 0)).toBe(0);
        },
      ),
    );
  });
});

describe("what can be done to an item", () => {
  const type = (name: string, weight: number, role: "buys" | "takes-back" | "hides" | "shown" | null = null) => ({
    name,
    weight,
    role,
  });

  it("goes by the shop's own types of events", () => {
    const usual = [type("click", 0.1), type("add_to_cart", 0.5), type("purchase", 1, "buys")];
    expect(deedsOf(usual)).toEqual({ click: "click", add: "add_to_cart", buy: "purchase", hide: undefined });
    const films = [type("shown", 0, "shown"), type("like", 2), type("watch", 1), type("dislike", -1, "hides")];
    expect(deedsOf(films)).toEqual({ click: "watch", add: "like", buy: undefined, hide: "dislike" });
    const buying = [type("buy", 1, "buys")];
    expect(deedsOf(buying)).toEqual({ click: undefined, add: undefined, buy: "buy", hide: undefined });
  });
});

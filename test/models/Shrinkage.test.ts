import { describe, expect, it } from "@effect/vitest";
import { Option } from "effect";
import * as fc from "fast-check";
import { heldModel, refusal, shrinkage } from "../../src/models/Shrinkage.ts";
import { modelOf } from "../support/Models.ts";

const count = fc.integer({ min: 0, max: 1000 });
const extent = fc.record({ users: count, items: count, events: count });

describe("a new model", () => {
  it("is refused exactly where it was learnt from less than half of something", () => {
    fc.assert(
      fc.property(extent, extent, (before, after) => {
        const found = shrinkage(modelOf("a", { learntFrom: before }), modelOf("b", { learntFrom: after }));
        const less = (["users", "items", "events"] as const).filter((name) => 2 * after[name] < before[name]);
        expect(found.map((words) => words.split(" ")[1])).toEqual(less);
        for (const name of less)
          expect(found.join()).toContain(`${after[name]} ${name} (the serving model has ${before[name]})`);
      }),
    );
  });

  it("is compared with one of an older version by users and items alone", () => {
    const before = modelOf("a", { users: 400, items: 100 });
    const learntFrom = { users: 1, items: 1, events: 1 };
    expect(shrinkage(before, modelOf("b", { users: 200, items: 50, learntFrom }))).toEqual([]);
    expect(shrinkage(before, modelOf("b", { users: 199, items: 50, learntFrom }))).toEqual([
      "199 users (the serving model has 400)",
    ]);
  });

  it("is not refused where nothing serves, or itself does", () => {
    const next = modelOf("b", { users: 1 });
    expect(refusal({ models: [next], serving: Option.none() }, next)).toBeUndefined();
    expect(refusal({ models: [next], serving: Option.some("b") }, next)).toBeUndefined();
  });

  it("that was refused is known until it serves, or a larger one was made", () => {
    const old = modelOf("a", { status: "live" });
    const small = modelOf("b", { users: 1 });
    const serving = Option.some("a");
    const held = heldModel({ models: [old, small], serving });
    expect(held?.id).toBe("b");
    expect(held?.detail).toContain("`models use b`");
    expect(heldModel({ models: [old, { ...small, status: "live" }], serving: Option.some("b") })).toBeUndefined();
    expect(heldModel({ models: [old, small, modelOf("c", {})], serving })).toBeUndefined();
    expect(heldModel({ models: [old], serving })).toBeUndefined();
  });
});

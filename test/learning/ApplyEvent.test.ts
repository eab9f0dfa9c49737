import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { Event } from "../../src/domain/Event.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { applyEvent, keepInteraction, type LearningItems } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";

const items: LearningItems = {
  rank: 2,
  itemIdx: Uint32Array.of(7, 9),
  vectors: Float32Array.of(1, 0, 0, 1),
  rowOf: (id) => ({ a: 0, b: 1 })[id],
  rowOfIdx: (idx) => ({ 7: 0, 9: 1 })[idx],
};
const context = { items, learner: makeEma(items, { rate: 0.2 }), debounceSeconds: 300 };
const event = (
  itemId: string,
  eventType: string,
  timestamp: number,
  eventId = `${itemId}${eventType}${timestamp}`,
): Event => ({
  eventId,
  userId: "u",
  itemId,
  eventType,
  timestamp,
  quantity: 1,
});

/** Applies events of partition 0 from offset 0 on; answers the last state and each outcome. */
const run = (events: ReadonlyArray<Event>, from: UserState = emptyUserState) => {
  let state = from;
  const outcomes = events.map((e, i) => {
    const applied = applyEvent(state, e, 0, BigInt(i), context);
    state = applied.state;
    return applied.outcome;
  });
  return { state, outcomes };
};

describe("the moving average", () => {
  it("gives a cold user the item's vector", () => {
    expect(run([event("a", "click", 0)]).state.vector).toEqual(Float32Array.of(1, 0));
  });
  it.each([
    ["purchase", 0.2],
    ["add_to_cart", 0.1],
    ["click", 0.02],
  ])("moves by η times the weight of %s", (type, step) => {
    const { state } = run([event("a", "click", 0), event("b", type, 1)]);
    expect(state.vector?.[0]).toBeCloseTo(1 - step, 6);
    expect(state.vector?.[1]).toBeCloseTo(step, 6);
  });
});

describe("debounce", () => {
  it("counts the same item and type once within the time, by event time, either way", () => {
    expect(run([event("a", "click", 1000), event("a", "click", 1299), event("a", "click", 701)]).outcomes).toEqual([
      "applied",
      "debounced",
      "debounced",
    ]);
  });
  it("is not extended by what it held back", () => {
    expect(run([event("a", "click", 0), event("a", "click", 299), event("a", "click", 300)]).outcomes).toEqual([
      "applied",
      "debounced",
      "applied",
    ]);
  });
  it("tells types and items apart", () => {
    expect(run([event("a", "click", 0), event("a", "purchase", 0), event("b", "click", 0)]).outcomes).toEqual([
      "applied",
      "applied",
      "applied",
    ]);
  });
});

it("counts a client's retry once, also long after the debounce time", () => {
  const { outcomes, state } = run([event("a", "purchase", 0, "id"), event("a", "purchase", 4000, "id")]);
  expect(outcomes).toEqual(["applied", "repeated"]);
  expect(state.interactions).toHaveLength(1);
  expect(state.next.get(0)).toBe(2n);
});

it("never forgets what was bought, however long ago, however much, and where it was debounced", () => {
  const year = 365 * 86_400;
  const { state } = run([
    event("b", "purchase", year),
    event("a", "click", 20 * year),
    ...Array.from({ length: 200 }, (_, i) => event("a", "purchase", 20 * year + 400 * i)),
  ]);
  expect(state.interactions.some(({ itemIdx }) => itemIdx === 9)).toBe(false);
  expect(state.bought).toEqual(Uint32Array.of(7, 9));
  // A state of a version that kept no set of what was bought.
  const old = { ...emptyUserState, marks: [{ key: "i:7:2", time: 1000 }] };
  expect(run([event("a", "purchase", 1001)], old)).toMatchObject({
    outcomes: ["debounced"],
    state: { bought: Uint32Array.of(7) },
  });
});

it("leaves a redelivered record alone", () => {
  const { state } = run([event("a", "purchase", 0), event("b", "purchase", 1)]);
  const again = applyEvent(state, event("b", "purchase", 100_000, "other"), 0, 1n, context);
  expect(again).toEqual({ state, outcome: "redelivered" });
  expect(applyEvent(state, event("b", "purchase", 100_000, "other"), 1, 1n, context).outcome).toBe("applied");
});

it.each([
  ["z", "click", "unknown_item"],
  ["a", "stare", "unknown_type"],
])("changes nothing for item %s and type %s", (itemId, type, outcome) => {
  expect(applyEvent(emptyUserState, event(itemId, type, 0), 0, 0n, context)).toEqual({
    state: emptyUserState,
    outcome,
  });
});

it("keeps the newest 100 purchases, the newest 60 of any type and nothing older than a year, in time order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ itemIdx: fc.nat(5), type: fc.nat(2), day: fc.nat(500) }), { maxLength: 250 }),
      (list) => {
        let kept: ReadonlyArray<{ itemIdx: number; type: number; time: number }> = [];
        const added = list.map(({ itemIdx, type, day }) => ({ itemIdx, type, time: day * 86_400 }));
        for (const interaction of added) kept = keepInteraction(kept, interaction);
        for (let i = 1; i < kept.length; i++) expect(kept[i].time).toBeGreaterThanOrEqual(kept[i - 1].time);
        const sorted = added.map((x, i) => ({ ...x, i })).sort((a, b) => b.time - a.time || b.i - a.i);
        const recent = sorted.filter(({ time }) => time >= (sorted[0]?.time ?? 0) - 365 * 86_400);
        const purchases = recent.filter(({ type }) => type === 2).slice(0, 100);
        const wanted = recent.filter((x, i) => i < 60 || purchases.includes(x)).reverse();
        expect(kept).toEqual(wanted.map(({ itemIdx, type, time }) => ({ itemIdx, type, time })));
      },
    ),
    { numRuns: 100 },
  );
});

it("never lets an old event undo what is newer: the history keeps it, and what was bought stays so", () => {
  const act = fc.record({
    item: fc.constantFrom("a", "b"),
    type: fc.constantFrom("click", "purchase"),
    time: fc.nat(2e9),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), act, (list, late) => {
      const events = list.map(({ item, type, time }, i) => event(item, type, time, `id ${i}`));
      const { state } = run(events);
      const { state: after } = applyEvent(state, event(late.item, late.type, late.time, "late"), 0, 1000n, context);
      const newer = state.interactions.filter(({ time }) => time > late.time);
      const newest = state.interactions.at(-1)?.time ?? 0;
      if (late.time <= newest)
        expect(after.interactions.slice(after.interactions.length - newer.length)).toEqual(newer);
      for (const item of state.bought) expect(after.bought).toContain(item);
    }),
  );
});

it("marks the type and the id of what counted, and forgets them in time", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ item: fc.constantFrom("a", "b"), wait: fc.integer({ min: -100, max: 40_000 }), id: fc.nat(400) }),
        {
          maxLength: 400,
        },
      ),
      (list) => {
        let state = emptyUserState;
        let time = 1_000_000;
        let expected: ReadonlyArray<{ key: string; time: number }> = [];
        const keyOfId = new Map<number, string>();
        list.forEach(({ item, wait, id }, offset) => {
          time += wait;
          const applied = applyEvent(state, event(item, "click", time, `id ${id}`), 0, BigInt(offset), context);
          state = applied.state;
          if (applied.outcome === "repeated") {
            expect(expected.some(({ key }) => key === keyOfId.get(id))).toBe(true);
            return;
          }
          const idKey = state.marks.at(-1)?.key ?? "";
          expect(keyOfId.get(id) ?? idKey).toBe(idKey);
          keyOfId.set(id, idKey);
          const debounceKey = `i:${item === "a" ? 7 : 9}:0`;
          const counted = applied.outcome === "applied" ? [{ key: debounceKey, time }] : [];
          const all = [...expected, ...counted, { key: idKey, time }];
          const newest = Math.max(...all.map((mark) => mark.time));
          expected = all.filter((mark) => newest - mark.time < (mark.key.startsWith("i:") ? 300 : 86_400)).slice(-256);
          expect(state.marks).toEqual(expected);
        });
        expect(new Set(keyOfId.values()).size).toBe(keyOfId.size);
      },
    ),
    { numRuns: 40 },
  );
});

it("hashes ids as it did for the states on disk", () => {
  const marks = (id: string) => run([event("a", "click", 0, id)]).state.marks.map(({ key }) => key);
  expect(marks("")).toEqual(["i:7:0", "e:1ynlk57hkn9"]);
  expect(marks("01890a5d-ac96-774b-bcce-b302099a8057")).toEqual(["i:7:0", "e:2cjto0xdc6r"]);
});

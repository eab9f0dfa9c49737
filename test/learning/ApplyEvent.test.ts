import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { Event } from "../../src/domain/Event.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { packEvents } from "../../src/domain/RecentEvents.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { applyEvent, closeUser, keepInteraction, type LearningItems, openUser } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";

const items: LearningItems = {
  rank: 2,
  itemIdx: Uint32Array.of(7, 9),
  vectors: Float32Array.of(1, 0, 0, 1),
  rowOf: (id) => ({ a: 0, b: 1 })[id],
  rowOfIdx: (idx) => ({ 7: 0, 9: 1 })[idx],
};
const context = { items, learner: makeEma(items, { rate: 0.2 }), types: defaultEventTypes, debounceSeconds: 300 };
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

/** Applies an event at an offset of a slot; answers the next state and the outcome. */
const apply = (state: UserState, e: Event, offset: bigint, slot = 0, appendedAt = e.timestamp) => {
  const user = openUser(state);
  const outcome = applyEvent(user, e, slot, { offset, appendedAt }, context);
  return { state: closeUser(user), outcome };
};

/** Applies events of slot 0 from offset 0 on, which arrive as they happen; answers the last state and each outcome. */
const run = (events: ReadonlyArray<Event>, from: UserState = emptyUserState) => {
  const user = openUser(from);
  const outcomes = events.map((e, i) =>
    applyEvent(user, e, 0, { offset: BigInt(i), appendedAt: e.timestamp }, context),
  );
  return { state: closeUser(user), outcomes };
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

it("counts a client's retry once, also long after the debounce time, and whatever item and time it names", () => {
  const { outcomes, state } = run([
    event("a", "purchase", 0, "id"),
    event("a", "purchase", 4000, "id"),
    event("b", "purchase", 5000, "id"),
  ]);
  expect(outcomes).toEqual(["applied", "repeated", "repeated"]);
  expect(state.interactions).toHaveLength(1);
  expect(state.bought).toEqual(Uint32Array.of(7));
  expect(state.next.get(0)).toBe(3n);
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
  const old = {
    ...emptyUserState,
    recent: packEvents([{ id: -1, arrival: 1000, time: 1000, itemIdx: 7, type: 2, counted: true }]),
  };
  expect(run([event("a", "purchase", 1001)], old)).toMatchObject({
    outcomes: ["debounced"],
    state: { bought: Uint32Array.of(7) },
  });
});

it("leaves a redelivered record alone", () => {
  const { state } = run([event("a", "purchase", 0), event("b", "purchase", 1)]);
  expect(apply(state, event("b", "purchase", 100_000, "other"), 1n)).toEqual({ state, outcome: "redelivered" });
  expect(apply(state, event("b", "purchase", 100_000, "other"), 1n, 1).outcome).toBe("applied");
});

it.each([
  ["z", "click", "unknown_item"],
  ["a", "stare", "unknown_type"],
])("changes nothing for item %s and type %s", (itemId, type, outcome) => {
  expect(apply(emptyUserState, event(itemId, type, 0), 0n)).toEqual({
    state: emptyUserState,
    outcome,
  });
});

it("keeps the newest 100 purchases, the newest 60 of any type and beyond the newest 20 nothing older than a year, in time order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ itemIdx: fc.nat(5), type: fc.nat(2), day: fc.nat(500) }), { maxLength: 250 }),
      (list) => {
        let kept: ReadonlyArray<{ itemIdx: number; type: number; time: number }> = [];
        const added = list.map(({ itemIdx, type, day }) => ({ itemIdx, type, time: day * 86_400 }));
        for (const interaction of added) kept = keepInteraction(kept, interaction, defaultEventTypes);
        for (let i = 1; i < kept.length; i++) expect(kept[i].time).toBeGreaterThanOrEqual(kept[i - 1].time);
        const sorted = added.map((x, i) => ({ ...x, i })).sort((a, b) => b.time - a.time || b.i - a.i);
        const recent = sorted.filter(({ time }, i) => i < 20 || time >= (sorted[0]?.time ?? 0) - 365 * 86_400);
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
      const { state: after } = apply(state, event(late.item, late.type, late.time, "late"), 1000n);
      const newer = state.interactions.filter(({ time }) => time > late.time);
      const newest = state.interactions.at(-1)?.time ?? 0;
      if (late.time <= newest)
        expect(after.interactions.slice(after.interactions.length - newer.length)).toEqual(newer);
      for (const item of state.bought) expect(after.bought).toContain(item);
    }),
  );
});

it("hands out what an event that was applied followed: the kept interactions before it, by time", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ type: fc.constantFrom("click", "purchase"), day: fc.nat(400) })), (list) => {
      const user = openUser(emptyUserState);
      list.forEach(({ day, type }, i) => {
        const kept = user.interactions;
        const e = event("a", type, day * 86_400, `id ${i}`);
        const outcome = applyEvent(user, e, 0, { offset: BigInt(i), appendedAt: 0 }, context);
        if (outcome !== "applied") return;
        const wanted = kept.filter(({ time }) => time <= day * 86_400);
        expect(user.before.slice(0, user.followed)).toEqual(wanted);
      });
    }),
  );
});

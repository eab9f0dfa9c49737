/** Events on items that came to the shop's catalogue after the model was made. */
import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import type { Event } from "../../src/domain/Event.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { applyEvent, closeUser, type LearningItems, openUser } from "../../src/learning/ApplyEvent.ts";
import { makeBlend } from "../../src/learning/Blend.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { makeFoldIn } from "../../src/learning/FoldIn.ts";
import type { Learner } from "../../src/learning/Learner.ts";

/** The model knows a and b; the catalogue new and newer as well. */
const items: LearningItems = {
  rank: 2,
  itemIdx: Uint32Array.of(7, 9),
  vectors: Float32Array.of(1, 0, 0.5, 1),
  rowOf: (id) => ({ a: 0, b: 1 })[id],
  rowOfIdx: (idx) => ({ 7: 0, 9: 1 })[idx],
  catalogued: (id) => ({ new: 20, newer: 21 })[id],
};
const ema = makeEma(items, { rate: 0.2 });
const blend = makeBlend(items);
const foldIn = makeFoldIn(items, { decay: 0.9, regularization: 0.1, alpha: 1, steps: 20 });

const acts = (...ids: ReadonlyArray<string>): ReadonlyArray<Event> =>
  ids.map((itemId, i) => ({
    eventId: `event ${i}`,
    userId: "u",
    itemId,
    eventType: "purchase",
    timestamp: 1000 * i,
    quantity: 1,
  }));

const lived = (learner: Learner, events: ReadonlyArray<Event>) => {
  const user = openUser(emptyUserState);
  const context = { items, learner, types: defaultEventTypes, debounceSeconds: 300 };
  const outcomes = events.map((event, i) =>
    applyEvent(user, event, 0, { offset: BigInt(i), appendedAt: event.timestamp }, context),
  );
  return { ...closeUser(user), outcomes };
};

it.each([
  ["ema", ema],
  ["blend", blend],
  ["fold-in", foldIn],
])(
  "count for the history and what was bought, by the lasting index, and leave a stranger without a vector (%s)",
  (_, learner) => {
    const { bought, interactions, outcomes, vector } = lived(learner, acts("new", "newer", "none", "new"));
    expect(outcomes).toEqual(["applied", "applied", "unknown_item", "applied"]);
    expect(interactions.map(({ itemIdx }) => itemIdx)).toEqual([20, 21, 20]);
    expect(bought).toEqual(Uint32Array.of(20, 21));
    expect(vector).toBeUndefined();
  },
);

const names = fc.array(fc.constantFrom("a", "b", "new", "newer"), { maxLength: 60 });
const isKnown = (id: string): boolean => items.rowOf(id) !== undefined;

it("leave the moving average where it is", () =>
  fc.assert(
    fc.property(names, (ids) => {
      expect(lived(ema, acts(...ids)).vector).toEqual(lived(ema, acts(...ids.filter(isKnown))).vector);
    }),
  ));

it("age the blend's taste, which is that of the whole history and never of zeros", () =>
  fc.assert(
    fc.property(names, (ids) => {
      const { interactions, vector } = lived(blend, acts(...ids));
      expect(vector).toEqual(blend.tasteOf(interactions));
    }),
  ));

it("age what the fold-in solves for, which stays finite", () => {
  const known = lived(foldIn, acts("a", "b")).vector!;
  const aged = lived(foldIn, acts("a", "b", "new", "new", "newer")).vector!;
  expect(Math.hypot(...aged)).toBeLessThan(Math.hypot(...known));
  fc.assert(
    fc.property(names, (ids) => {
      const { vector } = lived(foldIn, acts(...ids));
      expect(vector === undefined).toBe(!ids.some(isKnown));
      expect(vector?.every(Number.isFinite) ?? true).toBe(true);
    }),
  );
});

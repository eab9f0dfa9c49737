import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import * as fc from "fast-check";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { eventTypesOf } from "../../src/domain/EventTypes.ts";
import { itemSetOf } from "../../src/domain/ItemSet.ts";
import { unpackShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import type { LearningItems } from "../../src/learning/ApplyEvent.ts";
import { makeBlend } from "../../src/learning/Blend.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { makeFoldIn } from "../../src/learning/FoldIn.ts";
import type { Learner } from "../../src/learning/Learner.ts";
import { computeBatch, type Decoded } from "../../src/stream/ComputeBatch.ts";
import { everyType } from "../support/EventTypes.ts";

const items: LearningItems = {
  rank: 2,
  itemIdx: Uint32Array.of(0, 1, 2),
  vectors: Float32Array.of(1, 0, 0, 1, 0.6, 0.8),
  rowOf: (id) => ({ a: 0, b: 1, c: 2 })[id],
  rowOfIdx: (idx) => (idx < 3 ? idx : undefined),
};
const ema = makeEma(items, { rate: 0.2 });

/** What a batch of events makes of the user, the trend and the followers; `from`: the state before. */
const after = (
  events: ReadonlyArray<readonly [item: string, type: string, id?: string]>,
  learner: Learner = ema,
  types = everyType,
) => {
  const decoded = events.map(([itemId, eventType, ownId], i): Decoded => {
    const eventId = ownId ?? `e${i}`;
    const event: Event = { eventId, userId: "u", itemId, eventType, timestamp: 1000 * i, quantity: 1 };
    return {
      partition: 0,
      offset: BigInt(i),
      appendedAt: 1000 * i,
      key: "u",
      value: encodeEvent(event),
      event: Either.right(event),
    } as Decoded;
  });
  const place = { partition: 0, slot: 0, log: "log", durable: 0n, start: () => 0n };
  const context = { items, learner, types, debounceSeconds: 0, model: "m", group: "g", halfLife: 1e12 };
  const { batch, counts, followed, letters } = computeBatch(place, decoded, new Map(), new Set(), undefined, context);
  const state: UserState = batch.users[0]?.state ?? emptyUserState;
  return {
    state,
    history: state.interactions.map(({ itemIdx, type }) => `${itemIdx} ${types.names[type]}`),
    bought: [...state.bought],
    hidden: [...state.hidden],
    shown: unpackShown(state.shown),
    followed: [...followed],
    trend: batch.trend?.trend.total ?? 0,
    counts: Object.fromEntries(counts),
    next: batch.next,
    written: batch.users.length,
    letters: letters.length,
  };
};

const looked = ["b", "view"] as const;
const purchase = ["a", "purchase"] as const;

/** Row by row the table of ARCHITECTURE.md: what each kind of event does behind a look at another item and, where it says so, a purchase. */
describe("an event that", () => {
  const before = after([looked]);

  it("teaches enters history, trend and followers, and moves the vector", () => {
    const found = after([looked, ["a", "add_to_cart"]]);
    expect(found).toMatchObject({ history: ["1 view", "0 add_to_cart"], bought: [], hidden: [], followed: [0, 1, 1] });
    expect(found.trend - before.trend).toBeCloseTo(0.5);
    expect(found.state.vector).not.toEqual(before.state.vector);
    expect(found.counts).toEqual({ applied: 2 });
  });

  it("buys enters the bought set beside all that, and ends that the item is hidden", () => {
    const found = after([looked, ["a", "dislike"], purchase]);
    expect(found).toMatchObject({ history: ["1 view", "0 purchase"], bought: [0], hidden: [], followed: [0, 1, 1] });
    expect(found.trend - before.trend).toBeCloseTo(1);
  });

  it("buys and weighs nothing enters the bought set alone", () => {
    expect(after([looked, ["a", "sample"]])).toMatchObject({
      ...nothingLearnt(),
      bought: [0],
      counts: { applied: 1, noted: 1 },
    });
  });

  it("takes back takes the item from the bought set and its purchases from the history, and moves no vector", () => {
    const had = after([looked, purchase, ["b", "purchase"]]);
    const found = after([looked, purchase, ["b", "purchase"], ["a", "return"]]);
    expect(found).toMatchObject({ history: ["1 view", "1 purchase"], bought: [1], counts: { applied: 3, noted: 1 } });
    expect([found.state.vector, found.trend, found.followed]).toEqual([had.state.vector, had.trend, had.followed]);
    expect(after([looked, purchase, ["a", "return"], purchase]).bought).toEqual([0]);
    expect(after([looked, ["a", "add_to_cart"], ["a", "swap"]]).history).toEqual(["1 view", "0 add_to_cart"]);
  });

  it("hides enters the hidden set alone, where a look does not take it out", () => {
    const hides = { ...nothingLearnt(), hidden: [0], counts: { applied: 1, noted: 1 } };
    expect(after([looked, ["a", "dislike"]])).toMatchObject(hides);
    expect(after([looked, ["a", "dislike"], ["a", "add_to_cart"]]).hidden).toEqual([0]);
    expect(after([looked, purchase, ["a", "dislike"]])).toMatchObject({ bought: [0], hidden: [0] });
  });

  it("is shown enters what was shown alone, until something is done to the item", () => {
    const shown = [{ itemIdx: 0, last: 1000, count: 1 }];
    const found = after([looked, ["a", "impression"]]);
    expect(found).toMatchObject({ ...nothingLearnt(), shown, counts: { applied: 1, shown: 1 } });
    expect([...found.state.recent]).toEqual([...before.state.recent]);
    expect(after([["a", "impression"]])).toMatchObject({ written: 1, next: 1n, letters: 0, trend: 0 });
    for (const type of ["view", "purchase", "dislike", "return"]) {
      expect(after([looked, ["a", "impression"], ["a", type]]).shown).toEqual([]);
    }
    // Of an item that nobody knows, nothing is kept, and nothing is given up.
    expect(after([["x", "impression"]])).toMatchObject({ written: 0, letters: 0, counts: { passed: 1 } });
  });

  it("weighs nothing and says no more is counted and passed, and its user is not written for it", () => {
    expect(after([looked, ["a", "search"]])).toMatchObject({ ...nothingLearnt(), counts: { applied: 1, passed: 1 } });
    expect(after([["a", "search"]])).toMatchObject({ written: 0, next: 1n, letters: 0, trend: 0 });
  });

  it("is of a type that the model does not know is a dead letter, and changes nothing", () => {
    expect(after([looked, ["a", "wish"]])).toMatchObject({ ...nothingLearnt(), letters: 1 });
  });

  function nothingLearnt() {
    const { followed, history, trend } = before;
    return { followed, history, trend, bought: [], hidden: [], state: { vector: before.state.vector } };
  }
});

describe("any sequence of events", () => {
  const heavy = eventTypesOf(everyType.list.map((type) => ({ ...type, weight: type.weight * 1000 })));
  const sequence = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom(...everyType.names)), {
    minLength: 1,
    maxLength: 120,
  });
  const learners = (weights: ReadonlyArray<number>): ReadonlyArray<readonly [string, Learner]> => [
    ["ema", makeEma(items, { rate: 1 })],
    ["fold-in", makeFoldIn(items, { decay: 0.8, regularization: 0.01, alpha: 40, weights })],
    ["blend", makeBlend(items, { decay: 0.8, window: 20, weights })],
  ];

  it.each(["ema", "fold-in", "blend"])("leaves the vector finite, and trend and followers too, with %s", (name) => {
    fc.assert(
      fc.property(sequence, fc.constantFrom(everyType, heavy), (events, types) => {
        const [, learner] = learners(types.weights).find(([one]) => one === name)!;
        const { state, trend } = after(events, learner, types);
        expect(state.vector?.every(Number.isFinite) ?? true).toBe(true);
        expect(Number.isFinite(trend) && trend >= 0).toBe(true);
      }),
    );
  });

  it.each(["ema", "fold-in", "blend"])("has all but what was shown as if nothing had been, with %s", (name) => {
    const [, learner] = learners(everyType.weights).find(([one]) => one === name)!;
    fc.assert(
      fc.property(sequence, (events) => {
        const all = after(events, learner);
        const without = after(
          events.map(([item, type]) => [item, type === "impression" ? "search" : type]),
          learner,
        );
        const { next: _, shown: __, ...state } = all.state;
        expect(without.state).toMatchObject(state);
        expect([all.trend, all.followed]).toEqual([without.trend, without.followed]);
      }),
    );
  });

  it("says of each item how often it was shown since something was done to it, retries left out", () => {
    const step = fc.record({
      item: fc.constantFrom("a", "b", "c"),
      type: fc.constantFrom("impression", "impression", "view", "purchase"),
      /** Which of those before is sent again behind it, counted from it. */
      again: fc.option(fc.nat(5)),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const events = steps.flatMap(({ again }, at) =>
          [at, ...(again === null || again > at ? [] : [at - again])].map((n) => {
            const { item, type } = steps[n]!;
            return [item, type, `own ${n}`] as const;
          }),
        );
        const own = new Map<string, { last: number; count: number }>();
        const ids = new Set<string>();
        events.forEach(([item, type, id], i) => {
          if (ids.has(id)) return;
          ids.add(id);
          if (type === "impression") own.set(item, { last: 1000 * i, count: 1 + (own.get(item)?.count ?? 0) });
          else own.delete(item);
        });
        expect(new Map(after(events).shown.map(({ itemIdx, ...rest }) => ["abc"[itemIdx], rest]))).toEqual(own);
      }),
    );
  });

  it("leaves bought and hidden what the last word on each item says", () => {
    fc.assert(
      fc.property(sequence, (events) => {
        const { bought, hidden } = after(events);
        const own = new Map<string, { bought: boolean; hidden: boolean }>();
        for (const [item, type] of events) {
          const { bought: had, hidden: hid } = own.get(item) ?? { bought: false, hidden: false };
          const buys = type === "purchase" || type === "sample";
          const back = type === "return" || type === "swap";
          own.set(item, { bought: buys || (had && !back), hidden: type === "dislike" || (hid && !buys) });
        }
        const where = (of: "bought" | "hidden") => [
          ...itemSetOf([...own].filter(([, is]) => is[of]).map(([item]) => items.rowOf(item)!)),
        ];
        expect([bought, hidden]).toEqual([where("bought"), where("hidden")]);
      }),
    );
  });
});

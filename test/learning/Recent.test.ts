import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { noEvents, packEvents, type RecentEvent, unpackEvents } from "../../src/domain/RecentEvents.ts";
import { makeRecent, recentEvents, remember, rememberedEvents, type Verdict } from "../../src/learning/Recent.ts";

type Given = Omit<RecentEvent, "counted">;

const day = 86_400;
const debounce = 300;

const given = (id: number, arrival: number, more: Partial<Given> = {}): Given => ({
  id,
  arrival,
  time: arrival,
  itemIdx: id,
  type: 0,
  ...more,
});

/** The definition, word for word. */
const judgeNaively = (events: ReadonlyArray<Given>) => {
  let kept: ReadonlyArray<RecentEvent> = [];
  const verdicts = events.map((event): Verdict => {
    kept = kept.filter(({ arrival }) => event.arrival - arrival < day);
    const verdict = kept.some(({ id }) => id === event.id)
      ? "repeated"
      : kept.some(
            ({ counted, itemIdx, time, type }) =>
              counted && itemIdx === event.itemIdx && type === event.type && Math.abs(event.time - time) < debounce,
          )
        ? "debounced"
        : "counted";
    kept = [...kept, { ...event, counted: verdict === "counted" }];
    return verdict;
  });
  return { verdicts, kept };
};

const judge = (events: ReadonlyArray<Given>, before: ReadonlyArray<RecentEvent> = []) => {
  const recent = makeRecent(packEvents(before));
  const verdicts = events.map((event) => remember(recent, event, debounce));
  return { verdicts, kept: unpackEvents(recentEvents(recent)) };
};

/** Mostly later than the one before, at times much earlier or much later. */
const arrivals = fc.oneof(
  { weight: 20, arbitrary: fc.nat(2_000) },
  { weight: 2, arbitrary: fc.integer({ min: -200, max: 0 }) },
  { weight: 1, arbitrary: fc.integer({ min: -3 * day, max: 3 * day }) },
);

const list = fc
  .array(
    fc.record({
      wait: arrivals,
      id: fc.nat(150),
      behind: fc.oneof(fc.nat(600), fc.nat(20 * day)),
      itemIdx: fc.nat(3),
      type: fc.nat(2),
    }),
    { maxLength: 300, size: "max" },
  )
  .map((steps) => {
    let arrival = 1_000_000_000;
    return steps.map(({ behind, wait, ...event }): Given => {
      arrival += wait;
      return { ...event, arrival, time: arrival - behind };
    });
  });

describe("what is remembered of a user's last day", () => {
  it("is what the definition says, whatever the order of arrivals", () => {
    fc.assert(
      fc.property(list, (events) => {
        expect(judge(events)).toEqual(judgeNaively(events));
      }),
      { numRuns: 150 },
    );
  });

  it("does not depend on where batches are cut", () => {
    fc.assert(
      fc.property(list, fc.nat(300), (events, at) => {
        const whole = judge(events);
        const first = judge(events.slice(0, at));
        const second = judge(events.slice(at), first.kept);
        expect([...first.verdicts, ...second.verdicts]).toEqual(whole.verdicts);
        expect(second.kept).toEqual(whole.kept);
      }),
      { numRuns: 100 },
    );
  });

  it("tells a retry for a day from its last arrival, however late the event is and however many came between", () => {
    const others = Array.from({ length: 1000 }, (_, i) => given(10 + i, 1000 + i, { time: 0 }));
    const retry = given(1, 1000 + day - 1, { time: -30 * day });
    const { verdicts } = judge([given(1, 1000, { time: -30 * day }), ...others, retry, given(1, 1000 + 2 * day - 2)]);
    expect(verdicts.slice(-2)).toEqual(["repeated", "repeated"]);
    expect(judge([given(1, 1000), given(1, 1000 + day)]).verdicts).toEqual(["counted", "counted"]);
  });

  it("is bounded by the user's last events", () => {
    const many = Array.from({ length: rememberedEvents - 1 }, (_, i) => given(10 + i, 1000));
    const first = given(1, 1000);
    expect(judge([first, ...many, first]).verdicts.at(-1)).toBe("repeated");
    const { kept, verdicts } = judge([first, ...many, given(2, 1000), first]);
    expect(verdicts.at(-1)).toBe("counted");
    expect(kept).toHaveLength(rememberedEvents);
  });

  it("judges a batch of one user's events quickly, also where all that is remembered moves on", () => {
    const many = Array.from({ length: rememberedEvents }, (_, i) => given(i, 1.3 * i));
    const before = makeRecent(noEvents);
    for (const event of many) remember(before, event, debounce);
    const batch = Array.from({ length: 1000 }, (_, i) => given(1e6 + i, 1.3 * (rememberedEvents + i)));
    const started = process.cpuUsage();
    for (const event of batch) remember(before, event, debounce);
    const { system, user } = process.cpuUsage(started);
    expect((system + user) / 1000).toBeLessThan(400);
  });
});

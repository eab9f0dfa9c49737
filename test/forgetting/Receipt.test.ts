import { expect, it } from "@effect/vitest";
import { Duration } from "effect";
import { type StepName, StepName as StepNames, type Tombstone } from "../../src/domain/Forgotten.ts";
import { receiptOf } from "../../src/forgetting/Receipt.ts";

const noStoreFile = { isEmbedded: false, compactedAt: undefined };
const retentions = { log: Duration.days(30), tables: Duration.days(7) };
const day = 86_400;
const tombstone = (done: Partial<Record<StepName, number>>): Tombstone => ({
  hash: "ab",
  forgottenAt: 100 * day,
  done,
});
const all = Object.fromEntries(StepNames.literals.map((step) => [step, 101 * day]));

it("goes from forgotten over removing to removed, once the retentions are over too", () => {
  const stateAt = (done: Partial<Record<StepName, number>>, now: number) =>
    receiptOf(tombstone(done), retentions, noStoreFile, now * day).state;
  expect(stateAt({}, 100)).toBe("forgotten");
  expect(stateAt({ states: 100 * day }, 100)).toBe("forgotten");
  expect(stateAt({ states: 100 * day, events: 101 * day }, 200)).toBe("removing");
  expect(stateAt(all, 107)).toBe("removing");
  expect(stateAt(all, 108)).toBe("removed");
  const { event_log: _, ...stillInTheLog } = all;
  expect(stateAt(stillInTheLog, 999)).toBe("removing");
});

it("tells when each copy went, and when what is left goes", () => {
  const { forgotten_at, steps } = receiptOf(
    tombstone({ ...all, states: 100 * day }),
    retentions,
    noStoreFile,
    109 * day,
  );
  const at = new Map(steps.map((step) => [step.step, [step.state, step.at]]));
  const iso = (days: number) => new Date(days * day * 1000).toISOString();
  expect(forgotten_at).toBe(iso(100));
  expect(at.get("states")).toEqual(["done", iso(100)]);
  expect(at.get("user_map")).toEqual(["done", iso(101)]);
  expect(at.get("event_log")).toEqual(["done", iso(101)]);
  expect(at.get("old_versions")).toEqual(["done", iso(108)]);
  expect(at.has("store_file")).toBe(false);
  const early = receiptOf(tombstone({}), retentions, noStoreFile, 109 * day).steps;
  expect(early.find(({ step }) => step === "event_log")).toMatchObject({ state: "by_retention", at: iso(130) });
});

it("is removed from an embedded store's file by a compaction after all else that is in the store", () => {
  const told = (done: Partial<Record<StepName, number>>, compactedAt: number | undefined) => {
    const { state, steps } = receiptOf(tombstone(done), retentions, { isEmbedded: true, compactedAt }, 200 * day);
    const { at, state: ofFile } = steps.at(-1) ?? {};
    expect(steps.at(-1)?.step).toBe("store_file");
    return [state, ofFile, at];
  };
  const late = { ...all, event_log: 131 * day };
  expect(told(late, undefined)).toEqual(["removing", "pending", undefined]);
  expect(told(late, 131 * day - 1)).toEqual(["removing", "pending", undefined]);
  expect(told(late, 131 * day)).toEqual(["removed", "done", new Date(131 * day * 1000).toISOString()]);
  const { event_log: _, ...stillInTheLog } = all;
  expect(told(stillInTheLog, 150 * day)).toEqual(["removing", "pending", undefined]);
});

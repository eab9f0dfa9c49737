import { expect, it } from "@effect/vitest";
import { Duration } from "effect";
import { type StepName, StepName as StepNames, type Tombstone } from "../../src/domain/Forgotten.ts";
import { receiptOf } from "../../src/forgetting/Receipt.ts";

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
    receiptOf(tombstone(done), retentions, now * day).state;
  expect(stateAt({}, 100)).toBe("forgotten");
  expect(stateAt({ states: 100 * day }, 100)).toBe("forgotten");
  expect(stateAt({ states: 100 * day, events: 101 * day }, 200)).toBe("removing");
  expect(stateAt(all, 129)).toBe("removing");
  expect(stateAt(all, 130)).toBe("removed");
});

it("tells when each copy went, and when what is left goes", () => {
  const { forgotten_at, steps } = receiptOf(tombstone({ ...all, states: 100 * day }), retentions, 109 * day);
  const at = new Map(steps.map((step) => [step.step, [step.state, step.at]]));
  const iso = (days: number) => new Date(days * day * 1000).toISOString();
  expect(forgotten_at).toBe(iso(100));
  expect(at.get("states")).toEqual(["done", iso(100)]);
  expect(at.get("user_map")).toEqual(["done", iso(101)]);
  expect(at.get("event_log")).toEqual(["by_retention", iso(130)]);
  expect(at.get("old_versions")).toEqual(["done", iso(108)]);
});

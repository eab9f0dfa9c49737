/**
 * Two would-be owners of one slot read and write as they like, each with what it last read; a map and an offset are
 * the model that the store must equal after every step.
 */
import { expect } from "@effect/vitest";
import { Effect, Runtime } from "effect";
import fc from "fast-check";
import { noItems, withItem } from "../../src/domain/ItemSet.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { type PartitionTrend, trendKey, type UserStatesService } from "../../src/ports/UserStates.ts";

const users = ["ann", "bob", "cyd"] as const;
const slot = 1;

type Step =
  | { readonly _tag: "Read"; readonly owner: 0 | 1 }
  | {
      readonly _tag: "Write";
      readonly owner: 0 | 1;
      readonly of: ReadonlyArray<(typeof users)[number]>;
      readonly trend: boolean;
      readonly next: bigint;
    };

const owner = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ _tag: fc.constant("Read" as const), owner }),
  fc.record({
    _tag: fc.constant("Write" as const),
    owner,
    of: fc.subarray([...users]),
    trend: fc.boolean(),
    next: fc.bigInt({ min: 1n, max: 30n }),
  }),
);

interface View {
  readonly states: ReadonlyArray<UserState | undefined>;
  readonly trend: PartitionTrend | undefined;
}

const nothing: View = { states: users.map(() => undefined), trend: undefined };

/** Every write leaves an event of its own, so that a lost or a doubled one shows. */
const changed = (state: UserState | undefined, next: bigint, write: number): UserState => ({
  ...(state ?? emptyUserState),
  bought: withItem(state?.bought ?? noItems, write),
  recent: Float64Array.of(...(state?.recent ?? []), write, write, write, write),
  next: new Map(state?.next ?? []).set(slot, next),
});

const run = (states: UserStatesService, model: string, steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const expected = { states: [...nothing.states], trend: nothing.trend, position: undefined as bigint | undefined };
    const views: [View, View] = [nothing, nothing];
    for (const [number, step] of steps.entries()) {
      const view = views[step.owner];
      if (step._tag === "Read") {
        const read = yield* states.read(model, users);
        const trend = yield* states.trend(model, slot);
        expect(read).toEqual(expected.states);
        expect(trend).toEqual(expected.trend);
        views[step.owner] = { states: read, trend };
        continue;
      }
      const writes = step.of.map((userId) => {
        const state = view.states[users.indexOf(userId)];
        return { userId, expected: state?.next.get(slot), state: changed(state, step.next, number) };
      });
      const trend = step.trend
        ? {
            expected: view.trend?.next,
            trend: { next: step.next, asOf: number, scores: new Map([[number, number / 3]]) },
          }
        : undefined;
      const conflicts: Array<string> = [];
      if (trend !== undefined && expected.trend?.next !== trend.expected) {
        conflicts.push(trendKey);
      } else {
        if (trend !== undefined) expected.trend = trend.trend;
        for (const write of writes) {
          const at = users.indexOf(write.userId);
          if (expected.states[at]?.next.get(slot) === write.expected) expected.states[at] = write.state;
          else conflicts.push(write.userId);
        }
      }
      if (conflicts.length === 0 && (expected.position === undefined || expected.position < step.next)) {
        expected.position = step.next;
      }
      const answer = yield* states.write(model, { slot, next: step.next, users: writes, trend });
      expect([...answer].sort()).toEqual(conflicts.sort());
      expect(yield* states.position(model, slot)).toBe(expected.position);
    }
    expect(yield* states.read(model, users)).toEqual(expected.states);
    yield* states.drop(model);
  });

export const interleavingsEqualTheModel = (states: UserStatesService, newModel: () => string): Effect.Effect<void> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
          Runtime.runPromise(runtime)(run(states, newModel(), steps)),
        ),
        { numRuns: 60 },
      ),
    ),
  );

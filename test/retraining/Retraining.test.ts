/** When batches are run by themselves, and what is told of them; the clock is the test's. */
import { describe, expect, it } from "@effect/vitest";
import {
  Clock,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Fiber,
  Layer,
  Logger,
  Option,
  Ref,
  Stream,
  TestClock,
} from "effect";
import type { Model } from "../../src/domain/Model.ts";
import { type BatchEnd, Batches, BatchesError } from "../../src/ports/Batches.ts";
import { emptyRegistry, ModelRegistry, type RegistryState } from "../../src/ports/ModelRegistry.ts";
import { runRetraining } from "../../src/retraining/Retraining.ts";
import { planOf } from "../../src/retraining/Times.ts";
import { retrainingReport } from "../../src/vitals/Retraining.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";

const zone = Option.getOrThrow(DateTime.zoneMakeNamed("Europe/Berlin"));
const every = (input: Duration.DurationInput) => Option.getOrThrow(planOf(Duration.decode(input), "", zone));
const daily = (at: string) => Option.getOrThrow(planOf(Duration.zero, at, zone));

const model = (millis: number): Model => ({
  id: new Date(millis).toISOString(),
  createdAt: new Date(millis).toISOString(),
  parameters: { rank: 8, regularization: 0.1, alpha: 1, iterations: 1, seed: 0 },
  metrics: {},
  snapshot: { tables: {}, offsets: {} },
  users: 1,
  items: 1,
  status: "live",
});

interface End extends BatchEnd {
  /** By default a model is made where the code is 0. */
  readonly made?: boolean;
}

/** A world whose batches end as `ends` says, and take ten minutes. */
const world = (ends: (run: number) => Effect.Effect<End, BatchesError>) =>
  Effect.gen(function* () {
    const registry = yield* Ref.make<RegistryState>(emptyRegistry);
    const runs: Array<string> = [];
    const said: Array<string> = [];
    const vitals = makeVitals();
    const make = Effect.flatMap(
      Effect.clockWith(({ currentTimeMillis }) => currentTimeMillis),
      (now) => Ref.update(registry, ({ models, serving }) => ({ models: [...models, model(now)], serving })),
    );
    const layer = Layer.mergeAll(
      Layer.succeed(Vitals, vitals),
      Layer.succeed(ModelRegistry, {
        state: Ref.get(registry),
        update: () => Effect.die("not part of this test"),
        changes: Stream.never,
      }),
      Layer.succeed(Batches, {
        learn: ({ unlessSince }) =>
          Effect.gen(function* () {
            runs.push(unlessSince);
            yield* Effect.sleep("10 minutes");
            const end = yield* ends(runs.length);
            if (end.made ?? end.code === 0) yield* make;
            return end;
          }),
      }),
      Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void said.push(String(message))),
      ),
    );
    return { layer, runs, said, vitals, make };
  });

const done: BatchEnd = { code: 0, detail: "" };
const pass = TestClock.adjust;
/** As long as a batch takes. */
const batch = pass("10 minutes");

/** A clock that goes on while timers stand still, as that of a machine which slept. */
const sleepyClock = Effect.map(Effect.clock, (clock) => {
  let slept = 0;
  const sleepy: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + slept,
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + slept),
    currentTimeNanos: clock.currentTimeNanos,
    sleep: (duration) => clock.sleep(duration),
  };
  return {
    clock: sleepy,
    fallAsleep: (input: Duration.DurationInput) => {
      slept += Duration.toMillis(input);
    },
  };
});

describe("learning again", () => {
  it.effect("is due so long after the newest model was made, whoever made it", () =>
    Effect.gen(function* () {
      const { layer, make, runs, vitals } = yield* world(() => Effect.succeed(done));
      yield* make;
      yield* Effect.fork(Effect.provide(runRetraining(every("6 hours")), layer));
      yield* pass("5 hours");
      expect(runs).toEqual([]);
      yield* make;
      yield* pass("5 hours");
      expect(runs).toEqual([]);
      yield* pass("1 hour");
      expect(runs).toEqual(["1970-01-01T11:00:00.000Z"]);
      expect(retrainingReport(vitals.retraining.now)).toMatchObject({
        last: null,
        running_since: "1970-01-01T11:00:00.000Z",
      });
      yield* batch;
      expect(retrainingReport(vitals.retraining.now)).toMatchObject({ last: { outcome: "done" }, running_since: null });
      yield* pass("6 hours");
      yield* batch;
      expect(runs).toHaveLength(2);
      expect(vitals.retraining.runs).toEqual(new Map([["done", 2]]));
    }),
  );

  it.effect("is daily at its time, and what was missed is made up for once", () =>
    Effect.gen(function* () {
      const { layer, make, runs } = yield* world(() => Effect.succeed(done));
      yield* make;
      const sleepy = yield* sleepyClock;
      yield* Effect.fork(Effect.provide(runRetraining(daily("03:00")), layer).pipe(Effect.withClock(sleepy.clock)));
      yield* pass("119 minutes");
      expect(runs).toEqual([]);
      yield* pass("1 minute");
      yield* batch;
      yield* pass("24 hours");
      yield* batch;
      expect(runs).toEqual(["1970-01-01T02:00:00.000Z", "1970-01-02T02:00:00.000Z"]);
      // The machine sleeps over three nights.
      sleepy.fallAsleep("80 hours");
      yield* pass("5 minutes");
      yield* batch;
      expect(runs.slice(2)).toEqual(["1970-01-03T02:00:00.000Z"]);
      yield* pass("15 hours");
      expect(runs.slice(3)).toEqual([]);
      yield* pass("1 hour");
      expect(runs.slice(3)).toEqual(["1970-01-06T02:00:00.000Z"]);
    }),
  );

  it.effect("that failed or was refused is told with its reason, and waits for the next time", () =>
    Effect.gen(function* () {
      const { layer, make, runs, said, vitals } = yield* world((run) =>
        run === 1
          ? Effect.succeed({ code: 1, detail: "the disk is full; free some space" })
          : run === 2
            ? Effect.succeed({ code: undefined, detail: "" })
            : run === 3
              ? new BatchesError({ message: "no process could be started" })
              : Effect.succeed({ code: 65, detail: "model x was learnt from 3 users" }),
      );
      yield* make;
      yield* Effect.fork(Effect.provide(runRetraining(every("1 day")), layer));
      const day = Effect.zipRight(pass("24 hours"), batch);
      yield* day;
      expect(runs).toHaveLength(1);
      expect(said.at(-1)).toMatch(
        /^learning again failed: the disk is full; free some space; the next time is 1970-01-03/,
      );
      expect(retrainingReport(vitals.retraining.now)?.last).toMatchObject({ outcome: "failed", model: null });
      yield* day;
      expect(said.at(-1)).toContain("it was killed");
      yield* day;
      expect(said.at(-1)).toContain("no process could be started");
      yield* day;
      expect(said.at(-1)).toContain("learning again: model x was learnt from 3 users");
      expect(runs).toHaveLength(4);
      expect(vitals.retraining.runs).toEqual(
        new Map([
          ["failed", 3],
          ["refused", 1],
        ]),
      );
    }),
  );

  it.effect("is skipped where nothing was new, which is told", () =>
    Effect.gen(function* () {
      const { layer, make, runs, said, vitals } = yield* world((run) =>
        Effect.succeed(run === 1 ? { code: 0, detail: "", made: false } : done),
      );
      yield* make;
      yield* Effect.fork(Effect.provide(runRetraining(every("1 day")), layer));
      yield* pass("24 hours");
      yield* batch;
      const nothing = "nothing is new since model 1970-01-01T00:00:00.000Z was made";
      expect(said.at(-1)).toMatch(`learning again was skipped: ${nothing}; the next time is 1970-01-03`);
      expect(retrainingReport(vitals.retraining.now)).toMatchObject({
        last: { outcome: "skipped", model: null, detail: nothing },
        next: "1970-01-03T00:10:00.000Z",
      });
      yield* pass("24 hours");
      yield* batch;
      expect(runs).toHaveLength(2);
      expect(vitals.retraining.runs).toEqual(
        new Map([
          ["skipped", 1],
          ["done", 1],
        ]),
      );
    }),
  );

  it.effect("stops its batch when it is stopped", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>();
      const stopped = yield* Ref.make(false);
      const { layer, vitals } = yield* world(() => Effect.never);
      const hanging = Layer.succeed(Batches, {
        learn: () =>
          Effect.zipRight(Deferred.succeed(started, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Ref.set(stopped, true)),
          ),
      });
      const fiber = yield* Effect.fork(Effect.provide(runRetraining(every("1 day")), Layer.merge(layer, hanging)));
      yield* pass("24 hours");
      yield* Deferred.await(started);
      expect(retrainingReport(vitals.retraining.now)?.running_since).not.toBeNull();
      yield* Fiber.interrupt(fiber);
      expect(yield* Ref.get(stopped)).toBe(true);
      expect(retrainingReport(vitals.retraining.now)).toBeNull();
    }),
  );
});

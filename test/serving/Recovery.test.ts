import { expect, it } from "@effect/vitest";
import { Data, Effect, Fiber, TestClock } from "effect";
import { recover } from "../../src/serving/Recovery.ts";
import { makeWaiting, outageOf } from "../../src/vitals/Waiting.ts";

class StoreError extends Data.TaggedError("UserStatesError")<{ readonly message: string }> {}

const away = new StoreError({ message: "it is away" });

it.effect("ends a warning that nobody asks about any more once the store answers, in every list of them", () =>
  Effect.gen(function* () {
    const [one, other] = [makeWaiting("api"), makeWaiting("api", "answers without it")];
    yield* one.begin("profile", outageOf(away));
    yield* other.begin("shopper", outageOf(away));
    yield* other.begin("card", { store: "tables", reason: "no such folder" });
    yield* TestClock.adjust("1 minute");
    yield* recover([one, other], { "user states": Effect.fail(away) });
    expect(one.outages()).toHaveLength(1);
    yield* recover([one, other], { "user states": Effect.void });
    expect(one.outages()).toEqual([]);
    // What cannot be asked stays as it was told.
    expect(other.outages()).toEqual([{ store: "tables", reason: "no such folder" }]);
  }),
);

it.effect("leaves a warning that somebody has just met, though the store answers what it is asked", () =>
  Effect.gen(function* () {
    const waiting = makeWaiting("api");
    yield* waiting.begin("log", outageOf(away));
    yield* TestClock.adjust("1 minute");
    yield* waiting.begin("log", outageOf(away));
    yield* TestClock.adjust("9 seconds");
    yield* recover([waiting], { "user states": Effect.void });
    expect(waiting.outages()).toHaveLength(1);
    yield* TestClock.adjust("1 second");
    yield* recover([waiting], { "user states": Effect.void });
    expect(waiting.outages()).toEqual([]);
    yield* waiting.end("log");
    expect(waiting.outages()).toEqual([]);
  }),
);

it.effect("is asked about again while there are outages alone", () =>
  Effect.gen(function* () {
    const waiting = makeWaiting("api");
    const known = yield* Effect.fork(waiting.awaitAway);
    yield* TestClock.adjust("1 hour");
    expect(known.unsafePoll()).toBeNull();
    yield* waiting.begin("log", outageOf(away));
    yield* Fiber.join(known);
    yield* waiting.awaitAway;
    yield* waiting.end("log");
    const next = yield* Effect.fork(waiting.awaitAway);
    yield* TestClock.adjust("1 hour");
    expect(next.unsafePoll()).toBeNull();
    yield* Fiber.interrupt(next);
  }),
);

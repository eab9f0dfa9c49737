import { expect, it } from "@effect/vitest";
import { Data, Duration, Effect, Fiber, Ref, TestClock } from "effect";
import { type Absence, makeAbsence } from "../../../layers/engines/Absence.ts";

class Silent extends Data.TaggedError("Silent")<{ readonly message: string; readonly isAway: boolean }> {}

const silence = new Silent({ message: "no answer", isAway: true });
const refusal = new Silent({ message: "may not", isAway: false });

/** A server that answers as it is set to, and how often it was asked by a probe, and told to give up. */
const makeServer = Effect.gen(function* () {
  const answer = yield* Ref.make<Effect.Effect<string, Silent>>(Effect.succeed("well"));
  const ask = Effect.flatten(Ref.get(answer));
  let probes = 0;
  let givenUp = 0;
  const absence = yield* makeAbsence<Silent>({
    saysAway: ({ isAway }) => isAway,
    probe: Effect.suspend(() => {
      probes += 1;
      return ask;
    }),
    told: ({ message }, seconds) => new Silent({ message: `${message} for ${seconds} s`, isAway: true }),
    giveUp: Effect.sync(() => {
      givenUp += 1;
    }),
  });
  return { answer, ask, absence, probes: () => probes, givenUp: () => givenUp };
});

/** What becomes of it, and after how many milliseconds, within three seconds. */
const timed = <A>(self: Effect.Effect<A, Silent>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.timed(Effect.merge(Effect.mapError(self, ({ message }) => message))));
    for (let waited = 0; waited < 3000; waited += 100) yield* TestClock.adjust("100 millis");
    const [took, value] = yield* Fiber.join(fiber);
    return [value, Duration.toMillis(took)] as const;
  });

const asked = (absence: Absence<Silent>, self: Effect.Effect<string, Silent>) => timed(absence.unlessAway(self));

it.scoped("asks nothing of a server that is away but whether it is back, and fails within a second", () =>
  Effect.gen(function* () {
    const { absence, answer, ask, givenUp, probes } = yield* makeServer;
    yield* Ref.set(answer, Effect.fail(silence));
    expect(yield* asked(absence, ask)).toEqual(["no answer", 0]);
    let sent = 0;
    const write = Effect.sync(() => `sent ${++sent}`);
    const before = probes();
    // Three seconds have gone by already.
    expect(yield* asked(absence, write)).toEqual(["no answer for 4 s", 1000]);
    expect(sent).toBe(0);
    expect(probes() - before).toBeGreaterThan(1);
    expect(probes() - before).toBeLessThan(8);
    expect(givenUp()).toBe(1);
    yield* Ref.set(answer, Effect.succeed("well"));
    yield* TestClock.adjust("1 second");
    expect(yield* asked(absence, write)).toEqual(["sent 1", 0]);
  }),
);

it.scoped("goes on as soon as it is back with what was asked meanwhile", () =>
  Effect.gen(function* () {
    const { absence, answer, ask } = yield* makeServer;
    yield* Ref.set(answer, Effect.fail(silence));
    yield* asked(absence, ask);
    const fiber = yield* Effect.fork(absence.unlessAway(ask));
    yield* Ref.set(answer, Effect.succeed("well"));
    yield* TestClock.adjust("999 millis");
    expect(yield* Fiber.join(fiber)).toBe("well");
  }),
);

it.scoped("takes no refusal for an absence, and a probe's refusal for an answer", () =>
  Effect.gen(function* () {
    const { absence, answer, ask, probes } = yield* makeServer;
    yield* Ref.set(answer, Effect.fail(refusal));
    expect(yield* asked(absence, ask)).toEqual(["may not", 0]);
    expect(probes()).toBe(0);
    expect(yield* asked(absence, Effect.fail(silence))).toEqual(["no answer", 0]);
    expect(yield* asked(absence, Effect.succeed("well"))).toEqual(["well", 0]);
    expect(probes()).toBe(1);
  }),
);

it.scoped("lets who sits out a short absence be, and no long one", () =>
  Effect.gen(function* () {
    const { absence, answer, ask } = yield* makeServer;
    const ready = timed(Effect.as(absence.unlessLongAway(Duration.seconds(5)), "go"));
    expect(yield* ready).toEqual(["go", 0]);
    yield* Ref.set(answer, Effect.fail(silence));
    yield* Effect.flip(absence.unlessAway(ask));
    expect(yield* ready).toEqual(["go", 0]);
    yield* TestClock.adjust("2 seconds");
    expect(yield* ready).toEqual(["no answer for 6 s", 1000]);
    yield* Ref.set(answer, Effect.succeed("well"));
    yield* TestClock.adjust("1 second");
    expect(yield* ready).toEqual(["go", 0]);
  }),
);

it.scoped("counts an absence from when that was asked which got no answer", () =>
  Effect.gen(function* () {
    const { absence, answer } = yield* makeServer;
    yield* Ref.set(answer, Effect.fail(silence));
    const hanging = yield* Effect.fork(absence.unlessAway(Effect.delay(Effect.fail(silence), "4 seconds")));
    yield* TestClock.adjust("4 seconds");
    yield* Fiber.await(hanging);
    yield* TestClock.adjust("1 second");
    expect(yield* timed(absence.unlessLongAway(Duration.seconds(5)))).toEqual(["no answer for 6 s", 1000]);
  }),
);

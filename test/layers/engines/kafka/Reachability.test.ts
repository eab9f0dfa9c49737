import { expect, it } from "@effect/vitest";
import { Effect, Logger } from "effect";
import { makeReachability } from "../../../../layers/engines/kafka/Connection.ts";

it.effect("tells an outage once, and takes no request that was made before the last answer for another", () => {
  const lines: Array<string> = [];
  const recorder = Logger.make(({ message }) => void lines.push(String(message)));
  return Effect.gen(function* () {
    const { ask } = makeReachability("b:9092");
    const [early, late] = [ask(), ask()];
    yield* early.unreachable("timed out");
    yield* late.unreachable("timed out");
    expect(lines).toEqual(["Kafka at b:9092 does not answer, waiting for it: timed out"]);
    const waiting = ask();
    yield* ask().reached;
    expect(lines[1]).toBe("Kafka at b:9092 answers again");
    yield* waiting.unreachable("timed out");
    expect(lines).toHaveLength(2);
    yield* ask().unreachable("refused");
    expect(lines).toHaveLength(3);
  }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, recorder)));
});

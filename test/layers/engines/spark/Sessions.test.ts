/** One session of Spark for all that follow one another, and another one where its driver is gone. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, TestClock } from "effect";
import type { SparkSession } from "../../../../layers/engines/spark/Session.ts";
import { shared } from "../../../../layers/engines/spark/Sessions.ts";

interface Started {
  lost: boolean;
  stopped: boolean;
}

const counting = () => {
  const started: Array<Started> = [];
  const start = Effect.acquireRelease(
    Effect.sync(() => {
      const one: Started = { lost: false, stopped: false };
      started.push(one);
      const session: SparkSession = {
        version: String(started.length),
        log: "",
        isLost: () => one.lost,
        ask: () => Effect.die("nothing is asked"),
        staging: () => Effect.die("nothing is staged"),
      };
      return { one, session };
    }),
    ({ one }) =>
      Effect.sync(() => {
        one.stopped = true;
      }),
  ).pipe(Effect.map(({ session }) => session));
  return { started, start };
};

describe("Sessions", () => {
  it.scoped("are one for works that follow one another, which stops some time after the last", () =>
    Effect.gen(function* () {
      const { start, started } = counting();
      const open = yield* shared(start);
      const version = Effect.scoped(Effect.map(open, (session) => session.version));
      expect(yield* version).toBe("1");
      yield* TestClock.adjust("1 minute");
      expect(yield* Effect.all([version, version], { concurrency: 2 })).toEqual(["1", "1"]);
      yield* TestClock.adjust("119 seconds");
      expect(started).toEqual([{ lost: false, stopped: false }]);
      yield* TestClock.adjust("2 seconds");
      expect(started).toEqual([{ lost: false, stopped: true }]);
      expect(yield* version).toBe("2");
    }),
  );

  it.effect("are not left to the next one once their driver is gone, and end with their layer", () =>
    Effect.gen(function* () {
      const { start, started } = counting();
      yield* Effect.scoped(
        Effect.gen(function* () {
          const open = yield* shared(start);
          const version = Effect.scoped(Effect.map(open, (session) => session.version));
          yield* version;
          started[0].lost = true;
          expect(yield* version).toBe("2");
          expect(started[0].stopped).toBe(true);
        }),
      );
      expect(started[1].stopped).toBe(true);
    }),
  );
});

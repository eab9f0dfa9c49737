/** What Spark's ALS has no parameter for is refused before Spark is started. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer } from "effect";
import { Sessions } from "../../../layers/engines/spark/Sessions.ts";
import { layer, make } from "../../../layers/Trainer/Spark.ts";
import { Progress } from "../../../src/ports/Progress.ts";
import { shop, toInput } from "../../training/Naive.ts";

const silent = { task: () => Effect.succeed({ advance: () => {}, note: () => {} }) };
const neverStarted = make(Effect.dieMessage("Spark was started"), silent);

describe("Spark's ALS", () => {
  it.effect("refuses exponents that it cannot express, in one line", () =>
    Effect.gen(function* () {
      const refused = (exponents: { regularizationExponent?: number; unobservedExponent?: number }) =>
        Effect.flip(
          neverStarted.train(
            toInput(6, 4, shop(6, 4)),
            { rank: 8, regularization: 0.1, alpha: 1, iterations: 2, seed: 7, ...exponents },
            () => {},
          ),
        );
      expect(yield* refused({ regularizationExponent: 0.5 })).toMatchObject({
        reason: "InvalidInput",
        message:
          "Cannot train on Spark: ALS_REGULARIZATION_EXPONENT is 0.5, and Spark's ALS knows 0 and 1 alone; choose that, or TRAINER=built-in.",
      });
      expect(yield* refused({ regularizationExponent: 1, unobservedExponent: 0.5 })).toMatchObject({
        message:
          "Cannot train on Spark: ALS_UNOBSERVED_EXPONENT is 0.5, and Spark's ALS knows 0 alone; choose that, or TRAINER=built-in.",
      });
    }),
  );

  it.effect("is not made by settings that it cannot express, so that no step of a batch is begun", () =>
    Effect.gen(function* () {
      const made = (environment: ReadonlyArray<readonly [string, string]>) =>
        Layer.build(layer).pipe(
          Effect.provideService(Sessions, { open: Effect.dieMessage("Spark was started") }),
          Effect.provideService(Progress, silent),
          Effect.withConfigProvider(ConfigProvider.fromMap(new Map(environment))),
          Effect.scoped,
        );
      expect(String(yield* Effect.flip(made([["ALS_UNOBSERVED_EXPONENT", "0.5"]])))).toContain(
        "ALS_UNOBSERVED_EXPONENT is 0.5, and Spark's ALS knows 0 alone; choose that, or TRAINER=built-in",
      );
      yield* made([["ALS_REGULARIZATION_EXPONENT", "1"]]);
    }),
  );
});

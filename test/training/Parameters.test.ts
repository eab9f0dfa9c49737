import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect } from "effect";
import { parameters } from "../../src/training/Parameters.ts";

const read = (environment: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(parameters, ConfigProvider.fromMap(new Map(Object.entries(environment))));

describe("parameters", () => {
  it.effect("have an exponent where it is not 0, so that models of before are still of the same settings", () =>
    Effect.gen(function* () {
      const before = { rank: 32, regularization: 0.01, alpha: 1, iterations: 10, seed: 42 };
      expect(yield* read({})).toStrictEqual(before);
      expect(yield* read({ ALS_REGULARIZATION_EXPONENT: "0", ALS_UNOBSERVED_EXPONENT: "0.5" })).toStrictEqual({
        ...before,
        unobservedExponent: 0.5,
      });
      expect(yield* read({ ALS_REGULARIZATION_EXPONENT: "1" })).toStrictEqual({ ...before, regularizationExponent: 1 });
    }),
  );

  it.effect("name the setting and what is allowed where an exponent is out of range", () =>
    Effect.gen(function* () {
      const failed = yield* Effect.flip(read({ ALS_UNOBSERVED_EXPONENT: "1.5" }));
      expect(String(failed)).toContain('ALS_UNOBSERVED_EXPONENT is "1.5"; allowed: number from 0 to 1');
    }),
  );
});

import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { type TrainingInput, trainAls } from "../../src/training/Als.ts";
import { shop, toInput } from "./Naive.ts";

const parameters = { rank: 8, regularization: 0.1, alpha: 1, iterations: 4, seed: 7 };

const train = (input: TrainingInput) => Effect.runPromise(trainAls(input, () => undefined));

describe("trainAls", () => {
  it.each([{}, { regularizationExponent: 0.5, unobservedExponent: 0.5 }])(
    "gives the same factors to the bit on one, two and three threads, and others for another seed %o",
    async (exponents) => {
      const pairs = shop(700, 300);
      const input = { ...toInput(700, 300, pairs), parameters: { ...parameters, ...exponents, rank: 16 } };
      const [one, two, three] = await Promise.all([1, 2, 3].map((threads) => train({ ...input, threads })));
      expect(two).toEqual(one);
      expect(three).toEqual(one);
      const other = await train({ ...input, parameters: { ...input.parameters, seed: 8 }, threads: 2 });
      expect(other.itemFactors).not.toEqual(one!.itemFactors);
    },
  );

  it("gives the same to the bit with exponents of 0 as without, and nearly with such as are nearly 0", async () => {
    const input = { ...toInput(200, 100, shop(200, 100)), threads: 2 };
    const [plain, zero, near] = await Promise.all(
      [undefined, 0, 1e-9].map((exponent) =>
        train({
          ...input,
          parameters: { ...parameters, regularizationExponent: exponent, unobservedExponent: exponent },
        }),
      ),
    );
    expect(zero).toEqual(plain);
    near!.losses.forEach((loss, i) => {
      expect(loss / plain!.losses[i]!).toBeCloseTo(1, 5);
    });
  });

  it("says which parameter is wrong, and what would be right", async () => {
    const input = { ...toInput(3, 2, [{ user: 1, item: 1, rating: 1 }]), threads: 1 };
    const failed = await Effect.runPromise(
      Effect.flip(trainAls({ ...input, parameters: { ...parameters, rank: 12 } }, () => undefined)),
    );
    expect(failed).toMatchObject({
      reason: "InvalidInput",
      message: "Cannot train: rank is 12; it must be a multiple of 8 up to 256.",
    });
    const exponents = { regularizationExponent: 1.5, unobservedExponent: Number.NaN };
    expect(
      await Effect.runPromise(
        Effect.flip(trainAls({ ...input, parameters: { ...parameters, ...exponents } }, () => undefined)),
      ),
    ).toMatchObject({
      reason: "InvalidInput",
      message:
        "Cannot train: regularizationExponent is 1.5; it must lie between 0 and 1; unobservedExponent is NaN; it must lie between 0 and 1.",
    });
  });

  it("refuses a problem beyond 4 GiB with its sizes and the rank that fits", async () => {
    const users = 8_000_000;
    const input = { users, items: 1000, pointers: new Uint32Array(users + 1), itemIdx: new Uint32Array(0) };
    const failed = await Effect.runPromise(
      Effect.flip(
        trainAls(
          { ...input, ratings: new Float32Array(0), parameters: { ...parameters, rank: 128 }, threads: 1 },
          () => undefined,
        ),
      ),
    );
    expect(failed.reason).toBe("TooLarge");
    expect(failed.message).toMatch(
      /^Training 8000000 users, 1000 items, 0 pairs at rank 128 needs 7\.7 GiB; 4\.0 GiB is the limit: set ALS_RANK to 64 or less\.$/,
    );
  });
});

/** What every Trainer promises. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber } from "effect";
import * as fc from "fast-check";
import type { ModelParameters } from "../../src/domain/Model.ts";
import type { Ratings, TrainerService } from "../../src/ports/Trainer.ts";
import {
  exactHalf,
  type Matrix,
  naiveLoss,
  objectiveOf,
  observedConfidence,
  type Problem,
  shop,
  toInput,
  toMatrix,
} from "../training/Naive.ts";

const parameters = { rank: 8, regularization: 0.1, alpha: 1, iterations: 4, seed: 7 };

/** Any sizes, with rows and columns left empty; now and then a rating a million times the others. */
const problemOf = (exact: boolean) =>
  fc
    .record({ users: fc.integer({ min: 1, max: 40 }), items: fc.integer({ min: 1, max: 40 }) })
    .chain(({ users, items }) =>
      fc.record({
        users: fc.constant(users),
        items: fc.constant(items),
        pairs: fc.uniqueArray(
          fc.record({
            user: fc.nat(users - 1),
            item: fc.nat(items - 1),
            rating: fc.oneof(
              { arbitrary: fc.integer({ min: 0, max: 40 }).map((eighths) => eighths / 8), weight: 20 },
              { arbitrary: fc.constant(2 ** 20), weight: 1 },
            ),
          }),
          { selector: ({ user, item }) => user * items + item, maxLength: 120 },
        ),
        rank: fc.constantFrom(8, 16, 24),
        regularization: fc.constantFrom(0.01, 0.1, 1),
        alpha: fc.constantFrom(0, 1, 4),
        regularizationExponent: exact ? fc.constantFrom(0, 0, 0.3, 1) : fc.constantFrom(0, 1),
        unobservedExponent: exact ? fc.constantFrom(0, 0, 0.5, 1) : fc.constant(0),
        seed: fc.nat(1000),
      }),
    );

const exactAls = (start: Matrix, sizes: Problem, chosen: ModelParameters) => {
  let x: Matrix = [];
  let y = start;
  for (let iteration = 0; iteration < chosen.iterations; iteration++) {
    x = exactHalf("users", sizes, y, chosen);
    y = exactHalf("items", sizes, x, chosen);
  }
  return { x, y };
};

export interface Promises {
  /** It minimises the port's very loss, whatever the exponents, and tells it after every iteration. */
  readonly exact: boolean;
  /** Problems that are tried. */
  readonly runs: number;
}

/** `trainer` is asked for when the tests run. */
export const trainerContract = (
  name: string,
  trainer: () => TrainerService,
  { exact, runs }: Promises = { exact: true, runs: 15 },
): void => {
  const train = (ratings: Ratings, chosen: ModelParameters) =>
    Effect.runPromise(trainer().train(ratings, chosen, () => undefined));

  const problem = problemOf(exact);

  describe(`${name}: Trainer`, () => {
    it("reports the loss of the double loop, and leaves rows without interactions at zero", async () => {
      await fc.assert(
        fc.asyncProperty(problem, async ({ users, items, pairs, ...chosen }) => {
          const options = { ...parameters, ...chosen, iterations: 2 };
          const trained = await train(toInput(users, items, pairs), options);
          const x = toMatrix(trained.userFactors, options.rank);
          const y = toMatrix(trained.itemFactors, options.rank);
          const confidence = observedConfidence({ users, items, pairs }, options);
          expect(Math.abs(trained.losses.at(-1)! - naiveLoss(x, y, pairs, options))).toBeLessThanOrEqual(
            1e-6 * confidence + 1e-9,
          );
          const empty = (row: ReadonlyArray<number>) => row.every((value) => value === 0);
          x.forEach((row, user) => {
            if (!pairs.some((pair) => pair.user === user)) expect(empty(row)).toBe(true);
          });
          y.forEach((row, item) => {
            if (!pairs.some((pair) => pair.item === item)) expect(empty(row)).toBe(true);
          });
        }),
        { numRuns: runs },
      );
    });

    it.runIf(exact)("never raises the loss from one iteration to the next", async () => {
      await fc.assert(
        fc.asyncProperty(problem, async ({ users, items, pairs, ...chosen }) => {
          const options = { ...parameters, ...chosen, iterations: 6 };
          const { losses } = await train(toInput(users, items, pairs), options);
          const confidence = observedConfidence({ users, items, pairs }, options);
          losses.slice(1).forEach((loss, i) => {
            expect(loss).toBeLessThanOrEqual(losses[i]! + 1e-6 * confidence);
          });
        }),
        { numRuns: runs },
      );
    });

    it.each([0, exact ? 0.5 : 1])("balances the two sides' penalties, whatever the seed (ν = %d)", async (exponent) => {
      const pairs = shop(300, 200);
      const options = { ...parameters, regularizationExponent: exponent, iterations: 12 };
      const { penalties } = objectiveOf({ users: 300, items: 200, pairs }, { ...options, regularization: 1 });
      const diagonals = await Promise.all(
        [7, 8].map(async (seed) => {
          const trained = await train(toInput(300, 200, pairs), { ...options, seed });
          const [x, y] = (["user", "item"] as const).map((side) => {
            const rows = toMatrix(trained[`${side}Factors`], 8);
            return Array.from({ length: 8 }, (_, i) =>
              Array.from({ length: 8 }, (_, j) =>
                rows.reduce((sum, row, at) => sum + penalties[`${side}s`][at]! * row[i]! * row[j]!, 0),
              ),
            );
          });
          for (let i = 0; i < 8; i++) {
            for (let j = 0; j < 8; j++) {
              expect(x![i]![j]).toBeCloseTo(i === j ? y![i]![i]! : 0, 2);
              expect(y![i]![j]).toBeCloseTo(i === j ? x![i]![i]! : 0, 2);
            }
            if (i > 0) expect(x![i]![i]).toBeLessThanOrEqual(x![i - 1]![i - 1]!);
          }
          return x!.map((row, i) => row[i]!);
        }),
      );
      diagonals[0]!.slice(0, 4).forEach((length, f) => {
        expect(length / diagonals[1]![f]!).toBeCloseTo(1, 1);
      });
    });

    it.runIf(exact).each([{}, { regularizationExponent: 0.7, unobservedExponent: 0.5 }])(
      "converges to the loss of exact ALS %o",
      async (exponents) => {
        const [users, items] = [60, 40];
        const pairs = shop(users, items);
        const options = { ...parameters, ...exponents, iterations: 15 };
        const trained = await train(toInput(users, items, pairs), options);
        const start = toMatrix(
          Float32Array.from({ length: items * 8 }, (_, i) => Math.sin(i * 12.9898) / 3),
          options.rank,
        );
        const { x, y } = exactAls(start, { users, items, pairs }, options);
        expect(trained.losses.at(-1)).toBeLessThanOrEqual(naiveLoss(x, y, pairs, options) * 1.01);
      },
    );

    it("says which pair is wrong, and what would be right", async () => {
      const ratings = toInput(3, 2, [{ user: 1, item: 1, rating: 1 }]);
      const failure = (changed: Partial<Ratings>) =>
        Effect.runPromise(Effect.flip(trainer().train({ ...ratings, ...changed }, parameters, () => undefined)));
      expect(await failure({ itemIdx: Uint32Array.of(2) })).toMatchObject({
        reason: "InvalidInput",
        message: "Cannot train: pair 0 names item 2; there are 2 items.",
      });
      expect(await failure({ ratings: Float32Array.of(Number.NaN) })).toMatchObject({ reason: "InvalidInput" });
      expect(await failure({ ratings: Float32Array.of(-1) })).toMatchObject({ reason: "InvalidInput" });
      expect(await failure({ pointers: Uint32Array.of(0, 1, 0, 1) })).toMatchObject({ reason: "InvalidInput" });
    });

    it(`tells of ${exact ? "each iteration in turn" : "the last iteration"}, with its loss`, async () => {
      const heard: Array<readonly [number, number]> = [];
      const { losses } = await Effect.runPromise(
        trainer().train(toInput(60, 40, shop(60, 40)), parameters, (iteration, loss) => heard.push([iteration, loss])),
      );
      const { iterations } = parameters;
      expect(losses).toHaveLength(exact ? iterations : 1);
      expect(heard).toEqual(losses.map((loss, i) => [iterations - losses.length + 1 + i, loss]));
    });

    it("stops when it is interrupted", async () => {
      const ratings = toInput(500, 300, shop(500, 300));
      let heard = 0;
      await Effect.runPromise(
        Effect.gen(function* () {
          const started = yield* Effect.makeLatch();
          const fiber = yield* Effect.fork(
            trainer().train(ratings, { ...parameters, iterations: 1_000_000 }, () => {
              heard++;
              Effect.runSync(started.open);
            }),
          );
          yield* exact ? started.await : Effect.sleep("5 seconds");
          const exit = yield* Fiber.interrupt(fiber);
          expect(exit._tag).toBe("Failure");
        }),
      );
      expect(heard).toBeLessThan(1_000_000);
    });
  });
};

import { Effect, Either, Fiber } from "effect";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TrainingInput, trainAls } from "../../src/training/Als.ts";
import { exactHalf, type Matrix, naiveLoss, type Pair, toInput, toMatrix } from "./Naive.ts";

const parameters = { rank: 8, regularization: 0.1, alpha: 1, iterations: 4, seed: 7 };

const train = (input: TrainingInput) => Effect.runPromise(trainAls(input, () => undefined));

/** Any sizes, with rows and columns left empty; now and then a rating a million times the others. */
const problem = fc
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
      seed: fc.nat(1000),
    }),
  );

const exactAls = (
  start: Matrix,
  users: number,
  items: number,
  pairs: ReadonlyArray<Pair>,
  chosen: typeof parameters,
) => {
  let x: Matrix = [];
  let y = start;
  for (let iteration = 0; iteration < chosen.iterations; iteration++) {
    x = exactHalf(users, y, pairs, (pair) => [pair.user, pair.item], chosen);
    y = exactHalf(items, x, pairs, (pair) => [pair.item, pair.user], chosen);
  }
  return { x, y };
};

/** Interactions with the structure of taste: users of a group like items of that group. */
const shop = (users: number, items: number): ReadonlyArray<Pair> =>
  Array.from({ length: users * items }, (_, k) => ({
    user: Math.floor(k / items),
    item: k % items,
    rating: 1 + (k % 3),
  })).filter(({ user, item }) =>
    user % 4 === item % 4 ? (user * 31 + item * 17) % 3 !== 0 : (user * 7 + item * 13) % 23 === 0,
  );

describe("trainAls", () => {
  it("reports the loss of the double loop, and leaves rows without interactions at zero", async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ users, items, pairs, ...chosen }) => {
        const options = { ...parameters, ...chosen, iterations: 2 };
        const trained = await train({ ...toInput(users, items, pairs), parameters: options, threads: 2 });
        const x = toMatrix(trained.userFactors, options.rank);
        const y = toMatrix(trained.itemFactors, options.rank);
        const confidence = pairs.reduce((sum, { rating }) => sum + 1 + options.alpha * rating, 0);
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
      { numRuns: 15 },
    );
  });

  it("never raises the loss from one iteration to the next", async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ users, items, pairs, ...chosen }) => {
        const options = { ...parameters, ...chosen, iterations: 6 };
        const { losses } = await train({ ...toInput(users, items, pairs), parameters: options, threads: 1 });
        const confidence = pairs.reduce((sum, { rating }) => sum + 1 + options.alpha * rating, 0);
        losses.slice(1).forEach((loss, i) => {
          expect(loss).toBeLessThanOrEqual(losses[i]! + 1e-6 * confidence);
        });
      }),
      { numRuns: 15 },
    );
  });

  it("gives the same factors to the bit on one, two and three threads, and others for another seed", async () => {
    const pairs = shop(700, 300);
    const input = { ...toInput(700, 300, pairs), parameters: { ...parameters, rank: 16 } };
    const [one, two, three] = await Promise.all([1, 2, 3].map((threads) => train({ ...input, threads })));
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    const other = await train({ ...input, parameters: { ...input.parameters, seed: 8 }, threads: 2 });
    expect(other.itemFactors).not.toEqual(one!.itemFactors);
  });

  it("balances the two sides, whatever the seed", async () => {
    const input = toInput(300, 200, shop(300, 200));
    const diagonals = await Promise.all(
      [7, 8].map(async (seed) => {
        const trained = await train({ ...input, parameters: { ...parameters, iterations: 12, seed }, threads: 2 });
        const [x, y] = [trained.userFactors, trained.itemFactors].map((factors) => {
          const rows = toMatrix(factors, 8);
          return Array.from({ length: 8 }, (_, i) =>
            Array.from({ length: 8 }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
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

  it("converges to the loss of exact ALS", async () => {
    const [users, items] = [60, 40];
    const pairs = shop(users, items);
    const options = { ...parameters, iterations: 15 };
    const trained = await train({ ...toInput(users, items, pairs), parameters: options, threads: 2 });
    const start = toMatrix(
      Float32Array.from({ length: items * 8 }, (_, i) => Math.sin(i * 12.9898) / 3),
      options.rank,
    );
    const { x, y } = exactAls(start, users, items, pairs, options);
    expect(trained.losses.at(-1)).toBeLessThanOrEqual(naiveLoss(x, y, pairs, options) * 1.01);
  });

  it("says which pair is wrong, and what would be right", async () => {
    const input = { ...toInput(3, 2, [{ user: 1, item: 1, rating: 1 }]), parameters, threads: 1 };
    const failure = async (changed: Partial<TrainingInput>) =>
      Either.merge(await Effect.runPromise(Effect.either(trainAls({ ...input, ...changed }, () => undefined))));
    expect(await failure({ itemIdx: Uint32Array.of(2) })).toMatchObject({
      reason: "InvalidInput",
      message: "Cannot train: pair 0 names item 2; there are 2 items.",
    });
    expect(await failure({ ratings: Float32Array.of(Number.NaN) })).toMatchObject({ reason: "InvalidInput" });
    expect(await failure({ ratings: Float32Array.of(-1) })).toMatchObject({ reason: "InvalidInput" });
    expect(await failure({ pointers: Uint32Array.of(0, 1, 0, 1) })).toMatchObject({ reason: "InvalidInput" });
    expect(await failure({ parameters: { ...parameters, rank: 12 } })).toMatchObject({
      reason: "InvalidInput",
      message: "Cannot train: rank is 12; it must be a multiple of 8 up to 256.",
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

  it("stops when it is interrupted", async () => {
    const input = {
      ...toInput(500, 300, shop(500, 300)),
      parameters: { ...parameters, iterations: 1_000_000 },
      threads: 2,
    };
    let heard = 0;
    await Effect.runPromise(
      Effect.gen(function* () {
        const started = yield* Effect.makeLatch();
        const fiber = yield* Effect.fork(
          trainAls(input, () => {
            heard++;
            Effect.runSync(started.open);
          }),
        );
        yield* started.await;
        const exit = yield* Fiber.interrupt(fiber);
        expect(exit._tag).toBe("Failure");
      }),
    );
    expect(heard).toBeLessThan(1_000_000);
  });
});

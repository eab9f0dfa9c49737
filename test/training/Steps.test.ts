import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelParameters } from "../../src/domain/Model.ts";
import { solveScratchBytes } from "../../src/kernels/AlsKernel.ts";
import { type Layout, layoutOf } from "../../src/training/Layout.ts";
import type { SideName } from "../../src/training/Step.ts";
import { makeSteps } from "../../src/training/Steps.ts";
import { exactHalf, gradientOf, naiveLoss, observedConfidence, type Pair, toInput, toMatrix } from "./Naive.ts";

const packRows = 12;

/** A training in this thread, with a small pack so that short rows cross its limit, and marked bytes after the scratch. */
const makeTraining = (
  sizes: { readonly users: number; readonly items: number; readonly pairs: ReadonlyArray<Pair> },
  parameters: ModelParameters,
  steps: number,
) => {
  const { pairs } = sizes;
  const input = toInput(sizes.users, sizes.items, pairs);
  const given = layoutOf({ ...sizes, pairs: pairs.length, rank: parameters.rank, threads: 1 });
  const scratchSize = solveScratchBytes(given.stride, packRows);
  const layout: Layout = { ...given, packRows, scratchSize };
  const pages = Math.ceil(layout.size / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  new Uint32Array(memory.buffer, layout.users.pointers).set(input.pointers);
  new Uint32Array(memory.buffer, layout.users.indices).set(input.itemIdx);
  new Float32Array(memory.buffer, layout.users.weights).set(input.ratings);
  const beyond = new Uint8Array(memory.buffer, layout.scratch + scratchSize, 4096).fill(0xa5);
  const step = makeSteps({ parameters, thread: 0, memory, layout, steps });
  const run = (...args: Parameters<typeof step>) => {
    new Int32Array(memory.buffer, layout.counter, 1)[0] = 0;
    return step(...args);
  };
  const factors = (side: SideName) =>
    new Float32Array(memory.buffer, layout[side].factors, layout[side].rows * parameters.rank);
  const prepare = (side: SideName) => {
    run({ name: "gramian", side, by: "bases" });
    return run({ name: "factorize", side });
  };
  return {
    initialize: () => run({ name: "initialize" }),
    /** Solves for `side`, the other fixed. */
    half: (side: SideName) => {
      const fixed = side === "users" ? "items" : "users";
      prepare(fixed);
      run({ name: "project", side: fixed });
      run({ name: "solve", side });
    },
    balance: () => {
      for (const side of ["users", "items"] as const) {
        run({ name: "gramian", side, by: "penalties" });
        run({ name: "sum", side });
      }
      run({ name: "balance" });
      run({ name: "transform", side: "users" });
      run({ name: "transform", side: "items" });
    },
    loss: () => {
      prepare("users");
      prepare("items");
      run({ name: "partialLoss" });
      return run({ name: "loss" }).loss!;
    },
    matrix: (side: SideName) => toMatrix(factors(side).slice(), parameters.rank),
    untouched: () => beyond.every((byte) => byte === 0xa5),
  };
};

/** Few items and dense users: rows of 0 to 30 interactions, on both sides of the pack limit and of multiples of four. */
const problem = fc
  .record({ users: fc.integer({ min: 1, max: 20 }), items: fc.integer({ min: 1, max: 30 }) })
  .chain(({ users, items }) =>
    fc.record({
      users: fc.constant(users),
      items: fc.constant(items),
      pairs: fc
        .tuple(
          fc.array(fc.integer({ min: 0, max: items }), { minLength: users, maxLength: users }),
          fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 7, maxLength: 7 }),
        )
        .map(([counts, ratings]) =>
          counts.flatMap((count, user) =>
            Array.from({ length: count }, (_, k) => ({
              user,
              item: (user * 7 + k) % items,
              rating: ratings[(user + k) % 7]! / 4,
            })),
          ),
        ),
    }),
  );

const parameters = fc.record({
  rank: fc.constantFrom(8, 16, 32),
  regularization: fc.constantFrom(0.1, 1),
  alpha: fc.constantFrom(0, 1, 3),
  regularizationExponent: fc.constantFrom(0, 0, 0.5, 1),
  unobservedExponent: fc.constantFrom(0, 0, 0.5, 1),
  iterations: fc.constant(1),
  seed: fc.nat(1000),
});

describe("a half-iteration", () => {
  it("with many steps solves every row's linear system", () => {
    fc.assert(
      fc.property(problem, parameters, (sizes, chosen) => {
        const training = makeTraining(sizes, chosen, 60);
        expect(training.initialize().problem).toBeUndefined();
        const close = (actual: number, expected: number) =>
          expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-3 * (1 + Math.abs(expected)));

        training.half("users");
        const x = exactHalf("users", sizes, training.matrix("items"), chosen);
        training.matrix("users").forEach((row, user) => {
          row.forEach((value, f) => {
            close(value, x[user]![f]!);
          });
        });
        training.half("items");
        const y = exactHalf("items", sizes, training.matrix("users"), chosen);
        training.matrix("items").forEach((row, item) => {
          row.forEach((value, f) => {
            close(value, y[item]![f]!);
          });
        });
        expect(training.untouched()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("with many steps ends where the gradient of the loss is zero", () => {
    fc.assert(
      fc.property(problem, parameters, (sizes, chosen) => {
        const training = makeTraining(sizes, chosen, 60);
        training.initialize();
        for (const [side, fixed] of [
          ["users", "items"],
          ["items", "users"],
        ] as const) {
          training.half(side);
          const gradient = gradientOf(side, sizes, training.matrix(side), training.matrix(fixed), chosen);
          const greatest = Math.max(1e-6, ...gradient.map((one) => one.greatest));
          for (const { slope } of gradient) expect(Math.abs(slope)).toBeLessThanOrEqual(5e-3 * greatest);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("with two steps never raises the loss, which is the loss of the double loop", () => {
    fc.assert(
      fc.property(problem, parameters, (sizes, chosen) => {
        const training = makeTraining(sizes, chosen, 2);
        training.initialize();
        const confidence = observedConfidence(sizes, chosen);
        let before = training.loss();
        for (const side of ["users", "items", "users", "items"] as const) {
          training.half(side);
          const after = training.loss();
          const naive = naiveLoss(training.matrix("users"), training.matrix("items"), sizes.pairs, chosen);
          expect(Math.abs(after - naive)).toBeLessThanOrEqual(1e-6 * confidence + 1e-9);
          expect(after).toBeLessThanOrEqual(before + 1e-6 * confidence + 1e-9);
          before = after;
        }
        expect(training.untouched()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe("balancing", () => {
  it("keeps every score and does not raise the loss", () => {
    fc.assert(
      fc.property(problem, parameters, (sizes, chosen) => {
        const training = makeTraining(sizes, chosen, 2);
        training.initialize();
        for (const side of ["users", "items", "users", "items"] as const) training.half(side);
        const scores = () => {
          const items = training.matrix("items");
          return training.matrix("users").map((x) => items.map((y) => x.reduce((sum, v, f) => sum + v * y[f]!, 0)));
        };
        const [scoresBefore, lossBefore] = [scores(), training.loss()];
        training.balance();
        scores().forEach((row, user) => {
          row.forEach((score, item) => {
            expect(Math.abs(score - scoresBefore[user]![item]!)).toBeLessThan(1e-4);
          });
        });
        const confidence = observedConfidence(sizes, chosen);
        expect(training.loss()).toBeLessThanOrEqual(lossBefore + 1e-6 * confidence + 1e-9);
        expect(training.untouched()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

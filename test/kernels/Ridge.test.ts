import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitRidge } from "../../src/kernels/Ridge.ts";

const thousandths = (bound: number) => fc.integer({ min: -bound, max: bound }).map((value) => value / 1000);

/** Few rows and features, features that no row has, and rows that have none or weigh nothing. */
const problem = fc
  .record({ features: fc.integer({ min: 1, max: 8 }), width: fc.integer({ min: 1, max: 4 }) })
  .chain(({ features, width }) =>
    fc.record({
      features: fc.constant(features),
      width: fc.constant(width),
      penalty: fc.constantFrom(0.01, 1, 30),
      given: fc.array(
        fc.record({
          features: fc.subarray(Array.from({ length: features }, (_, feature) => feature)),
          scale: fc.constantFrom(0.25, 1, 3),
          weight: fc.constantFrom(0, 0.5, 2),
          target: fc.array(thousandths(2000), { minLength: width, maxLength: width }),
        }),
        { maxLength: 15 },
      ),
    }),
  );

describe("fitRidge", () => {
  it("solves the normal equations of every column", () => {
    fc.assert(
      fc.property(problem, ({ features, given, penalty, width }) => {
        const pointers = new Uint32Array(given.length + 1);
        given.forEach((row, r) => {
          pointers[r + 1] = pointers[r]! + row.features.length;
        });
        const rows = {
          pointers,
          features: Uint32Array.from(given.flatMap((row) => row.features)),
          scales: Float64Array.from(given, ({ scale }) => scale),
        };
        const targets = Float32Array.from(given.flatMap(({ target }) => target));
        const weights = Float64Array.from(given, ({ weight }) => weight);
        const map = fitRidge({ rows, features, targets, width, weights, penalty })!;

        const entry = (r: number, feature: number): number =>
          given[r]!.features.includes(feature) ? given[r]!.scale : 0;
        const system = Array.from({ length: features }, (_, i) =>
          Array.from({ length: features }, (_, j) =>
            given.reduce((sum, { weight }, r) => sum + weight * entry(r, i) * entry(r, j), i === j ? penalty : 0),
          ),
        );
        for (let f = 0; f < width; f++) {
          const right = Array.from({ length: features }, (_, i) =>
            given.reduce((sum, { weight }, r) => sum + weight * entry(r, i) * targets[r * width + f]!, 0),
          );
          // How far from solved: a badly conditioned system may be off by more in its solution.
          const distance = (values: ReadonlyArray<number>): number =>
            values.reduce((sum, value, i) => sum + value ** 2 / system[i]![i]!, 0);
          const left = system.map((row, i) =>
            row.reduce((sum, value, j) => sum + value * map[j * width + f]!, -right[i]!),
          );
          expect(distance(left)).toBeLessThanOrEqual(1.01e-10 * distance(right) + 1e-24);
        }
      }),
    );
  });

  it("answers nothing where a weight is no number", () => {
    const rows = { pointers: Uint32Array.of(0, 1), features: Uint32Array.of(0), scales: Float64Array.of(1) };
    const problem = { rows, features: 1, width: 1, penalty: 3, weights: Float64Array.of(1) };
    expect(fitRidge({ ...problem, targets: Float32Array.of(3) })).toEqual(Float64Array.of(0.75));
    expect(fitRidge({ ...problem, weights: Float64Array.of(Number.NaN), targets: Float32Array.of(3) })).toBeUndefined();
  });
});

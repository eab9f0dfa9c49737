import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addRows, makeMoments, type Plane, planeOf, project } from "../../src/kernels/Plane.ts";

const matrix = fc
  .record({ rank: fc.integer({ min: 1, max: 9 }), rows: fc.integer({ min: 1, max: 40 }) })
  .chain((shape) =>
    fc
      .array(fc.integer({ min: -30, max: 30 }), {
        minLength: shape.rank * shape.rows,
        maxLength: shape.rank * shape.rows,
      })
      .map((values) => ({ ...shape, vectors: Float32Array.from(values, (value) => value / 8) })),
  );

const of = (vectors: Float32Array, rank: number, rows: number): Plane | undefined => {
  const moments = makeMoments(rank);
  addRows(moments, vectors, 0, rows);
  return planeOf(moments);
};

const directions = (vectors: Float32Array, rank: number, rows: number): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: rows }, (_, row) => Array.from(vectors.subarray(row * rank, (row + 1) * rank))).flatMap(
    (own) => {
      const length = Math.hypot(...own);
      return length === 0 ? [] : [own.map((value) => value / length)];
    },
  );

const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.reduce((sum, value, f) => sum + value * b[f]!, 0);

/** Of all directions along a line. */
const varianceAlong = (all: ReadonlyArray<ReadonlyArray<number>>, axis: ReadonlyArray<number>): number => {
  const places = all.map((one) => dot(one, axis));
  const middle = places.reduce((sum, place) => sum + place, 0) / places.length;
  return places.reduce((sum, place) => sum + (place - middle) ** 2, 0) / places.length;
};

const total = (all: ReadonlyArray<ReadonlyArray<number>>, rank: number): number =>
  Array.from({ length: rank }, (_, f) =>
    varianceAlong(
      all,
      Array.from({ length: rank }, (_, g) => (f === g ? 1 : 0)),
    ),
  ).reduce((sum, value) => sum + value, 0);

describe("the plane of vectors", () => {
  it("has orthogonal axes of length 1, of which no line of the rest has more variance than the first", () => {
    fc.assert(
      fc.property(matrix, fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 9, maxLength: 9 }), (shape, line) => {
        const { rank, rows, vectors } = shape;
        const all = directions(vectors, rank, rows);
        const plane = of(vectors, rank, rows);
        if (all.length === 0) {
          expect(plane).toBeUndefined();
          return;
        }
        const { axes, explained } = plane!;
        const variance = total(all, rank);
        for (const [n, axis] of axes.entries()) {
          expect(explained[n]).toBeGreaterThanOrEqual(0);
          if (explained[n] === 0) expect(axis.every((value) => value === 0)).toBe(true);
          else {
            expect(dot(axis, axis)).toBeCloseTo(1, 8);
            expect(varianceAlong(all, axis)).toBeCloseTo(explained[n]! * variance, 8);
            expect(Math.max(...axis)).toBeCloseTo(Math.max(...axis.map(Math.abs)), 12);
          }
        }
        expect(explained[0]).toBeGreaterThanOrEqual(explained[1]);
        expect(explained[0] + explained[1]).toBeLessThan(1 + 1e-9);
        expect(dot(axes[0], axes[1])).toBeCloseTo(0, 8);
        const length = Math.hypot(...line.slice(0, rank));
        if (length === 0) return;
        const other = line.slice(0, rank).map((value) => value / length);
        expect(varianceAlong(all, other)).toBeLessThanOrEqual(explained[0] * variance + 1e-8);
      }),
    );
  });

  it("is the same for the same rows in other slices, and whatever the vectors' lengths", () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 0, max: 40 }), ({ rank, rows, vectors }, cut) => {
        const moments = makeMoments(rank);
        const at = Math.min(cut, rows);
        addRows(moments, vectors, 0, at);
        addRows(moments, vectors, at, rows);
        expect(planeOf(moments)).toEqual(of(vectors, rank, rows));
        const doubled = vectors.map((value, at) => value * (Math.floor(at / rank) % 2 === 0 ? 4 : 1));
        expect(of(doubled, rank, rows)).toEqual(of(vectors, rank, rows));
      }),
    );
  });

  it("takes every nth row alone where it is told to", () => {
    const vectors = Float32Array.of(1, 0, 9, 9, 0, 1, 9, 9, -1, 0);
    const moments = makeMoments(2);
    addRows(moments, vectors, 0, 5, 2);
    expect(planeOf(moments)).toEqual(of(Float32Array.of(1, 0, 0, 1, -1, 0), 2, 3));
    expect(moments.count).toBe(3);
  });

  it("puts each row where it lies on the axes, and one without a direction nowhere", () => {
    fc.assert(
      fc.property(matrix, ({ rank, rows, vectors }) => {
        const plane = of(vectors, rank, rows);
        if (plane === undefined) return;
        const [x, y] = [new Float32Array(rows), new Float32Array(rows)];
        const middle = Math.floor(rows / 2);
        project(plane, vectors, [0, middle], x, y);
        project(plane, vectors, [middle, rows], x, y);
        for (let row = 0; row < rows; row++) {
          const own = vectors.subarray(row * rank, (row + 1) * rank);
          const [unit] = directions(own, rank, 1);
          if (unit === undefined) expect([x[row], y[row]]).toEqual([Number.NaN, Number.NaN]);
          else {
            const off = unit.map((value, f) => value - plane.mean[f]!);
            expect(x[row]).toBeCloseTo(dot(off, plane.axes[0]), 5);
            expect(y[row]).toBeCloseTo(dot(off, plane.axes[1]), 5);
          }
        }
      }),
    );
  });

  it("of a line has no second axis", () => {
    const { axes, explained } = of(Float32Array.of(1, 1, 2, 2, -3, -3), 2, 3)!;
    expect(explained).toEqual([expect.closeTo(1, 5), 0]);
    expect(axes[0]).toEqual([expect.closeTo(Math.SQRT1_2, 6), expect.closeTo(Math.SQRT1_2, 6)]);
    expect(axes[1]).toEqual([0, 0]);
  });
});

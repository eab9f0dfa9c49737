import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { makeRandom } from "../../src/kernels/Random.ts";
import { itemPlane } from "../../src/training/Plane.ts";

describe("the plane of a model's items", () => {
  it.effect("is made twice alike, and parts groups that lie apart", () =>
    Effect.gen(function* () {
      const [rank, rows] = [16, 3000];
      const { uniform } = makeRandom(7, "vectors");
      const vectors = Float32Array.from({ length: rank * rows }, (_, at) => {
        const [row, f] = [Math.floor(at / rank), at % rank];
        return (f === row % 3 ? 5 : 0) + uniform() - 0.5;
      });
      const plane = yield* itemPlane(vectors, rank);
      expect(plane).toEqual(yield* itemPlane(vectors, rank));
      // Three groups span a plane, so that little is left beside it.
      expect(plane!.explained[0] + plane!.explained[1]).toBeGreaterThan(0.8);
      for (const axis of plane!.axes) {
        expect(Math.hypot(...axis)).toBeCloseTo(1, 5);
        expect(Math.hypot(...axis.slice(0, 3))).toBeGreaterThan(0.98);
      }
    }),
  );

  it.effect("looks at every nth of very many, which tells the same", () =>
    Effect.gen(function* () {
      const [rank, rows] = [3, 150_000];
      const { uniform } = makeRandom(1, "vectors");
      const vectors = Float32Array.from({ length: rank * rows }, (_, at) => (uniform() - 0.5) * [4, 2, 1][at % rank]);
      const [few, all] = [yield* itemPlane(vectors, rank, 60_000), yield* itemPlane(vectors, rank)];
      for (const n of [0, 1] as const) {
        expect(all!.explained[n]).toBeCloseTo(few!.explained[n], 1);
        expect(all!.axes[n].map((value, f) => value * few!.axes[n][f]).reduce((a, b) => a + b)).toBeGreaterThan(0.99);
      }
    }),
  );

  it.effect("is undefined where no item has a vector", () =>
    Effect.gen(function* () {
      expect(yield* itemPlane(new Float32Array(8), 4)).toBeUndefined();
      expect(yield* itemPlane(new Float32Array(0), 4)).toBeUndefined();
    }),
  );
});

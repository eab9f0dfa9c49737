/**
 * Plane: the plane on which a model's items are drawn as a map: the two directions along which the directions of item vectors differ
 * most (`kernels/Plane.ts`). The same vectors give the same plane.
 */
import { Effect } from "effect";
import type { ItemPlane } from "../domain/Model.ts";
import { addRows, makeMoments, planeOf } from "../kernels/Plane.ts";

/** Of more items every nth is looked at: two directions of a few hundred numbers are known by far fewer. */
const mostRows = 65_536;
/** Multiplications between two breaths: some 5 ms. */
const breath = 5_000_000;

/** Lets everything that waits in the event loop run. */
export const breathe: Effect.Effect<void> = Effect.async((resume) => {
  const turn = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(turn));
});

/** As many digits as the vectors have. */
const rounded = (values: ReadonlyArray<number>): ReadonlyArray<number> =>
  values.map((value) => Number(value.toPrecision(7)));

/** Of the first `rows` rows (rows × rank, row-major). Undefined where no item has a vector. */
export const itemPlane = (
  vectors: Float32Array,
  rank: number,
  rows = vectors.length / rank,
): Effect.Effect<ItemPlane | undefined> =>
  Effect.gen(function* () {
    const moments = makeMoments(rank);
    const step = Math.max(1, Math.ceil(rows / mostRows));
    const atOnce = step * Math.max(1, Math.floor((2 * breath) / (rank * rank)));
    for (let from = 0; from < rows; from += atOnce) {
      addRows(moments, vectors, from, Math.min(rows, from + atOnce), step);
      yield* breathe;
    }
    const found = planeOf(moments);
    if (found === undefined) return undefined;
    const { axes, explained, mean } = found;
    return {
      mean: rounded(mean),
      axes: [rounded(axes[0]), rounded(axes[1])],
      explained: [explained[0], explained[1]],
    } satisfies ItemPlane as ItemPlane;
  });

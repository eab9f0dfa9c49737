/** Finish: factors that another engine computed, balanced, and their loss: what every Trainer answers. */
import { Effect } from "effect";
import type { ModelParameters } from "../domain/Model.ts";
import { type Ratings, type TrainedFactors, TrainingError } from "../ports/Trainer.ts";
import { balanceOf } from "./Balance.ts";
import { rowWeightsOf } from "./RowWeights.ts";
import { overflow } from "./Steps.ts";

/** Multiplications between two breaths: some 20 ms. */
const sliceWork = 1 << 24;

/** Calls `work` with ranges of rows, each of which costs so many multiplications, and lets other work go between. */
const inSlices = (rows: number, cost: number, work: (begin: number, end: number) => void): Effect.Effect<void> => {
  const size = Math.max(1, Math.floor(sliceWork / cost));
  return Effect.iterate(0, {
    while: (begin) => begin < rows,
    body: (begin) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.sync(() => {
          const end = Math.min(begin + size, rows);
          work(begin, end);
          return end;
        }),
      ),
  });
};

/** Σ weight · f fᵀ over rows f, in f64. */
const gramianOf = (factors: Float32Array, rank: number, weights: Float64Array): Effect.Effect<Float64Array> =>
  Effect.suspend(() => {
    const gramian = new Float64Array(rank * rank);
    const sum = inSlices(factors.length / rank, (rank * rank) / 2, (begin, end) => {
      for (let row = begin * rank; row < end * rank; row += rank) {
        for (let i = 0; i < rank; i++) {
          const value = factors[row + i]! * weights[row / rank]!;
          for (let j = i; j < rank; j++) gramian[i * rank + j]! += value * factors[row + j]!;
        }
      }
    });
    return Effect.map(sum, () => {
      for (let i = 0; i < rank; i++) for (let j = 0; j < i; j++) gramian[i * rank + j] = gramian[j * rank + i]!;
      return gramian;
    });
  });

/** F := F · matrix. */
const transform = (factors: Float32Array, matrix: Float64Array, rank: number): Effect.Effect<void> => {
  const row = new Float64Array(rank);
  return inSlices(factors.length / rank, rank * rank, (begin, end) => {
    for (let start = begin * rank; start < end * rank; start += rank) {
      row.fill(0);
      for (let i = 0; i < rank; i++) {
        const value = factors[start + i]!;
        for (let j = 0; j < rank; j++) row[j]! += value * matrix[i * rank + j]!;
      }
      factors.set(row, start);
    }
  });
};

interface Sides {
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
}

/** Σ weight · |f|² over rows f. */
const penaltyOf = (factors: Float32Array, rank: number, weights: Float64Array): Effect.Effect<number> =>
  Effect.suspend(() => {
    let total = 0;
    const sum = inSlices(factors.length / rank, rank, (begin, end) => {
      for (let row = begin; row < end; row++) {
        for (let f = row * rank; f < (row + 1) * rank; f++) total += weights[row]! * factors[f]! ** 2;
      }
    });
    return Effect.map(sum, () => total);
  });

/** Σ over observed pairs of c (1 − s)² − b s²: what they add to the Σ b s² of all pairs. */
const observedLoss = (
  { itemIdx, pointers, ratings, users }: Ratings,
  { alpha, rank }: ModelParameters,
  { itemFactors, userFactors }: Sides,
  bases: Float64Array,
): Effect.Effect<number> =>
  Effect.suspend(() => {
    let total = 0;
    const cost = rank * Math.max(1, itemIdx.length / Math.max(1, users));
    const sum = inSlices(users, cost, (begin, end) => {
      for (let user = begin; user < end; user++) {
        for (let k = pointers[user]!; k < pointers[user + 1]!; k++) {
          let score = 0;
          for (let f = 0; f < rank; f++) score += userFactors[user * rank + f]! * itemFactors[itemIdx[k]! * rank + f]!;
          const base = bases[itemIdx[k]!]!;
          total += (base + alpha * ratings[k]!) * (1 - score) ** 2 - base * score * score;
        }
      }
    });
    return Effect.map(sum, () => total);
  });

/** Balances the factors in place; the answer has the one loss that is known. */
export const finish = (
  ratings: Ratings,
  parameters: ModelParameters,
  sides: Sides,
): Effect.Effect<TrainedFactors, TrainingError> =>
  Effect.gen(function* () {
    const { rank, regularization } = parameters;
    const { itemFactors, userFactors } = sides;
    const rows = rowWeightsOf(ratings, parameters);
    const weighed = [
      yield* gramianOf(userFactors, rank, rows.users.penalties),
      yield* gramianOf(itemFactors, rank, rows.items.penalties),
    ] as const;
    const { users, items } = balanceOf(...weighed, rank);
    yield* transform(userFactors, users, rank);
    yield* transform(itemFactors, items, rank);
    const x = yield* gramianOf(userFactors, rank, rows.users.bases);
    const y = yield* gramianOf(itemFactors, rank, rows.items.bases);
    let loss = yield* observedLoss(ratings, parameters, sides, rows.items.bases);
    for (let i = 0; i < rank * rank; i++) loss += x[i]! * y[i]!;
    loss += regularization * (yield* penaltyOf(userFactors, rank, rows.users.penalties));
    loss += regularization * (yield* penaltyOf(itemFactors, rank, rows.items.penalties));
    if (!Number.isFinite(loss)) {
      return yield* new TrainingError({ reason: "Diverged", message: `Cannot train: ${overflow}.` });
    }
    return { ...sides, losses: [loss] };
  });

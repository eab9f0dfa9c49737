/** ALS as the formula says it, in f64 and without any trick: what the kernels are compared with. */
import type { ModelParameters } from "../../src/domain/Model.ts";
import type { Ratings } from "../../src/ports/Trainer.ts";

export type Matrix = ReadonlyArray<ReadonlyArray<number>>;

export interface Pair {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
}

export const toInput = (users: number, items: number, pairs: ReadonlyArray<Pair>): Ratings => {
  const sorted = [...pairs].sort((a, b) => a.user - b.user || a.item - b.item);
  const pointers = new Uint32Array(users + 1);
  for (const { user } of sorted) pointers[user + 1]!++;
  for (let user = 0; user < users; user++) pointers[user + 1]! += pointers[user]!;
  return {
    users,
    items,
    pointers,
    itemIdx: Uint32Array.from(sorted, (pair) => pair.item),
    ratings: Float32Array.from(sorted, (pair) => pair.rating),
  };
};

export const toMatrix = (factors: Float32Array, rank: number): Matrix =>
  Array.from({ length: factors.length / rank }, (_, row) => Array.from(factors.subarray(row * rank, (row + 1) * rank)));

const inner = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
  a.reduce((sum, value, f) => sum + value * b[f]!, 0);

/** The double loop over all pairs. */
export const naiveLoss = (
  x: Matrix,
  y: Matrix,
  pairs: ReadonlyArray<Pair>,
  { alpha, regularization }: ModelParameters,
) => {
  const ratings = new Map(pairs.map(({ user, item, rating }) => [`${user},${item}`, rating]));
  let loss = regularization * [...x, ...y].reduce((sum, row) => sum + inner(row, row), 0);
  x.forEach((own, user) => {
    y.forEach((other, item) => {
      const rating = ratings.get(`${user},${item}`);
      const error = (rating === undefined ? 0 : 1) - inner(own, other);
      loss += (rating === undefined ? 1 : 1 + alpha * rating) * error ** 2;
    });
  });
  return loss;
};

/** Gaussian elimination with partial pivoting. */
export const solveLinear = (matrix: Matrix, right: ReadonlyArray<number>): Array<number> => {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = column + 1; i < n; i++) {
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let j = column; j <= n; j++) rows[i]![j]! -= factor * rows[column]![j]!;
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    const known = solution.reduce((sum, value, j) => (j > i ? sum + value * rows[i]![j]! : sum), 0);
    solution[i] = (rows[i]![n]! - known) / rows[i]![i]!;
  }
  return solution;
};

/** The minimiser of the loss over one side: a linear system per row. `of` picks this side's and the other's row of a pair. */
export const exactHalf = (
  rows: number,
  other: Matrix,
  pairs: ReadonlyArray<Pair>,
  of: (pair: Pair) => readonly [number, number],
  { rank, alpha, regularization }: ModelParameters,
): Matrix =>
  Array.from({ length: rows }, (_, row) => {
    const own = pairs.filter((pair) => of(pair)[0] === row);
    if (own.length === 0) return new Array<number>(rank).fill(0);
    const system = Array.from({ length: rank }, (_, i) =>
      Array.from({ length: rank }, (_, j) => {
        const gram = other.reduce((sum, y) => sum + y[i]! * y[j]!, i === j ? regularization : 0);
        return own.reduce((sum, pair) => {
          const y = other[of(pair)[1]]!;
          return sum + alpha * pair.rating * y[i]! * y[j]!;
        }, gram);
      }),
    );
    const right = Array.from({ length: rank }, (_, i) =>
      own.reduce((sum, pair) => sum + (1 + alpha * pair.rating) * other[of(pair)[1]]![i]!, 0),
    );
    return solveLinear(system, right);
  });

/** Interactions with the structure of taste: users of a group like items of that group. */
export const shop = (users: number, items: number): ReadonlyArray<Pair> =>
  Array.from({ length: users * items }, (_, k) => ({
    user: Math.floor(k / items),
    item: k % items,
    rating: 1 + (k % 3),
  })).filter(({ user, item }) =>
    user % 4 === item % 4 ? (user * 31 + item * 17) % 3 !== 0 : (user * 7 + item * 13) % 23 === 0,
  );

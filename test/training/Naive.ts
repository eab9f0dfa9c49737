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

export interface Problem {
  readonly users: number;
  readonly items: number;
  readonly pairs: ReadonlyArray<Pair>;
}

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The formulas of the port: c_ui and p_ui of every pair, λ of every row; of rows without a rating, anything. */
export const objectiveOf = ({ users, items, pairs }: Problem, parameters: ModelParameters) => {
  const { alpha, regularization, regularizationExponent = 0, unobservedExponent = 0 } = parameters;
  const range = (length: number) => Array.from({ length }, (_, row) => row);
  const ratings = new Map(pairs.map(({ user, item, rating }) => [`${user},${item}`, rating]));
  const raters = range(items).map((item) => pairs.filter((pair) => pair.item === item).length);
  const ratedItems = range(items).filter((item) => raters[item]! > 0);
  const ratedUsers = range(users).filter((user) => pairs.some((pair) => pair.user === user));
  const meanPower = mean(ratedItems.map((item) => raters[item]! ** unobservedExponent));
  const confidence = (user: number, item: number) =>
    raters[item]! ** unobservedExponent / meanPower + alpha * (ratings.get(`${user},${item}`) ?? 0);
  const penalties = (rows: number, rated: ReadonlyArray<number>, total: (row: number) => number) => {
    const scale = mean(rated.map((row) => total(row) ** regularizationExponent));
    return range(rows).map((row) => (regularization * total(row) ** regularizationExponent) / scale);
  };
  const sum = (values: ReadonlyArray<number>) => values.reduce((total, value) => total + value, 0);
  return {
    confidence,
    preference: (user: number, item: number) => (ratings.has(`${user},${item}`) ? 1 : 0),
    penalties: {
      users: penalties(users, ratedUsers, (user) => sum(ratedItems.map((item) => confidence(user, item)))),
      items: penalties(items, ratedItems, (item) => sum(ratedUsers.map((user) => confidence(user, item)))),
    },
  };
};

/** Σ c over the observed pairs: what the loss of zeros is, by which rounding is judged. */
export const observedConfidence = (problem: Problem, parameters: ModelParameters): number => {
  const { confidence } = objectiveOf(problem, parameters);
  return problem.pairs.reduce((sum, { user, item }) => sum + confidence(user, item), 0);
};

/** The double loop over all pairs. */
export const naiveLoss = (x: Matrix, y: Matrix, pairs: ReadonlyArray<Pair>, parameters: ModelParameters) => {
  const objective = objectiveOf({ users: x.length, items: y.length, pairs }, parameters);
  const { confidence, preference, penalties } = objective;
  const penalty = (rows: Matrix, weights: ReadonlyArray<number>) =>
    rows.reduce((sum, row, at) => sum + (row.some((value) => value !== 0) ? weights[at]! * inner(row, row) : 0), 0);
  let loss = penalty(x, penalties.users) + penalty(y, penalties.items);
  x.forEach((own, user) => {
    y.forEach((other, item) => {
      const score = inner(own, other);
      if (score !== 0 || preference(user, item) !== 0) {
        loss += confidence(user, item) * (preference(user, item) - score) ** 2;
      }
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

/** The minimiser of the loss over the rows of `side`, the others being fixed: a linear system per row, over all pairs. */
export const exactHalf = (
  side: "users" | "items",
  problem: Problem,
  other: Matrix,
  parameters: ModelParameters,
): Matrix => {
  const { confidence, preference, penalties } = objectiveOf(problem, parameters);
  return Array.from({ length: problem[side] }, (_, row) => {
    if (!problem.pairs.some((pair) => (side === "users" ? pair.user : pair.item) === row)) {
      return new Array<number>(parameters.rank).fill(0);
    }
    const pairOf = (column: number): readonly [number, number] => (side === "users" ? [row, column] : [column, row]);
    const system = Array.from({ length: parameters.rank }, (_, i) =>
      Array.from({ length: parameters.rank }, (_, j) =>
        other.reduce(
          (sum, y, column) => sum + confidence(...pairOf(column)) * y[i]! * y[j]!,
          i === j ? penalties[side][row]! : 0,
        ),
      ),
    );
    const right = Array.from({ length: parameters.rank }, (_, i) =>
      other.reduce((sum, y, column) => sum + confidence(...pairOf(column)) * preference(...pairOf(column)) * y[i]!, 0),
    );
    return solveLinear(system, right);
  });
};

/** The derivatives of the loss by every factor of `side`; the greatest term of each of their sums beside them. */
export const gradientOf = (
  side: "users" | "items",
  problem: Problem,
  own: Matrix,
  other: Matrix,
  parameters: ModelParameters,
): ReadonlyArray<{ readonly slope: number; readonly greatest: number }> => {
  const { confidence, preference, penalties } = objectiveOf(problem, parameters);
  return own.flatMap((vector, row) =>
    vector.map((value, f) => {
      const terms = other.map((y, column) => {
        const [user, item] = side === "users" ? [row, column] : [column, row];
        if (y[f] === 0) return 0;
        return 2 * confidence(user, item) * (inner(vector, y) - preference(user, item)) * y[f]!;
      });
      if (vector.some((one) => one !== 0)) terms.push(2 * penalties[side][row]! * value);
      const greatest = Math.max(...terms.map(Math.abs));
      return { slope: terms.reduce((sum, term) => sum + term, 0), greatest };
    }),
  );
};

/** Interactions with the structure of taste: users of a group like items of that group. */
export const shop = (users: number, items: number): ReadonlyArray<Pair> =>
  Array.from({ length: users * items }, (_, k) => ({
    user: Math.floor(k / items),
    item: k % items,
    rating: 1 + (k % 3),
  })).filter(({ user, item }) =>
    user % 4 === item % 4 ? (user * 31 + item * 17) % 3 !== 0 : (user * 7 + item * 13) % 23 === 0,
  );

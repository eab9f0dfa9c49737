/** RowWeights: what each user's and item's penalty and unobserved pairs weigh; `ports/Trainer.ts` has both formulas. */
import type { ModelParameters } from "../domain/Model.ts";
import type { Ratings } from "../ports/Trainer.ts";

/** Of one side, by row; 1 for rows without a rating, which nothing reads. */
export interface RowWeights {
  /** λ_u / λ. */
  readonly penalties: Float64Array;
  /** b. */
  readonly bases: Float64Array;
}

/** Whether every row has the penalty λ, and every unobserved pair the weight 1. */
export const areUniform = ({ regularizationExponent = 0, unobservedExponent = 0 }: ModelParameters): boolean =>
  regularizationExponent === 0 && unobservedExponent === 0;

/** A side's ratings by row, and their sums. */
interface Counted {
  readonly pairs: Float64Array;
  readonly sums: Float64Array;
  /** Rows that have a rating. */
  readonly rows: number;
}

/** `visit` calls with the number of each rating and its row. */
const countedBy = (
  rows: number,
  ratings: Float32Array,
  visit: (each: (k: number, row: number) => void) => void,
): Counted => {
  const [pairs, sums] = [new Float64Array(rows), new Float64Array(rows)];
  visit((k, row) => {
    pairs[row]! += 1;
    sums[row]! += ratings[k]!;
  });
  return { pairs, sums, rows: pairs.reduce((rated, count) => rated + (count > 0 ? 1 : 0), 0) };
};

/** `values` to the power of `exponent`, divided by their mean. */
const powersOf = (values: Float64Array, exponent: number, { pairs, rows }: Counted): Float64Array => {
  const powers = values.map((value, row) => (pairs[row]! > 0 ? value ** exponent : 0));
  const mean = powers.reduce((sum, power) => sum + power, 0) / rows;
  return powers.map((power, row) => (pairs[row]! > 0 ? power / mean : 1));
};

export const rowWeightsOf = (
  { users, items, pointers, itemIdx, ratings }: Ratings,
  { alpha, regularizationExponent = 0, unobservedExponent = 0 }: ModelParameters,
): { readonly users: RowWeights; readonly items: RowWeights } => {
  const byUser = countedBy(users, ratings, (each) => {
    for (let user = 0; user < users; user++) for (let k = pointers[user]!; k < pointers[user + 1]!; k++) each(k, user);
  });
  const byItem = countedBy(items, ratings, (each) => {
    for (let k = 0; k < itemIdx.length; k++) each(k, itemIdx[k]!);
  });
  const bases = powersOf(byItem.pairs, unobservedExponent, byItem);
  /** A row's confidence in all: that of its pairs were none observed, and α times its ratings. */
  const confidences = (side: Counted, unobserved: (row: number) => number): Float64Array =>
    side.sums.map((sum, row) => unobserved(row) + alpha * sum);
  const ofUsers = confidences(byUser, () => byItem.rows);
  const ofItems = confidences(byItem, (item) => byUser.rows * bases[item]!);
  return {
    users: { penalties: powersOf(ofUsers, regularizationExponent, byUser), bases: new Float64Array(users).fill(1) },
    items: { penalties: powersOf(ofItems, regularizationExponent, byItem), bases },
  };
};

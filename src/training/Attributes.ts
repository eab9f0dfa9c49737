/**
 * Attributes: from what an item is to where it would lie among the factors, so that an item without interactions has a vector.
 *
 * A ridge map: minimises Σ_i w_i |y_i − Wᵀa_i|² + μ|W|² over items that have been learnt from, a_i of length 1, and ŷ = Wᵀa for any
 * item. Features of a_i: the value of each field, each word of the name, and one that all have; of those that two or more
 * learnt items have, the `mostFeatures` that most have. Gantner, Drumond, Freudenthaler, Rendle, Schmidt-Thieme, "Learning
 * Attribute-to-Feature Mappings for Cold-Start Recommendations", ICDM 2010. w is the root of an item's number of users.
 *
 * Such vectors tell new items apart, not new from learnt: lying where their kind lies, they are nearer to many than a learnt
 * item is, and ranked among all they take its place. They are for places that are kept for new items.
 */
import { applyRidge, fitRidge, type SparseRows } from "../kernels/Ridge.ts";

/** What is known of an item beside its interactions; an empty text is nothing. */
export interface Description {
  readonly name: string;
  /** Type, group, colour …: always in the same order. */
  readonly fields: ReadonlyArray<string>;
}

export interface AttributeOptions {
  /** μ, against rows of length 1. */
  readonly penalty: number;
  readonly mostFeatures: number;
}

export const attributeDefaults: AttributeOptions = { penalty: 10, mostFeatures: 4096 };

/** Items that must have a feature. */
const leastItems = 2;

const wordPattern = /[\p{L}\p{N}]+/gu;

/** The features of an item in words, each once: `0=Trousers`, `~slim`. */
const namesOf = ({ fields, name }: Description): ReadonlyArray<string> => [
  ...fields.flatMap((value, field) => (value === "" ? [] : [`${field}=${value}`])),
  ...new Set(Array.from(name.toLowerCase().matchAll(wordPattern), ([word]) => `~${word}`)),
];

/** The features that are kept, each with its column; column 0 is the one that all items have. */
const columnsOf = (
  items: ReadonlyArray<Description>,
  isLearnt: (item: number) => boolean,
  { mostFeatures }: AttributeOptions,
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  items.forEach((item, i) => {
    if (isLearnt(i)) for (const name of namesOf(item)) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  const kept = [...counts].filter(([, count]) => count >= leastItems);
  kept.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return new Map(kept.slice(0, mostFeatures - 1).map(([name], column) => [name, column + 1]));
};

const rowsOf = (items: ReadonlyArray<Description>, columns: ReadonlyMap<string, number>): SparseRows => {
  const pointers = new Uint32Array(items.length + 1);
  const features: Array<number> = [];
  const scales = new Float64Array(items.length);
  items.forEach((item, i) => {
    features.push(0);
    for (const name of namesOf(item)) {
      const column = columns.get(name);
      if (column !== undefined) features.push(column);
    }
    pointers[i + 1] = features.length;
    scales[i] = 1 / Math.sqrt(pointers[i + 1]! - pointers[i]!);
  });
  return { pointers, features: Uint32Array.from(features), scales };
};

/**
 * A copy of `itemFactors` (items × rank) in which the items that `learntFrom` counts no interactions of have the vector that
 * their attributes map to; zeros stay where no feature of theirs is known, or none was learnt.
 */
export const fillCold = (
  items: ReadonlyArray<Description>,
  itemFactors: Float32Array,
  rank: number,
  learntFrom: ArrayLike<number>,
  options: AttributeOptions = attributeDefaults,
): Float32Array => {
  const columns = columnsOf(items, (item) => learntFrom[item]! > 0, options);
  const rows = rowsOf(items, columns);
  const map = fitRidge({
    rows,
    features: columns.size + 1,
    targets: itemFactors,
    width: rank,
    weights: Float64Array.from(learntFrom, Math.sqrt),
    penalty: options.penalty,
  });
  const filled = itemFactors.slice();
  const vector = new Float64Array(rank);
  items.forEach((_, item) => {
    if (learntFrom[item]! > 0 || rows.pointers[item + 1]! - rows.pointers[item]! < 2) return;
    applyRidge(rows, item, map, rank, vector);
    filled.set(vector, item * rank);
  });
  return filled;
};

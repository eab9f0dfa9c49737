/**
 * Attributes: from what an item is to where it would lie among the factors, so that an item without interactions has a vector.
 *
 * A ridge map: minimises Σ_i w_i |y_i − Wᵀa_i|² + μ|W|² over items that have been learnt from, a_i of length 1, and ŷ = Wᵀa for any
 * item. Features of a_i: the value of each field, each word of the name, and one that all have; of those that two or more
 * learnt items have, the `mostFeatures` that most have. Gantner, Drumond, Freudenthaler, Rendle, Schmidt-Thieme, "Learning
 * Attribute-to-Feature Mappings for Cold-Start Recommendations", ICDM 2010. w is the root of an item's number of users.
 *
 * Such vectors tell new items apart, not new from learnt: lying where their kind lies, they are nearer to many than a learnt
 * item is, and ranked among all they take its place. They are for places that are kept for new items. At 105,000 items and
 * rank 64 fitting takes some four seconds.
 */
import type { Description } from "../domain/Item.ts";
import { applyRidge, fitRidge, type SparseRows } from "../kernels/Ridge.ts";

export interface AttributeOptions {
  /** μ, against rows of length 1. */
  readonly penalty: number;
  readonly mostFeatures: number;
}

export const attributeDefaults: AttributeOptions = { penalty: 10, mostFeatures: 1024 };

/** Items that must have a feature. */
const leastItems = 2;
/** Words of a name that are looked at, the first. */
const mostWords = 24;

const wordPattern = /[\p{L}\p{N}]+/gu;

/** The features of an item in words, each once: `0=Trousers`, `~slim`. */
const namesOf = ({ fields, name }: Description): ReadonlyArray<string> => [
  ...fields.flatMap((value, field) => (value === "" ? [] : [`${field}=${value}`])),
  ...new Set((name.toLowerCase().match(wordPattern) ?? []).slice(0, mostWords).map((word) => `~${word}`)),
];

/** Numbers of features by name, in the order in which they were met. */
const makeNumbers = () => {
  const numbers = new Map<string, number>();
  return {
    numbers,
    of: (name: string): number => {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, numbers.size);
      return numbers.size - 1;
    },
  };
};

/**
 * The rows, each with feature 0, which all items have, and those of its own that are kept: of the features of two or more
 * learnt items the `mostFeatures` that most have.
 */
const describe = (
  items: ReadonlyArray<Description>,
  learntFrom: ArrayLike<number>,
  { mostFeatures }: AttributeOptions,
): { readonly rows: SparseRows; readonly features: number } => {
  const { numbers, of } = makeNumbers();
  const all = items.map((item) => namesOf(item).map(of));
  const counts = new Uint32Array(numbers.size);
  all.forEach((features, item) => {
    if (learntFrom[item]! > 0) for (const feature of features) counts[feature]!++;
  });
  const names = [...numbers.keys()];
  const kept = [...counts.keys()]
    .filter((feature) => counts[feature]! >= leastItems)
    .sort((a, b) => counts[b]! - counts[a]! || (names[a]! < names[b]! ? -1 : 1))
    .slice(0, mostFeatures - 1);
  const columns = new Uint32Array(numbers.size);
  kept.forEach((feature, place) => {
    columns[feature] = place + 1;
  });
  const pointers = new Uint32Array(items.length + 1);
  const entries: Array<number> = [];
  all.forEach((features, item) => {
    entries.push(0);
    for (const feature of features) if (columns[feature]! > 0) entries.push(columns[feature]!);
    pointers[item + 1] = entries.length;
  });
  const scales = Float64Array.from(items, (_, item) => 1 / Math.sqrt(pointers[item + 1]! - pointers[item]!));
  return { rows: { pointers, features: Uint32Array.from(entries), scales }, features: kept.length + 1 };
};

export interface Placed {
  /** Items that were not learnt from, and now have a vector. */
  readonly items: Uint32Array;
  /** items × rank, row-major. */
  readonly vectors: Float32Array;
}

/**
 * Vectors of the items that `learntFrom` counts no interactions of, by what they have in common with those of which it does
 * (`itemFactors`, items × rank); none for an item of which no feature is known to the map.
 */
export const placeByAttributes = (
  items: ReadonlyArray<Description>,
  itemFactors: Float32Array,
  rank: number,
  learntFrom: ArrayLike<number>,
  options: AttributeOptions = attributeDefaults,
): Placed => {
  const { features, rows } = describe(items, learntFrom, options);
  const isPlaced = (item: number): boolean =>
    !(learntFrom[item]! > 0) && rows.pointers[item + 1]! - rows.pointers[item]! > 1;
  const placed = Uint32Array.from([...items.keys()].filter(isPlaced));
  const map =
    placed.length === 0
      ? undefined
      : fitRidge({
          rows,
          features,
          targets: itemFactors,
          width: rank,
          weights: Float64Array.from(items, (_, item) => Math.sqrt(learntFrom[item]!)),
          penalty: options.penalty,
        });
  if (map === undefined) return { items: new Uint32Array(0), vectors: new Float32Array(0) };
  const vectors = new Float32Array(placed.length * rank);
  const vector = new Float64Array(rank);
  placed.forEach((item, n) => {
    applyRidge(rows, item, map, rank, vector);
    vectors.set(vector, n * rank);
  });
  return { items: placed, vectors };
};

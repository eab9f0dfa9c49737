/**
 * Attributes: from what an item is to where it would lie among the factors, so that an item without interactions has a vector.
 *
 * A ridge map: minimises Σ_i w_i |y_i − Wᵀa_i|² + μ|W|² over items that have been learnt from, a_i of length 1, and ŷ = Wᵀa for any
 * item. Features of a_i: those of `domain/Features.ts`, and one that all have; of those that two or more learnt items have, the
 * `mostFeatures` that most have. Gantner, Drumond, Freudenthaler, Rendle, Schmidt-Thieme, "Learning Attribute-to-Feature Mappings
 * for Cold-Start Recommendations", ICDM 2010. w is the root of an item's number of users.
 *
 * Such vectors tell new items apart, not new from learnt: lying where their kind lies, they are nearer to many than a learnt
 * item is, and ranked among all they take its place. They are for places that are kept for new items. At 105,000 items and
 * rank 64 fitting takes some four seconds.
 */
import type { AttributeMap } from "../domain/AttributeMap.ts";
import { fitRidge, type SparseRows } from "../kernels/Ridge.ts";

/** The features of an item, each once; see `domain/Features.ts`. */
export type Features = ReadonlyArray<string>;

export interface AttributeOptions {
  /** μ, against rows of length 1. */
  readonly penalty: number;
  readonly mostFeatures: number;
}

export const attributeDefaults: AttributeOptions = { penalty: 10, mostFeatures: 1024 };

/** Items that must have a feature. */
const leastItems = 2;
/** Of the feature that all items have. */
const common = "";

/** Of the features of two or more learnt items the `mostFeatures` that most have, and before them the one that all have. */
const choose = (
  items: ReadonlyArray<Features>,
  learntFrom: ArrayLike<number>,
  { mostFeatures }: AttributeOptions,
): ReadonlyArray<string> => {
  const counts = new Map<string, number>();
  items.forEach((features, item) => {
    if (learntFrom[item]! > 0) for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  });
  const kept = [...counts]
    .filter(([, count]) => count >= leastItems)
    .sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .slice(0, mostFeatures - 1);
  return [common, ...kept.map(([feature]) => feature)];
};

/** The numbers of an item's features that the map knows, ascending, so that they add up to the same in whatever order they came. */
const numbersOf = (features: Features, numbers: ReadonlyMap<string, number>): ReadonlyArray<number> => {
  const found = [0];
  for (const feature of features) {
    const number = numbers.get(feature);
    if (number !== undefined && number > 0) found.push(number);
  }
  return found.sort((a, b) => a - b);
};

const numbered = (features: ReadonlyArray<string>): ReadonlyMap<string, number> =>
  new Map(features.map((feature, number) => [feature, number]));

const rowsOf = (items: ReadonlyArray<Features>, numbers: ReadonlyMap<string, number>): SparseRows => {
  const pointers = new Uint32Array(items.length + 1);
  const entries: Array<number> = [];
  items.forEach((features, item) => {
    for (const number of numbersOf(features, numbers)) entries.push(number);
    pointers[item + 1] = entries.length;
  });
  const scales = Float64Array.from(items, (_, item) => 1 / Math.sqrt(pointers[item + 1]! - pointers[item]!));
  return { pointers, features: Uint32Array.from(entries), scales };
};

/**
 * The map that fits the items that `learntFrom` counts interactions of (`itemFactors`, items × rank); undefined where they have
 * nothing in common, and where a factor is not finite.
 */
export const fitAttributes = (
  items: ReadonlyArray<Features>,
  itemFactors: Float32Array,
  rank: number,
  learntFrom: ArrayLike<number>,
  options: AttributeOptions = attributeDefaults,
): AttributeMap | undefined => {
  const features = choose(items, learntFrom, options);
  if (features.length === 1) return undefined;
  const weights = fitRidge({
    rows: rowsOf(items, numbered(features)),
    features: features.length,
    targets: itemFactors,
    width: rank,
    weights: Float64Array.from(items, (_, item) => Math.sqrt(learntFrom[item]!)),
    penalty: options.penalty,
  });
  return weights === undefined ? undefined : { features, weights: Float32Array.from(weights) };
};

/** Where an item lies by its features; undefined where the map knows none of them. */
export type Place = (features: Features) => Float32Array | undefined;

/** The same features give the same bits, whoever asks. */
export const placing = ({ features, weights }: AttributeMap): Place => {
  const numbers = numbered(features);
  const rank = weights.length / features.length;
  const sums = new Float64Array(rank);
  return (own) => {
    const found = numbersOf(own, numbers);
    if (found.length === 1) return undefined;
    sums.fill(0);
    for (const number of found) {
      const base = number * rank;
      for (let f = 0; f < rank; f++) sums[f]! += weights[base + f]!;
    }
    const scale = 1 / Math.sqrt(found.length);
    const vector = new Float32Array(rank);
    for (let f = 0; f < rank; f++) vector[f] = sums[f]! * scale;
    return vector;
  };
};

export interface Placed {
  /** Items that were not learnt from, and have a vector by the map. */
  readonly items: Uint32Array;
  /** items × rank, row-major. */
  readonly vectors: Float32Array;
}

/** All items that `learntFrom` counts no interactions of, as far as the map places them. */
export const placeUnlearnt = (
  items: ReadonlyArray<Features>,
  map: AttributeMap | undefined,
  learntFrom: ArrayLike<number>,
): Placed => {
  if (map === undefined) return { items: new Uint32Array(0), vectors: new Float32Array(0) };
  const place = placing(map);
  const placed = [...items.keys()].flatMap((item) => {
    const vector = learntFrom[item]! > 0 ? undefined : place(items[item]!);
    return vector === undefined ? [] : [{ item, vector }];
  });
  const rank = map.weights.length / map.features.length;
  const vectors = new Float32Array(placed.length * rank);
  placed.forEach(({ vector }, n) => {
    vectors.set(vector, n * rank);
  });
  return { items: Uint32Array.from(placed, ({ item }) => item), vectors };
};

/**
 * Metrics: what a ranking is worth, each formula once.
 *
 * A ranked list is judged by its hits: the ranks, from 1, at which relevant items stand, ascending and at most k.
 * `relevant` is how many relevant items there are, at least 1, listed or not.
 */

/** The ranks of the relevant items among `recommended` (best first). */
export const hitRanks = (recommended: ArrayLike<number>, relevant: ReadonlySet<number>): ReadonlyArray<number> => {
  const hits: Array<number> = [];
  for (let r = 0; r < recommended.length; r++) if (relevant.has(recommended[r])) hits.push(r + 1);
  return hits;
};

/** Recall@k = |hits| / relevant. */
export const recall = (hits: ReadonlyArray<number>, relevant: number): number => hits.length / relevant;

/**
 * AP@k = Σⱼ (j / rankⱼ) / min(k, relevant), j the number of hits at or above rankⱼ. Its mean over users is MAP@k as the
 * H&M Personalized Fashion Recommendations competition measures it (with k = 12).
 */
export const averagePrecision = (hits: ReadonlyArray<number>, relevant: number, k: number): number => {
  let sum = 0;
  for (let j = 0; j < hits.length; j++) sum += (j + 1) / hits[j];
  return sum / Math.min(k, relevant);
};

/** The gain of a relevant item at `rank`, from 1: 1 / log₂(1 + rank). */
export const gain = (rank: number): number => 1 / Math.log2(1 + rank);

/**
 * NDCG@k = Σ gain(rankⱼ) / Σ gain(r) for r = 1 … min(k, relevant).
 * Järvelin, Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", TOIS 2002; binary relevance.
 */
export const ndcg = (hits: ReadonlyArray<number>, relevant: number, k: number): number => {
  let sum = 0;
  for (const rank of hits) sum += gain(rank);
  let ideal = 0;
  for (let r = 1; r <= Math.min(k, relevant); r++) ideal += gain(r);
  return sum / ideal;
};

/** Hit@k of the one relevant item at `rank`: 1 when it is listed. */
export const hit = (rank: number, k: number): number => (rank <= k ? 1 : 0);

/** NDCG@k of the one relevant item at `rank`. */
export const ndcgOfOne = (rank: number, k: number): number => (rank <= k ? gain(rank) : 0);

/** The reciprocal of the rank of the one relevant item; its mean is MRR@k. */
export const reciprocal = (rank: number, k: number): number => (rank <= k ? 1 / rank : 0);

/**
 * The self-information of each item, −log₂ of its share of `counts`, in bits; an item never counted gets that of a
 * count of 1. Novelty is its mean over what was recommended.
 * Vargas, Castells, "Rank and Relevance in Novelty and Diversity Metrics for Recommender Systems", RecSys 2011.
 */
export const selfInformation = (counts: ArrayLike<number>): Float64Array => {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  const bits = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) bits[i] = Math.log2(Math.max(total, 1) / Math.max(counts[i], 1));
  return bits;
};

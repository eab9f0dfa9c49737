/**
 * Diversity: an order in which each next item is good and unlike those before it: maximal marginal relevance,
 *
 *   next = argmax λ·rel(j) − (1 − λ)·max over the chosen i of ŷⱼ·ŷᵢ,
 *
 * rel the score scaled to 0 … 1 over the candidates, ŷ item vectors of length 1. λ = 1 is the order by score.
 * Carbonell, Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries", SIGIR 1998.
 */
import type { ModelItems } from "../../ports/ItemIndex.ts";
import type { Candidate } from "./Candidate.ts";

/** The vectors of the rows at length 1; of a row without a direction, zeros. */
const unitVectors = (
  rows: ReadonlyArray<number>,
  { rank, vectors }: Pick<ModelItems, "rank" | "vectors">,
): Float64Array => {
  const units = new Float64Array(rows.length * rank);
  rows.forEach((row, n) => {
    let squares = 0;
    for (let f = 0; f < rank; f++) squares += vectors[row * rank + f] ** 2;
    const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let f = 0; f < rank; f++) units[n * rank + f] = inverse * vectors[row * rank + f];
  });
  return units;
};

/** The best `k` of `found`, which stands best first, in the order in which they are chosen; of equals the one that stood first. */
export const diversified = (
  found: ReadonlyArray<Candidate>,
  catalogue: Pick<ModelItems, "rank" | "vectors">,
  lambda: number,
  k: number,
): ReadonlyArray<Candidate> => {
  const known = found.filter(({ row }) => row !== undefined);
  const { rank } = catalogue;
  const units = unitVectors(
    known.map(({ row }) => row as number),
    catalogue,
  );
  const best = known[0]?.score ?? 0;
  const range = best - (known.at(-1)?.score ?? 0);
  /** By candidate, its greatest cosine to what was chosen; 0 before the first. */
  const nearest = new Float64Array(known.length);
  const left = new Set(known.keys());
  const chosen: Array<Candidate> = [];
  while (chosen.length < k && left.size > 0) {
    let next = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (const n of left) {
      const relevance = range > 0 ? 1 - (best - known[n].score) / range : 1;
      const value = lambda * relevance - (1 - lambda) * nearest[n];
      if (value > highest) {
        highest = value;
        next = n;
      }
    }
    left.delete(next);
    for (const n of left) {
      let cosine = 0;
      for (let f = 0; f < rank; f++) cosine += units[n * rank + f] * units[next * rank + f];
      nearest[n] = chosen.length === 0 ? cosine : Math.max(nearest[n], cosine);
    }
    chosen.push(known[next]);
  }
  return chosen;
};

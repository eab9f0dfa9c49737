/** Least: what of a source scores at least so much, and whether there is more of it than was taken. */
import type { Candidate } from "./Candidate.ts";
import type { Gate } from "./Eligibility.ts";

function* atLeast(candidates: Iterable<Candidate>, least: number): Iterable<Candidate> {
  for (const candidate of candidates) {
    if (candidate.score < least) return;
    yield candidate;
  }
}

/** Of candidates that stand best first; all where nothing is asked. */
export const scoring = (candidates: Iterable<Candidate>, least: number | undefined): Iterable<Candidate> =>
  least === undefined ? candidates : atLeast(candidates, least);

/** Looked for as far as the first that passes. */
export const isAnyLeft = (
  sources: ReadonlyArray<Iterable<Candidate>>,
  isEligible: Gate,
  taken: ReadonlyArray<Candidate>,
): boolean => {
  const items = new Set(taken.map(({ itemIdx }) => itemIdx));
  for (const source of sources) {
    for (const candidate of source) if (!items.has(candidate.itemIdx) && isEligible(candidate)) return true;
  }
  return false;
};

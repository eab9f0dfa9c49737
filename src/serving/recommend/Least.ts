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
  // At most as many as an answer holds, and the first that is not among them mostly ends it.
  const isTaken = (itemIdx: number) => taken.some((one) => one.itemIdx === itemIdx);
  for (const source of sources) {
    for (const candidate of source) if (!isTaken(candidate.itemIdx) && isEligible(candidate)) return true;
  }
  return false;
};

/** Least: what of a source scores at least so much, and whether there is more of it than was taken. */
import type { Candidate } from "./Candidate.ts";
import type { Gate } from "./Eligibility.ts";

/** Of candidates that stand best first; all where nothing is asked. */
export function* scoring(candidates: Iterable<Candidate>, least: number | undefined): Iterable<Candidate> {
  if (least === undefined) {
    yield* candidates;
    return;
  }
  for (const candidate of candidates) {
    if (candidate.score < least) return;
    yield candidate;
  }
}

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

/** Select: an answer's items, from the candidates of one source after another. */
import type { Candidate } from "./Candidate.ts";
import type { Gate } from "./Eligibility.ts";

export interface Selection {
  /** At most `k`, in the order in which they were taken, none twice and none that may not be in the answer. */
  readonly chosen: ReadonlyArray<Candidate>;
  readonly isFull: () => boolean;
  /** Takes what may be taken, while there is room. */
  readonly take: (candidates: Iterable<Candidate>) => void;
}

export const makeSelection = (k: number, isEligible: Gate): Selection => {
  const chosen: Array<Candidate> = [];
  const taken = new Set<number>();
  const isFull = (): boolean => chosen.length === k;
  return {
    chosen,
    isFull,
    take: (candidates) => {
      if (isFull()) return;
      for (const candidate of candidates) {
        if (taken.has(candidate.itemIdx) || !isEligible(candidate)) continue;
        taken.add(candidate.itemIdx);
        chosen.push(candidate);
        if (isFull()) return;
      }
    },
  };
};

/**
 * Rotation: lets sink what was shown and not acted on since, so that a list that is looked at again changes:
 *
 *   score′ = score − |score| · r · (1 − 2^(−n)),   n = count · 2^(−(now − last) / h)
 *
 * r: how much, 0 (not at all) to 1; count: how often the item was shown since something was done to it; last: when last, and
 * now, in seconds; h: the half-life of an impression. With r = 1 an item shown once, just now, has half its score; shown
 * often, hardly any; after days, all of it again. Within a source only: it still comes before what the next source fills up with.
 */
import { type ShownItems, unpackShown } from "../../domain/ShownItems.ts";
import type { UserState } from "../../domain/UserState.ts";
import type { Candidate } from "./Candidate.ts";
import type { RecommendQuery } from "./Query.ts";

export interface Sinking {
  /** At most so many items sink: so many candidates more are needed to know which are the best then. */
  readonly items: number;
  /** With the score that is left; the very same where it does not sink. */
  readonly sunk: (candidate: Candidate) => Candidate;
  /** Of candidates that stand best first, in the order of the scores that are left; made as far as they are asked for. */
  readonly reordered: (candidates: Iterable<Candidate>) => Iterable<Candidate>;
}

export const none: Sinking = { items: 0, sunk: (candidate) => candidate, reordered: (candidates) => candidates };

/** `now`: unix seconds; `halfLife`: seconds. */
export const sinkingOf = (shown: ShownItems, rotation: number, halfLife: number, now: number): Sinking => {
  if (rotation === 0 || shown.items.length === 0) return none;
  const shares = new Map<number, number>();
  for (const { count, itemIdx, last } of unpackShown(shown)) {
    const faded = count * 2 ** (-Math.max(0, now - last) / halfLife);
    shares.set(itemIdx, rotation * (1 - 2 ** -faded));
  }
  const sunk = (candidate: Candidate): Candidate => {
    const share = shares.get(candidate.itemIdx);
    if (share === undefined) return candidate;
    const { score } = candidate;
    return { ...candidate, score: Math.fround(score - Math.abs(score) * share), isSunk: true };
  };

  function* reordered(candidates: Iterable<Candidate>): Iterable<Candidate> {
    /** Those that sank so far, the best first; of equals the one that stood first. */
    const waiting: Array<Candidate> = [];
    for (const candidate of candidates) {
      while (waiting.length > 0 && waiting[0].score > candidate.score) yield waiting.shift() as Candidate;
      const left = sunk(candidate);
      if (left === candidate) {
        yield candidate;
        continue;
      }
      let at = waiting.length;
      while (at > 0 && waiting[at - 1].score < left.score) at--;
      waiting.splice(at, 0, left);
    }
    yield* waiting;
  }
  return { items: shares.size, sunk, reordered };
};

/** What sinks of what was shown to the shopper; `now`: unix milliseconds. */
export type Rotate = (query: Pick<RecommendQuery, "rotation">, state: UserState, now: number) => Sinking;

/** `usual`: r of a query that says nothing; `halfLife`: seconds. */
export const rotating =
  (usual: number, halfLife: number): Rotate =>
  ({ rotation = usual }, { shown }, now) =>
    sinkingOf(shown, rotation, halfLife, now / 1000);

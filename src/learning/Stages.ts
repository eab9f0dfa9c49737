/**
 * Stages: how a list comes about of what its sources found: one order for what is served and what is evaluated.
 *
 * First what is the shopper's own: the blend's best of its candidates or, by another learner, what the index finds near to their
 * vector. What that leaves open goes to what is popular now, then to the rest of the catalogue. Nothing comes twice, and all
 * must pass the gate.
 */
import type { Hits } from "../kernels/TopK.ts";
import type { BlendConstants } from "./Blend.ts";
import { candidates } from "./BlendScore.ts";
import type { BlendObserver, BlendRequest, BlendScorer } from "./BlendSearch.ts";

/** How many are asked of the index for a list of `k` by a vector alone: room for what the catalogue lacks, and for re-ranking. */
export const nearest = (k: number): number => Math.min(2 * k, k + 20);

/** How many candidates the blend takes for a list of `k`, beside followers; a source whose part weighs nothing gives none. */
export const besideFollowers = ({ popularity, taste }: Pick<BlendConstants, "popularity" | "taste">, k: number) => ({
  near: taste === 0 ? 0 : Math.max(candidates.taste, 2 * k),
  trending: popularity === 0 ? 0 : Math.max(candidates.trending, 2 * k),
});

export interface Blending {
  readonly constants: BlendConstants;
  readonly scorer: Pick<BlendScorer, "search">;
}

export interface BlendSources extends BlendRequest {
  /**
   * Rows near to the shopper's taste, as many as `besideFollowers` says where there are; not asked for where they cannot matter, as those
   * cannot whose ŷ·v is at most `least`.
   */
  readonly near: (least: number) => ArrayLike<number>;
  /** Rows by popularity, best first, at least as many where there are. */
  readonly trending: ArrayLike<number>;
  readonly allowed: (row: number) => boolean;
  readonly observer?: BlendObserver | undefined;
}

/** The blend's own part of a list of `k`. */
export const blendOwn = (
  { constants, scorer }: Blending,
  { allowed, followers, interactions, near, observer, popularity, trending }: BlendSources,
  k: number,
): Hits => {
  const count = Math.min(trending.length, besideFollowers(constants, k).trending);
  const first = trending instanceof Uint32Array ? trending.subarray(0, count) : Array.from(trending).slice(0, count);
  const asked = { interactions, followers, popularity, allowed, observer, k };
  // Who looks on sees all of them.
  return observer === undefined
    ? scorer.search({ ...asked, candidates: [first], more: near })
    : scorer.search({ ...asked, candidates: [near(Number.NEGATIVE_INFINITY), first] });
};

export interface Sources<C> {
  readonly own: Iterable<C>;
  readonly popular: Iterable<C>;
  readonly rest: Iterable<C>;
}

/** Holds back what is too much of a kind. */
export interface Bound<C> {
  /** Whether as many of its kind as may be are in the list. */
  readonly isOneTooMany: (candidate: C) => boolean;
  /** It is in the list. */
  readonly took: (candidate: C) => void;
}

export const unbounded: Bound<unknown> = { isOneTooMany: () => false, took: () => undefined };

/** Numbers of which a few are gone through sooner than they are looked up. */
const makeTaken = () => {
  const few: Array<number> = [];
  let many: Set<number> | undefined;
  return {
    has: (id: number): boolean => (many === undefined ? few.includes(id) : many.has(id)),
    add: (id: number): void => {
      if (many === undefined && few.length === 32) many = new Set(few);
      if (many === undefined) few.push(id);
      else many.add(id);
    },
  };
};

/**
 * At most `k`, in the order of the stages; each source is looked at only as far as those before it leave room. What the bound holds
 * back comes when nothing else is left.
 */
export const selected = <C>(
  k: number,
  { own, popular, rest }: Sources<C>,
  isEligible: (candidate: C) => boolean,
  idOf: (candidate: C) => number,
  bound: Bound<C> = unbounded,
): ReadonlyArray<C> => {
  const chosen: Array<C> = [];
  const held: Array<C> = [];
  const taken = makeTaken();
  for (const source of [own, popular, rest]) {
    if (chosen.length === k) break;
    for (const candidate of source) {
      const id = idOf(candidate);
      if (taken.has(id) || !isEligible(candidate)) continue;
      taken.add(id);
      if (bound.isOneTooMany(candidate)) {
        held.push(candidate);
        continue;
      }
      bound.took(candidate);
      chosen.push(candidate);
      if (chosen.length === k) break;
    }
  }
  return held.length === 0 ? chosen : [...chosen, ...held.slice(0, k - chosen.length)];
};

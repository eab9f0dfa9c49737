/** BlendSearch: what is asked of the blend's scorer (`BlendScore.ts`), and what it answers. */
import type { Interaction } from "../domain/UserState.ts";
import type { Hits } from "../kernels/TopK.ts";
import type { BlendReasons } from "./BlendReasons.ts";
import type { FollowersOf } from "./FollowerLists.ts";
import type { ItemFactors } from "./Learner.ts";

export interface BlendItems extends ItemFactors {
  /** By row. */
  readonly itemIdx: Uint32Array;
}

/** Who is told of a search while it goes on. */
export interface BlendObserver {
  /** The best followers that may be answered, by first sum, in no order; from here on `allowed` is asked of what the caller added. */
  readonly followed: (rows: ArrayLike<number>, sums: ArrayLike<number>) => void;
}

export interface BlendRequest {
  /** Oldest first. */
  readonly interactions: ReadonlyArray<Interaction>;
  readonly followers: FollowersOf;
  readonly popularity: Popularity;
}

/** How much happens with each item: its share of all events is scores[row] / total. */
export interface Popularity {
  /** By row, at least 0. */
  readonly scores: ArrayLike<number>;
  /** Σ scores; 0 where nothing happened. */
  readonly total: number;
  /** No score is larger. Absent: it is not known. */
  readonly most?: number | undefined;
}

export interface BlendSearch extends BlendRequest {
  /** Rows, in any order, some perhaps twice: those near to the taste, and those that trend. */
  readonly candidates: ReadonlyArray<ArrayLike<number>>;
  /**
   * More of them, which are not asked for where none that is no candidate yet can be among the best: those whose ŷ·v is at most `least`
   * cannot be.
   */
  readonly more?: ((least: number) => ArrayLike<number>) | undefined;
  /** The gate: whether this row may be answered. */
  readonly allowed: (row: number) => boolean;
  readonly k: number;
  readonly observer?: BlendObserver | undefined;
}

export interface BlendScorer {
  /** Takes over what is new about a row's vector, and its inverse length. */
  readonly take: (row: number) => void;
  /** The best `k`, best first, of equal scores the smaller row first; none where the history has no known item. */
  readonly search: (search: BlendSearch) => Hits;
  readonly explain: (request: BlendRequest, row: number) => BlendReasons;
  /** The score of a row, as `explain` has it of the request of the last search. */
  readonly scoreNow: (row: number) => number;
}

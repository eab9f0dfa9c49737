/**
 * Blended: candidates of three sources, scored as one sum: what follows the shopper's last items, by the batch's counts and the
 * stream's since; what is near to their taste, from the item index; and what trends. `learning/BlendScore.ts` has the formula.
 * A source that fails is left out.
 */
import type { Interaction } from "../../domain/UserState.ts";
import type { BlendReasons } from "../../learning/BlendReasons.ts";
import type { FollowersOf } from "../../learning/FollowerLists.ts";
import { besideFollowers, blendOwn } from "../../learning/Stages.ts";
import type { ServingItems } from "../ServingItems.ts";
import type { Serving } from "../ServingModel.ts";
import type { Candidate } from "./Candidate.ts";
import type { Observer } from "./Observer.ts";
import type { Trending } from "./Trending.ts";

export interface Blended {
  /** Best first; none where the model knows none of the shopper's items. */
  readonly candidates: ReadonlyArray<Candidate>;
  /** Why a candidate has its score. */
  readonly reasons: (row: number) => BlendReasons;
  /** That score, of any row; until the next request. */
  readonly scoreOf: (row: number) => number;
}

/** Of whoever did nothing yet. */
export const notBlended: Blended = {
  candidates: [],
  reasons: () => ({ score: 0, because: [], trending: 0 }),
  scoreOf: () => 0,
};

export interface ToBlend {
  /** The shopper's, oldest first. */
  readonly interactions: ReadonlyArray<Interaction>;
  readonly followers: FollowersOf;
  /** What the index finds; not asked for where it cannot matter, as what scores no more than `leastCosine` cannot. */
  readonly near: (leastCosine: number) => ReadonlyArray<{ readonly itemIdx: number }>;
  readonly trending: Pick<Trending, "popularity" | "rows">;
  /** Whether the item of a row may be answered. */
  readonly allowed: (row: number) => boolean;
  readonly observer?: Observer | undefined;
}

/** The best `k`. */
export const blended = (
  blend: NonNullable<Serving["blend"]>,
  { itemIdx, rowOfIdx }: ServingItems,
  { allowed, followers, interactions, near, observer, trending }: ToBlend,
  k: number,
): Blended => {
  const { popularity, rows } = trending;
  const nearRows = (least: number) => {
    const rows: Array<number> = [];
    for (const item of near(least)) {
      const row = rowOfIdx(item.itemIdx);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  };
  observer?.blending(rows, besideFollowers(blend.constants, k).trending);
  const looked = observer?.firstLook(allowed) ?? allowed;
  const sources = { interactions, followers, popularity, near: nearRows, trending: rows, allowed: looked, observer };
  const best = blendOwn({ constants: blend.constants, scorer: blend }, sources, k);
  const candidates: Array<Candidate> = [];
  for (let i = 0; i < best.rows.length; i++) {
    const row = best.rows[i];
    candidates.push({ itemIdx: itemIdx[row], row, source: "personalized", score: best.scores[i] });
  }
  return {
    candidates,
    reasons: (row) => blend.explain({ interactions, followers, popularity }, row),
    scoreOf: blend.scoreNow,
  };
};

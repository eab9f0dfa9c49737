/**
 * Blended: candidates of three sources, scored as one sum: what follows the shopper's last items, by the batch's counts and the
 * stream's since; what is near to their taste, from the item index; and what trends. `learning/BlendScore.ts` has the formula.
 * A source that fails is left out.
 */
import { Effect } from "effect";
import type { Interaction } from "../../domain/UserState.ts";
import type { BlendReasons } from "../../learning/BlendReasons.ts";
import type { BlendRequest } from "../../learning/BlendScore.ts";
import { besideFollowers, blendOwn } from "../../learning/Stages.ts";
import { ItemIndex, type Within } from "../../ports/ItemIndex.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";
import type { Serving } from "../ServingModel.ts";
import type { Candidate } from "./Candidate.ts";
import type { LiveCounts } from "./LiveCounts.ts";
import type { Observer } from "./Observer.ts";
import type { TrendingNow } from "./Trending.ts";

export interface Blended {
  /** Best first; none where the model knows none of the shopper's items. */
  readonly candidates: ReadonlyArray<Candidate>;
  /** Why a candidate has its score. */
  readonly reasons: (row: number) => BlendReasons;
}

const none: Blended = {
  candidates: [],
  reasons: () => ({ score: 0, because: [], trending: 0 }),
};

interface Looking {
  readonly within: Within;
  readonly allowed: (row: number) => boolean;
  readonly observer?: Observer | undefined;
}

export const makeBlended = (waiting: Waiting, trending: TrendingNow, liveCounts: LiveCounts) =>
  Effect.gen(function* () {
    const index = yield* ItemIndex;

    /** `interactions`: the shopper's, oldest first. */
    return (
      serving: Serving,
      interactions: ReadonlyArray<Interaction>,
      k: number,
      { allowed, observer, within }: Looking,
    ): Effect.Effect<Blended> =>
      Effect.gen(function* () {
        const { blend, catalogue, model } = serving;
        if (blend === undefined || interactions.length === 0) return none;
        const { itemIdx, rowOfIdx } = catalogue;
        const rowsOf = (items: Iterable<{ readonly itemIdx: number }>): ReadonlyArray<number> =>
          [...items].flatMap((item) => rowOfIdx(item.itemIdx) ?? []);
        const wanted = besideFollowers(blend.constants, k).near;
        const vector = wanted === 0 ? undefined : blend.tasteOf(interactions);
        const near =
          vector === undefined ? [] : yield* orElse(waiting, "taste", index.search(model, vector, wanted, within), []);
        if (vector !== undefined) observer?.near(vector, wanted, near);
        const { popularity, rows: popular } = yield* trending.of(serving);
        const followers = yield* liveCounts(model, catalogue);
        const request: BlendRequest = { interactions, followers, popularity };
        observer?.blending(popular, besideFollowers(blend.constants, k).trending);
        const looked = observer?.firstLook(allowed) ?? allowed;
        const found = { ...request, near: rowsOf(near), trending: popular, allowed: looked, observer };
        const { rows, scores } = blendOwn({ constants: blend.constants, scorer: blend }, found, k);
        return {
          candidates: Array.from(rows, (row, i): Candidate => {
            return { itemIdx: itemIdx[row], row, source: "personalized", score: scores[i] };
          }),
          reasons: (row) => blend.explain(request, row),
        };
      });
  });

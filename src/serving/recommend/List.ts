/**
 * List: the list of one shopper, stage by stage, as a plain function of what the stores said: so that one request waits for each of them,
 * and many at once for all of them together. `Recommend.ts` asks the stores.
 */
import { Effect } from "effect";
import type { LiveItems } from "../../catalogue/LiveItems.ts";
import type { ItemSet } from "../../domain/ItemSet.ts";
import type { UserState } from "../../domain/UserState.ts";
import type { Where } from "../../domain/Where.ts";
import type { FollowersOf } from "../../learning/FollowerLists.ts";
import { besideFollowers, nearest, selected } from "../../learning/Stages.ts";
import type { Candidate as Near, Within } from "../../ports/ItemIndex.ts";
import type { Serving } from "../ServingModel.ts";
import { type Answer, reasonsOf, recommendationOf } from "./Answer.ts";
import { blended, notBlended } from "./Blended.ts";
import { type Candidate, candidatesOf, isExplained } from "./Candidate.ts";
import { diversified } from "./Diversity.ts";
import { excludedBy, itemIdxOf, makeAllowedRows, makeGate, seenBy } from "./Eligibility.ts";
import { makeExplore } from "./Explore.ts";
import { isAnyLeft, scoring } from "./Least.ts";
import type { Means } from "./Means.ts";
import type { NameList } from "./Naming.ts";
import { nextPage } from "./Page.ts";
import { inOrder, type Passing } from "./Passing.ts";
import type { RecommendQuery } from "./Query.ts";
import type { Rotate } from "./Rotation.ts";
import type { Shopper } from "./Shopper.ts";
import type { Trending } from "./Trending.ts";
import { atMostVariants, withVariants } from "./Variants.ts";

/** Who asks for what. */
export interface Asking {
  readonly serving: Serving;
  readonly query: RecommendQuery;
  readonly shopper: Shopper;
  /** Of pages before. */
  readonly given: ItemSet;
  readonly where: Where | undefined;
  readonly passing: Passing;
  /** Unix milliseconds. */
  readonly begun: number;
  /** The same by `performance.now()`, by which is told how long it took. */
  readonly started: number;
}

/** What stores say of it. */
export interface Said {
  /**
   * What the index finds among these rows (1: it may be answered), best first; none while it fails. By cosine, what scores no more than
   * `leastCosine` may be left out.
   */
  readonly near: (allowed: Uint8Array, leastCosine: number) => ReadonlyArray<Near>;
  readonly trending: Trending;
  /** None where it is not asked for. */
  readonly followers: FollowersOf;
  /** Unix milliseconds: after the last of them answered. */
  readonly now: number;
}

/** What is near to whom is asked for. */
export interface Search {
  /** Undefined where nothing is known of their taste; made when it is first asked for. */
  readonly vector: () => Float32Array | undefined;
  readonly k: number;
  readonly within: Within;
}

export interface Begun {
  /** What to ask of the index; undefined: nothing. */
  readonly search: Search | undefined;
  /** Whether it goes by what follows what. */
  readonly isBlended: boolean;
  /** Reads nothing but what it is given; nothing may come in between once `Said.now` was told. */
  readonly finish: (said: Said) => Answer;
}

export type BeginList = (asking: Asking, by: Pick<Means, "metadata" | "isPaged" | "observer">) => Begun;

export interface Parts {
  readonly live: Pick<LiveItems, "idxOf">;
  readonly nameOf: NameList;
  readonly rotate: Rotate;
  /** Unless the query says. */
  readonly maxVariants: number;
}

export const noFollowers: FollowersOf = () => undefined;

const idOf = ({ itemIdx }: Candidate): number => itemIdx;

/** Made when it is gone through, which most lists' last sources are not. */
const whenAsked = (make: () => Iterable<Candidate>): Iterable<Candidate> => ({
  [Symbol.iterator]: () => make()[Symbol.iterator](),
});

/** The shopper's, made once, when it is asked for. */
const tasteOf = (blend: Serving["blend"], { interactions, vector }: UserState): Search["vector"] => {
  if (blend === undefined) return () => vector;
  let made: { readonly taste: Float32Array | undefined } | undefined;
  return () => {
    made ??= { taste: blend.tasteOf(interactions) };
    return made.taste;
  };
};

export const makeBeginList = ({ live, maxVariants, nameOf, rotate }: Parts) =>
  Effect.map(makeExplore, (explore): BeginList => {
    const allowedRows = makeAllowedRows();
    return (asking, by) => {
      const { begun, given, passing, query, serving, shopper, started, where } = asking;
      const { observer } = by;
      const { blend, catalogue, model } = serving;
      const { state, user } = shopper;
      const { interactions } = state;
      const sinking = rotate(query, state, begun);
      // An item that is not for sale yet has no row, and may have one before the answer is made.
      const idxOf = (id: string) => live.idxOf(serving.itemIdOf(id)) ?? itemIdxOf(id, serving);
      const exclude = excludedBy(query, seenBy(query, state), given, idxOf);
      const within = { rows: passing.rows, where, exclude };
      observer?.asked({ serving, query, passing, exclude, given, idxOf, state, user });
      const { diversity, k, minScore, variants: most = maxVariants } = query;
      const variants = atMostVariants(
        most,
        catalogue,
        given.length === 0 ? [] : Array.from(given, (itemIdx) => catalogue.rowOfIdx(itemIdx)),
      );
      // One more tells whether there is a next page of what scores so much.
      const room = k + sinking.items;
      const wanted = withVariants(
        diversity === undefined ? room + (minScore === undefined ? 0 : 1) : nearest(room),
        most,
      );
      const isBlended = blend !== undefined && interactions.length > 0;
      const isNear = blend === undefined || besideFollowers(blend.constants, wanted).near > 0;
      const taste = tasteOf(blend, state);
      const search =
        isNear && (blend === undefined ? state.vector !== undefined : isBlended)
          ? {
              vector: taste,
              k: blend === undefined ? nearest(room) : besideFollowers(blend.constants, wanted).near,
              within,
            }
          : undefined;

      const finish = ({ followers, near: nearOf, now, trending }: Said): Answer => {
        const rows = allowedRows(passing, exclude, catalogue);
        const allowed = (row: number): boolean => rows[row] === 1;
        const near = (leastCosine = Number.NEGATIVE_INFINITY) => nearOf(rows, leastCosine);
        const vector = observer === undefined ? undefined : search?.vector();
        if (search !== undefined && vector !== undefined) observer?.near(vector, search.k, near());
        const own =
          blend === undefined
            ? undefined
            : isBlended
              ? blended(blend, catalogue, { interactions, followers, near, trending, allowed, observer }, wanted)
              : notBlended;
        const found = own === undefined ? [...candidatesOf("personalized", near(), catalogue)] : own.candidates;
        observer?.scored(found, own?.reasons, sinking.sunk);
        const liked = [...scoring(sinking.reordered(found), minScore)];
        observer?.sunk(liked);
        const gate = makeGate(passing, exclude, now);
        const isEligible = observer?.lastLook(gate, now) ?? gate;
        const popular = () => scoring(sinking.reordered(candidatesOf("trending", trending.best, catalogue)), minScore);
        const rest = () => scoring(sinking.reordered(inOrder(passing.inOrder(), catalogue)), minScore);
        const sources = {
          own: diversity === undefined ? liked : diversified(liked.filter(isEligible), catalogue, diversity, wanted),
          popular: whenAsked(popular),
          rest: whenAsked(rest),
        };
        observer?.ordered(sources.own);
        const chosen = selected(k, sources, isEligible, idOf, variants);
        observer?.selected(chosen);
        const scoreOf = own?.scoreOf;
        const { seed } = query;
        const all = explore(chosen, {
          serving,
          passing,
          now,
          isEligible,
          state,
          user,
          taste,
          scoreOf,
          seed,
          variants,
          minScore,
          sinking,
          isCounted: observer === undefined,
        });
        observer?.explored(all);
        const left = minScore === undefined ? [rest()] : [liked, popular(), rest()];
        const isMore = by.isPaged && all.length === k && isAnyLeft(left, isEligible, all);
        const recommendations = all.map((one, place) => {
          const said = recommendationOf(one, one.row === undefined ? undefined : by.metadata(serving, one.row));
          return own !== undefined && place < (query.explain ?? 0) && isExplained(one.source) && one.row !== undefined
            ? { ...said, reasons: reasonsOf(own.reasons(one.row), catalogue, one) }
            : said;
        });
        return {
          user,
          source: all[0]?.source === "personalized" ? "personalized" : "trending_now",
          model,
          recommendation_id: observer === undefined ? nameOf(now, model, recommendations, given.length, started) : "",
          recommendations,
          next_page: nextPage(query, given, recommendations, isMore),
        };
      };
      return { search, isBlended, finish };
    };
  });

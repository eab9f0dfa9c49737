/**
 * Recommend: the best items for a user, from the serving model.
 *
 * Candidates come from three sources, each asked only for what the one before leaves open: the user's taste (vector →
 * item index by inner product), what is trending, and all items by their buyers. So an answer holds k items while k are
 * eligible, also without a vector and while a store fails. Eligible is what is for sale, passes the request's filters
 * and, unless the request says `seen=none`, was never bought by the user; while the user store fails that is not known.
 * An answer is of one model.
 */
import { Context, Effect, Layer, Option } from "effect";
import { ItemIndex } from "../../ports/ItemIndex.ts";
import { UserStates } from "../../ports/UserStates.ts";
import { makeWaiting, orElse } from "../../vitals/Waiting.ts";
import { makeApplied } from "../Applied.ts";
import { type InvalidInput, NotNow } from "../Errors.ts";
import { type Chosen, type Serving, ServingModel } from "../ServingModel.ts";
import type { LogPositions } from "../Token.ts";
import { type Example, newcomer } from "../TryThis.ts";
import type { Answer, Recommendation } from "./Answer.ts";
import { eligibility, type Filters, itemFilter, needsCatalogue } from "./Eligibility.ts";
import { makeFindShopper, type Shopper, stranger } from "./Shopper.ts";
import { makeTrendingItems } from "./Trending.ts";

export interface RecommendQuery extends Filters {
  /** The shop's own id or, where no customer's id is one, a whole number: the internal index. */
  readonly user: string;
  /** 1 to 50. */
  readonly k: number;
  /** What the user has had to do with, to be left out; by default what was bought. */
  readonly seen?: "bought" | "none" | undefined;
  /** Events that the answer should know of. */
  readonly after?: LogPositions | undefined;
}

export interface RecommendService {
  /**
   * Fails only while no catalogue is loaded and what is known without one does not answer the query; with `after` also for
   * events that the log has not taken, or when too many wait.
   */
  readonly recommend: (query: RecommendQuery) => Effect.Effect<Answer, InvalidInput | NotNow>;
  /** Undefined while no catalogue is loaded, or where it is empty. */
  readonly example: Effect.Effect<Example | undefined>;
}

/** Candidates asked of the index for an answer of `k`: room for items that the catalogue lacks and for re-ranking. */
export const candidates = (k: number): number => Math.min(2 * k, k + 20, 50);

/** Of a user whom shops of any size have. */
const exampleUser = 123;

const make = Effect.gen(function* () {
  const servingModel = yield* ServingModel;
  const users = yield* UserStates;
  const index = yield* ItemIndex;
  const waiting = makeWaiting("api", "answers without it");
  const trendingItems = yield* makeTrendingItems(waiting);
  const findShopper = yield* makeFindShopper;
  const applied = yield* makeApplied;

  const find = ({ model, numericUserIds }: Chosen, user: string): Effect.Effect<Shopper> =>
    orElse(waiting, "shopper", findShopper(model, numericUserIds, user), stranger(user));

  const answerFrom = Effect.fnUntraced(function* (serving: Serving, query: RecommendQuery) {
    const { catalogue, model, order } = serving;
    const { state, user } = yield* find(serving, query.user);
    const filter = itemFilter(query, seenBy(query, state), serving);
    const list = makeList(query.k, serving, eligibility(filter, catalogue));
    if (state.vector !== undefined) {
      const search = index.search(model, state.vector, candidates(query.k), filter);
      for (const { itemIdx, score } of yield* orElse(waiting, "taste", search, [])) {
        list.add(catalogue.rowOfIdx(itemIdx), score, "personalized");
      }
    }
    const source = list.items.length > 0 ? "personalized" : "trending_now";
    if (!list.isFull()) {
      for (const { itemIdx, score } of yield* trendingItems(model)) {
        list.add(catalogue.rowOfIdx(itemIdx), score, "trending");
        if (list.isFull()) break;
      }
    }
    if (!list.isFull()) {
      for (const row of order(filter)) {
        list.add(row, catalogue.buyers[row], "catalogue");
        if (list.isFull()) break;
      }
    }
    return { user, source, model, recommendations: list.items } satisfies Answer;
  });

  /** The batch's best sellers, which is all there is to say while no catalogue is loaded. */
  const withoutCatalogue = Effect.fnUntraced(function* (query: RecommendQuery) {
    const chosen = yield* servingModel.chosen;
    if (chosen === undefined || needsCatalogue(query)) return yield* notYet;
    const best = yield* trendingItems(undefined);
    if (best.length === 0) return yield* notYet;
    const { state, user } = Option.isSome(chosen) ? yield* find(chosen.value, query.user) : stranger(query.user);
    const seen = new Set(seenBy(query, state));
    const recommendations = best
      .filter(({ itemIdx }) => !seen.has(itemIdx))
      .slice(0, query.k)
      .map(({ itemIdx, score }): Recommendation => {
        return { item_idx: itemIdx, score, source: "trending", metadata: null };
      });
    return { user, source: "trending_now", model: null, recommendations } satisfies Answer;
  });

  const answerNow = (serving: Serving | undefined, query: RecommendQuery): Effect.Effect<Answer, NotNow> =>
    serving === undefined ? withoutCatalogue(query) : answerFrom(serving, query);

  const recommend: RecommendService["recommend"] = (query) => {
    const { after } = query;
    if (after === undefined) return Effect.flatMap(servingModel.current, (serving) => answerNow(serving, query));
    return Effect.gen(function* () {
      const caughtUp = yield* applied(after);
      const found = yield* answerNow(caughtUp ?? (yield* servingModel.current), query);
      return { ...found, caught_up: caughtUp !== undefined };
    });
  };

  const example = Effect.gen(function* () {
    const serving = yield* servingModel.current;
    if (serving === undefined) return undefined;
    const ids = yield* Effect.orElseSucceed(users.userIdsOf(serving.model, [exampleUser, 0]), () => []);
    const user = ids.find((id) => id !== undefined) ?? newcomer;
    const { recommendations } = yield* answerFrom(serving, { ...asksForAll, user, k: 1 });
    const item = recommendations[0]?.metadata?.article_id;
    return item === undefined ? undefined : { user, item };
  });

  return { recommend, example };
});

export class Recommend extends Context.Tag("slipstream/Recommend")<Recommend, RecommendService>() {
  static readonly layer = Layer.scoped(Recommend, make);
}

const asksForAll: Filters = { excludeIds: [], excludeGroups: [], excludeTypes: [] };

const notYet = Effect.fail(
  new NotNow({
    message: "No model serves yet: it is being loaded, or there is none; then run the batch first.",
  }),
);

const seenBy = (
  { seen = "bought" }: RecommendQuery,
  { bought }: Shopper["state"],
): ArrayLike<number> & Iterable<number> => (seen === "none" ? [] : bought);

/** An answer of at most `k` rows of the catalogue, none twice and none that is not eligible. */
const makeList = (k: number, { catalogue }: Serving, eligible: (row: number) => boolean) => {
  const items: Array<Recommendation> = [];
  const taken = new Set<number>();
  return {
    items,
    isFull: (): boolean => items.length === k,
    /** Takes a row that may be taken, while there is room. */
    add: (row: number | undefined, score: number, source: Recommendation["source"]): void => {
      if (row === undefined || items.length === k || taken.has(row) || !eligible(row)) return;
      taken.add(row);
      items.push({ item_idx: catalogue.itemIdx[row], score, source, metadata: catalogue.metadata[row] });
    },
  };
};

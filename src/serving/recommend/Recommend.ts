/**
 * Recommend: the best items for a user, from the serving model.
 *
 * In stages: the query; candidates, each source taken only for what the ones before leave open (the blend or, by other
 * learners, the user's taste alone; what is popular now; all items by the batch's popularity); the gate, which every candidate
 * must pass; the order by diversity and few variants of a product, where they are asked for; the answer. `learning/Stages.ts` has what of it `evaluate` shares. So an
 * answer holds k items while k are eligible, also without a vector and while a store fails. Eligible is what the live catalogue has for
 * sale at this moment, passes the request's filters and, unless the request says `seen=none`, was never bought by the user; while the user store fails that
 * is not known. An answer is of one model.
 */
import { Context, Duration, Effect, Either, Layer, Option } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { lookupOf, noItems } from "../../domain/ItemSet.ts";
import { selected } from "../../learning/Stages.ts";
import { ItemIndex, type SearchItems } from "../../ports/ItemIndex.ts";
import { UserStates } from "../../ports/UserStates.ts";
import { orElse } from "../../vitals/Waiting.ts";
import { type InvalidInput, NotNow } from "../Errors.ts";
import { wordedBy } from "../Metadata.ts";
import { type Serving, ServingModel } from "../ServingModel.ts";
import { variants as maxVariants, rotating as rotatingSettings } from "../Settings.ts";
import type { Example } from "../TryThis.ts";
import { type Answer, recommendationOf } from "./Answer.ts";
import { type Candidate, candidatesOf } from "./Candidate.ts";
import { asksOfItems, conditionOf, excludedBy, gateWithoutModel, seenBy } from "./Eligibility.ts";
import { exampleIn } from "./Example.ts";
import { isAnyLeft, scoring } from "./Least.ts";
import { makeBeginList, noFollowers, type Said, type Search } from "./List.ts";
import type { Means } from "./Means.ts";
import type { Observer } from "./Observer.ts";
import { givenBy, nextPage } from "./Page.ts";
import type { RecommendQuery } from "./Query.ts";
import { rotating } from "./Rotation.ts";
import { Shared } from "./Shared.ts";
import { havingDone, type Shopper, stranger } from "./Shopper.ts";

export type AnswerAtOnce = (query: RecommendQuery, shopper: Shopper) => Either.Either<Answer, InvalidInput>;

export interface RecommendService {
  /**
   * Fails only while no catalogue is loaded and what is known without one does not answer the query; with `after` also for
   * events that the log has not taken, or when too many wait. What an observer is told of is not counted, and has no id.
   */
  readonly recommend: (query: RecommendQuery, observer?: Observer) => Effect.Effect<Answer, InvalidInput | NotNow>;
  /** As `recommend`, by this model and these means; of no events to wait for. */
  readonly answerBy: (
    serving: Serving | undefined,
    query: RecommendQuery,
    by: Means,
  ) => Effect.Effect<Answer, InvalidInput | NotNow>;
  /**
   * The same as a plain function, of shoppers who were found, by what the stores say now: for a moment, in which many are answered.
   * Undefined where not all that is searched is in memory.
   */
  readonly answerAtOnce: (serving: Serving, by: Omit<Means, "find">) => Effect.Effect<AnswerAtOnce | undefined>;
  /** Undefined while no catalogue is loaded, or where it is empty. */
  readonly example: Effect.Effect<Example | undefined>;
}

const idOf = ({ itemIdx }: Candidate): number => itemIdx;

const nothingOut = lookupOf(noItems);

const nothingNear: Said["near"] = () => [];

/** Of what is allowed by then. */
const nearIn =
  (searchIn: SearchItems, { k, vector, within: { where } }: Search): Said["near"] =>
  (rows, leastCosine) => {
    const taste = vector();
    return taste === undefined ? [] : searchIn(taste, k, { rows, where, exclude: nothingOut, leastCosine });
  };

const make = Effect.gen(function* () {
  const servingModel = yield* ServingModel;
  const live = yield* LiveCatalogue;
  const users = yield* UserStates;
  const { applied, find, liveCounts, nameOf, tick, trending, waiting } = yield* Shared;
  const index = yield* ItemIndex;
  const rotate = rotating(
    yield* rotatingSettings.rotation.config,
    Duration.toSeconds(yield* rotatingSettings.halfLife.config),
  );
  const begin = yield* makeBeginList({ live, nameOf, rotate, maxVariants: yield* maxVariants.config });

  const alone: Means = { find, conditionOf, metadata: ({ catalogue }, row) => catalogue.metadata(row), isPaged: true };

  /** In this visit, too. */
  const visiting = (serving: Serving, shopper: Shopper, { context = [] }: RecommendQuery, now: number): Shopper =>
    context.length === 0 ? shopper : { ...shopper, state: havingDone(serving, shopper.state, context, now / 1000) };

  const begun = Effect.fnUntraced(function* (serving: Serving, query: RecommendQuery, by: Means) {
    const started = performance.now();
    const given = yield* givenBy(query);
    const where = yield* by.conditionOf(query, live.columns.seen);
    const begun = yield* tick;
    const passing = serving.passing.of(where);
    const found = query.user === null ? stranger(null) : yield* by.find(serving, query.user);
    const shopper = visiting(serving, found, query, begun);
    return begin({ serving, query, shopper, given, where, passing, begun, started }, by);
  });

  /** Finds what is near: when it is asked for, where the index is in memory, which it mostly need not be; else now. */
  const finding = Effect.fnUntraced(function* (model: string, search: Search) {
    const searchIn = yield* orElse(waiting, "taste", index.inMemory(model), undefined);
    if (searchIn !== undefined) return nearIn(searchIn, search);
    const taste = search.vector();
    if (taste === undefined) return nothingNear;
    const found = yield* orElse(waiting, "taste", index.search(model, taste, search.k, search.within), []);
    return () => found;
  });

  const answerFrom = Effect.fnUntraced(function* (serving: Serving, query: RecommendQuery, by: Means) {
    const { catalogue, model } = serving;
    const { finish, isBlended, search } = yield* begun(serving, query, by);
    const near = search === undefined ? nothingNear : yield* finding(model, search);
    const trends = yield* trending.of(serving);
    const followers = isBlended ? yield* liveCounts(model, catalogue) : noFollowers;
    return finish({ near, trending: trends, followers, now: yield* tick });
  });

  const answerAtOnce: RecommendService["answerAtOnce"] = (serving, by) =>
    Effect.gen(function* () {
      const { catalogue, model } = serving;
      const searchIn = yield* orElse(waiting, "taste", index.inMemory(model), undefined);
      if (searchIn === undefined) return undefined;
      const trends = yield* trending.of(serving);
      const followers = serving.blend === undefined ? noFollowers : yield* liveCounts(model, catalogue);
      const clock = yield* Effect.clock;
      yield* live.current;
      return (query, shopper) => {
        const started = performance.now();
        const now = clock.unsafeCurrentTimeMillis();
        live.advance(now);
        return Either.flatMap(givenBy(query), (given) =>
          Either.map(by.conditionOf(query, live.columns.seen), (where) => {
            const passing = serving.passing.of(where);
            const asked = visiting(serving, shopper, query, now);
            const asking = { serving, query, shopper: asked, given, where, passing, begun: now, started };
            const { finish, search } = begin(asking, by);
            const near = search === undefined ? nothingNear : nearIn(searchIn, search);
            return finish({ near, trending: trends, followers, now });
          }),
        );
      };
    });

  /** All that the catalogue has for sale, in the order of their indices. */
  function* listed(now: number): Iterable<Candidate> {
    for (let itemIdx = 0; itemIdx < live.size(); itemIdx++) {
      if (live.isOpen(itemIdx, now) === true) yield { itemIdx, row: undefined, source: "catalogue", score: 0 };
    }
  }

  /** The batch's best sellers, then what else is for sale: all there is to say while no model is loaded. */
  const withoutModel = Effect.fnUntraced(function* (query: RecommendQuery, by: Means) {
    const started = performance.now();
    const known = yield* servingModel.chosen;
    if (known === undefined || !live.isReady() || (live.size() === 0 && asksOfItems(query))) return yield* notYet;
    const given = yield* givenBy(query);
    const where = yield* by.conditionOf(query, live.columns.seen);
    const best = yield* trending.bestSellers;
    if (best.length === 0 && live.size() === 0) return yield* notYet;
    const { state, user } =
      query.user !== null && Option.isSome(known) ? yield* by.find(known.value, query.user) : stranger(query.user);
    const now = yield* tick;
    const exclude = excludedBy(query, seenBy(query, state), given, live.idxOf);
    const { reordered } = rotate(query, state, now);
    const popular = () => scoring(reordered(candidatesOf("trending", best, undefined)), query.minScore);
    const rest = () => scoring(reordered(listed(now)), query.minScore);
    const isEligible = gateWithoutModel(live, where, exclude, now);
    const chosen = selected(query.k, { own: [], popular: popular(), rest: rest() }, isEligible, idOf);
    const isMore = by.isPaged && chosen.length === query.k && isAnyLeft([popular(), rest()], isEligible, chosen);
    const recommendations = chosen.map((one) =>
      recommendationOf(one, live.isOpen(one.itemIdx, now) === undefined ? undefined : wordedBy(live, one.itemIdx)),
    );
    return {
      user,
      source: "trending_now",
      model: null,
      recommendation_id: nameOf(now, null, recommendations, given.length, started),
      recommendations,
      next_page: nextPage(query, given, recommendations, isMore),
    } satisfies Answer;
  });

  const answerBy: RecommendService["answerBy"] = (serving, query, by) =>
    serving === undefined ? withoutModel(query, by) : answerFrom(serving, query, by);

  const recommend: RecommendService["recommend"] = (query, observer) => {
    const { after } = query;
    const by = observer === undefined ? alone : { ...alone, observer };
    if (after === undefined) return Effect.flatMap(servingModel.current, (serving) => answerBy(serving, query, by));
    return Effect.gen(function* () {
      const caughtUp = yield* applied(after);
      const found = yield* answerBy(caughtUp ?? (yield* servingModel.current), query, by);
      return { ...found, caught_up: caughtUp !== undefined };
    });
  };

  const example = exampleIn(servingModel.current, users, (serving, query) => answerFrom(serving, query, alone));

  return { recommend, answerBy, answerAtOnce, example };
});

export class Recommend extends Context.Tag("slipstream/Recommend")<Recommend, RecommendService>() {
  static readonly layer = Layer.scoped(Recommend, make);
}

const notYet = Effect.fail(
  new NotNow({ message: "No model serves yet: it is being loaded, or there is none; then run the batch first." }),
);

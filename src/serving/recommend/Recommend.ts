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
import { Context, Duration, Effect, Layer, Option } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import type { UserState } from "../../domain/UserState.ts";
import { nearest, selected } from "../../learning/Stages.ts";
import { UserStates } from "../../ports/UserStates.ts";
import { type InvalidInput, NotNow } from "../Errors.ts";
import { wordedBy } from "../Metadata.ts";
import { type Serving, ServingModel } from "../ServingModel.ts";
import { variants as maxVariants, rotating } from "../Settings.ts";
import type { Example } from "../TryThis.ts";
import { type Answer, reasonsOf, recommendationOf } from "./Answer.ts";
import { makeBlended } from "./Blended.ts";
import { type Candidate, candidatesOf, isExplained } from "./Candidate.ts";
import { diversified } from "./Diversity.ts";
import {
  asksOfItems,
  conditionOf,
  excludedBy,
  firstLook,
  gateWithoutModel,
  itemIdxOf,
  makeGate,
  seenBy,
} from "./Eligibility.ts";
import { exampleIn } from "./Example.ts";
import { makeExplore } from "./Explore.ts";
import { isAnyLeft, scoring } from "./Least.ts";
import type { Means } from "./Means.ts";
import type { Observer } from "./Observer.ts";
import { givenBy, nextPage } from "./Page.ts";
import { inOrder } from "./Passing.ts";
import type { RecommendQuery } from "./Query.ts";
import { sinkingOf } from "./Rotation.ts";
import { Shared } from "./Shared.ts";
import { havingDone, type Shopper, stranger } from "./Shopper.ts";
import { makeTaste } from "./Taste.ts";
import { atMostVariants, withVariants } from "./Variants.ts";

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
  /** Undefined while no catalogue is loaded, or where it is empty. */
  readonly example: Effect.Effect<Example | undefined>;
}

const idOf = ({ itemIdx }: Candidate): number => itemIdx;

const make = Effect.gen(function* () {
  const servingModel = yield* ServingModel;
  const live = yield* LiveCatalogue;
  const users = yield* UserStates;
  const mostVariants = yield* maxVariants.config;
  const { applied, find, liveCounts, nameOf, tick, trending, waiting } = yield* Shared;
  const taste = yield* makeTaste(waiting);
  const blended = yield* makeBlended(waiting, trending, liveCounts);
  const explore = yield* makeExplore;

  const mostRotation = yield* rotating.rotation.config;
  const halfLife = Duration.toSeconds(yield* rotating.halfLife.config);

  /** What sinks of what was shown to the shopper; `now`: unix milliseconds. */
  const sinkingFor = ({ rotation = mostRotation }: RecommendQuery, { shown }: UserState, now: number) =>
    sinkingOf(shown, rotation, halfLife, now / 1000);

  const alone: Means = { find, conditionOf, metadata: ({ catalogue }, row) => catalogue.metadata(row), isPaged: true };

  const shopperOf = (
    serving: Serving,
    { context = [], user }: RecommendQuery,
    find: Means["find"],
    now: number,
  ): Effect.Effect<Shopper> => {
    const stored = user === null ? Effect.succeed(stranger(null)) : find(serving, user);
    return context.length === 0
      ? stored
      : Effect.map(stored, (shopper) => ({
          ...shopper,
          state: havingDone(serving, shopper.state, context, now / 1000),
        }));
  };

  const answerFrom = Effect.fnUntraced(function* (serving: Serving, query: RecommendQuery, by: Means) {
    const started = performance.now();
    const { catalogue, model } = serving;
    const { observer } = by;
    const given = yield* givenBy(query);
    const where = yield* by.conditionOf(query, live.columns.seen);
    const begun = yield* tick;
    const passing = serving.passing.of(where, begun);
    const { state, user } = yield* shopperOf(serving, query, by.find, begun);
    const sinking = sinkingFor(query, state, begun);
    // An item that is not for sale yet has no row, and may have one before the answer is made.
    const idxOf = (id: string) => live.idxOf(serving.itemIdOf(id)) ?? itemIdxOf(id, serving);
    const exclude = excludedBy(query, seenBy(query, state), given, idxOf);
    const within = { rows: passing.rows, where, exclude };
    observer?.asked({ serving, query, passing, exclude, given, idxOf, state, user });
    const { diversity, k, minScore, variants: most = mostVariants } = query;
    const variants = atMostVariants(
      most,
      catalogue,
      Array.from(given, (itemIdx) => catalogue.rowOfIdx(itemIdx)),
    );
    // One more tells whether there is a next page of what scores so much.
    const room = k + sinking.items;
    const wanted = withVariants(
      diversity === undefined ? room + (minScore === undefined ? 0 : 1) : nearest(room),
      most,
    );
    const allowed = firstLook(passing, exclude, catalogue.itemIdx);
    const own =
      serving.blend === undefined
        ? undefined
        : yield* blended(serving, state.interactions, wanted, { within, allowed, observer });
    const found = own === undefined ? yield* taste(serving, state.vector, room, within, observer) : own.candidates;
    observer?.scored(found, own?.reasons, sinking.sunk);
    const liked = [...scoring(sinking.reordered(found), minScore)];
    observer?.sunk(liked);
    const { best } = yield* trending.of(serving);
    const now = yield* tick;
    const gate = makeGate(passing, exclude, now);
    const isEligible = observer?.lastLook(gate, now) ?? gate;
    const popular = () => scoring(sinking.reordered(candidatesOf("trending", best, catalogue)), minScore);
    const rest = () => scoring(sinking.reordered(inOrder(passing.inOrder(), catalogue)), minScore);
    const sources = {
      own: diversity === undefined ? liked : diversified(liked.filter(isEligible), catalogue, diversity, wanted),
      popular: popular(),
      rest: rest(),
    };
    observer?.ordered(sources.own);
    const chosen = selected(k, sources, isEligible, idOf, variants);
    const scoreOf = own === undefined ? undefined : (row: number) => own.reasons(row).score;
    observer?.selected(chosen);
    const asked = {
      isCounted: observer === undefined,
      serving,
      passing,
      now,
      isEligible,
      state,
      user,
      scoreOf,
      seed: query.seed,
      variants,
      minScore,
      sinking,
    };
    const all = explore(chosen, asked);
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
    } satisfies Answer;
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
    const { reordered } = sinkingFor(query, state, now);
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

  return { recommend, answerBy, example };
});

export class Recommend extends Context.Tag("slipstream/Recommend")<Recommend, RecommendService>() {
  static readonly layer = Layer.scoped(Recommend, make);
}

const notYet = Effect.fail(
  new NotNow({ message: "No model serves yet: it is being loaded, or there is none; then run the batch first." }),
);

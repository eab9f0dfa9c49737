/**
 * Lists: items that are like one, that go with one, or that trend.
 *
 * Each is a list of sources, each taken for what the ones before leave open, and each candidate must pass the gate of
 * `recommend/Eligibility.ts`. Similar: near by taste; what follows the item; of its own type and then its group what trends and what
 * else there is; all others. Bought together: what follows the item; what is near to it; what trends; all others. Trending: what is
 * popular now among what the filter lets through; all others. Within each source sinks what was shown to the `user`
 * (`recommend/Rotation.ts`). So an answer holds k items while k are eligible, also while a store
 * fails. While no model serves, what is known of best sellers and of the catalogue stands in.
 */
import { Context, Duration, Effect, Layer } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { selected } from "../../learning/Stages.ts";
import { formerHalfLife } from "../../learning/Trending.ts";
import type { InvalidInput, NotNow, ServingError } from "../Errors.ts";
import { recommendationOf } from "../recommend/Answer.ts";
import { type Candidate, candidatesOf } from "../recommend/Candidate.ts";
import { conditionOf, excludedBy, firstLook, itemIdxOf, makeGate, seenBy } from "../recommend/Eligibility.ts";
import { inOrder } from "../recommend/Passing.ts";
import type { RecommendQuery } from "../recommend/Query.ts";
import { Recommend } from "../recommend/Recommend.ts";
import { rotating } from "../recommend/Rotation.ts";
import { Shared } from "../recommend/Shared.ts";
import { stranger } from "../recommend/Shopper.ts";
import { type Trending, trendingItems } from "../recommend/Trending.ts";
import { atMostVariants, withVariants } from "../recommend/Variants.ts";
import { type Serving, ServingModel } from "../ServingModel.ts";
import { variants as maxVariants, rotating as rotatingSettings } from "../Settings.ts";
import { aliked } from "./Alike.ts";
import { type AskedHalfLife, halfLifeAsked } from "./AskedHalfLife.ts";
import { makeFollowing } from "./Following.ts";
import { knownItem, unknownItem } from "./KnownItem.ts";
import type { AroundAnswer, AroundItem, TrendingAnswer } from "./ListAnswer.ts";
import { type Looking, near } from "./Near.ts";

/** `user`: whose items are left out. */
export type ListQuery = Omit<RecommendQuery, "context" | "page" | "diversity" | "seed" | "explain">;

export interface AroundQuery extends ListQuery {
  /** The shop's own id or, where no item's id is a whole number, the internal index. */
  readonly item: string;
}

export interface TrendingQuery extends ListQuery {
  /** Undefined: the model's own. */
  readonly halfLife: AskedHalfLife | undefined;
}

export interface ListsService {
  readonly similar: (query: AroundQuery) => Effect.Effect<AroundAnswer, ServingError>;
  readonly boughtTogether: (query: AroundQuery) => Effect.Effect<AroundAnswer, ServingError>;
  readonly trending: (query: TrendingQuery) => Effect.Effect<TrendingAnswer, InvalidInput | NotNow>;
}

type Source = () => Iterable<Candidate>;

/** In this order; the last two are what is popular, and all there is. */
type Sources = readonly [own: ReadonlyArray<Source>, popular: Source, rest: Source];

interface Found {
  readonly user: string | null;
  readonly recommendation_id: string;
  readonly recommendations: ReadonlyArray<AroundItem>;
}

const idOf = ({ itemIdx }: Candidate): number => itemIdx;

function* atLeast(candidates: Iterable<Candidate>, least = Number.NEGATIVE_INFINITY): Iterable<Candidate> {
  for (const candidate of candidates) if (candidate.score >= least) yield candidate;
}

function* inTurn(sources: ReadonlyArray<Source>): Iterable<Candidate> {
  for (const source of sources) yield* source();
}

const make = Effect.gen(function* () {
  const servingModel = yield* ServingModel;
  const live = yield* LiveCatalogue;
  const { recommend } = yield* Recommend;
  const { applied, find, liveCounts, nameOf, tick, trending } = yield* Shared;
  const mostVariants = yield* maxVariants.config;
  const rotate = rotating(
    yield* rotatingSettings.rotation.config,
    Duration.toSeconds(yield* rotatingSettings.halfLife.config),
  );
  const following = makeFollowing(liveCounts);

  /** `itself`: the item that is asked about, which is not in its own list. */
  const listOf = Effect.fnUntraced(function* (
    serving: Serving,
    query: ListQuery,
    itself: ReadonlyArray<number>,
    look: (looking: Looking) => Effect.Effect<Sources>,
  ) {
    const started = performance.now();
    const { catalogue, model } = serving;
    const where = yield* conditionOf(query, live.columns.seen);
    const begun = yield* tick;
    const passing = serving.passing.of(where);
    const { state, user } = query.user === null ? stranger(null) : yield* find(serving, query.user);
    // An item that is not for sale yet has no row, and may have one before the answer is made.
    const idxOf = (id: string) => live.idxOf(serving.itemIdOf(id)) ?? itemIdxOf(id, serving);
    const exclude = excludedBy(query, seenBy(query, state), itself, idxOf);
    const { k, minScore, variants: most = mostVariants } = query;
    const sinking = rotate(query, state, begun);
    const [own, popular, rest] = yield* look({
      serving,
      passing,
      exclude,
      allowed: firstLook(passing, exclude, catalogue.itemIdx),
      room: withVariants(k + sinking.items, most),
      k,
      least: minScore,
    });
    const now = yield* tick;
    const ranked = (source: Source): Source => {
      return () => atLeast(sinking.reordered(source()), minScore);
    };
    const sources = { own: inTurn(own.map(ranked)), popular: ranked(popular)(), rest: ranked(rest)() };
    const isEligible = makeGate(passing, exclude, now);
    const chosen = selected(k, sources, isEligible, idOf, atMostVariants(most, catalogue));
    const recommendations = chosen.map(
      (one): AroundItem => ({
        ...recommendationOf(one, one.row === undefined ? undefined : catalogue.metadata(one.row)),
        ...(one.support === undefined ? {} : { support: one.support }),
      }),
    );
    const recommendation_id = nameOf(now, model, recommendations, 0, started);
    return { user, recommendation_id, recommendations } satisfies Found;
  });

  /** So deep that something is left where those before took what trends, and of a type there are some. */
  const popularOf = ({ among }: Trending, { exclude, passing, room, serving }: Looking): Source => {
    let best: ReturnType<Trending["among"]> | undefined;
    return () => {
      best ??= among(passing.rows, trendingItems + room + exclude.size);
      return candidatesOf("trending", best, serving.catalogue);
    };
  };
  const restOf =
    ({ passing, serving }: Looking): Source =>
    () =>
      inOrder(passing.inOrder(), serving.catalogue);

  const similarTo = (row: number | undefined, itemIdx: number) =>
    Effect.fnUntraced(function* (looking: Looking): Effect.fn.Return<Sources> {
      const { serving } = looking;
      const alike = yield* near(looking, row);
      const followers = yield* following(serving, row);
      const trends = yield* trending.of(serving);
      const [popular, rest] = [popularOf(trends, looking), restOf(looking)];
      const same = aliked(live, serving.catalogue, row, itemIdx);
      const closer = same.flatMap((is) => [popular, rest].map((source) => () => only(source(), is)));
      return [[() => alike, () => followers, ...closer], popular, rest];
    });

  const boughtWith = (row: number | undefined) =>
    Effect.fnUntraced(function* (looking: Looking): Effect.fn.Return<Sources> {
      const followers = yield* following(looking.serving, row);
      const { allowed, least, room } = looking;
      const isEnough =
        least === undefined && followers.filter(({ row }) => row !== undefined && allowed(row)).length >= room;
      const alike = isEnough ? [] : yield* near(looking, row);
      const trends = yield* trending.of(looking.serving);
      return [[() => followers, () => alike], popularOf(trends, looking), restOf(looking)];
    });

  /** What is answered while no model serves. */
  const withoutModel = (query: ListQuery): Effect.Effect<Found, InvalidInput | NotNow> =>
    Effect.map(recommend({ ...query, after: undefined }), ({ recommendation_id, recommendations, user }) => ({
      user,
      recommendation_id,
      recommendations,
    }));

  /** By the model that has applied what the query names, or else the one that serves. */
  const answered = <A extends object, E>(
    { after }: ListQuery,
    answer: (serving: Serving | undefined) => Effect.Effect<A, E>,
  ): Effect.Effect<A & { readonly caught_up?: boolean }, E | InvalidInput | NotNow> =>
    after === undefined
      ? Effect.flatMap(servingModel.current, answer)
      : Effect.gen(function* () {
          const caughtUp = yield* applied(after);
          return {
            ...(yield* answer(caughtUp ?? (yield* servingModel.current))),
            caught_up: caughtUp !== undefined,
          };
        });

  const around = (
    query: AroundQuery,
    look: (row: number | undefined, itemIdx: number) => (looking: Looking) => Effect.Effect<Sources>,
  ) =>
    answered(query, (serving) =>
      Effect.gen(function* () {
        const item = knownItem(live, serving, query.item);
        if (serving === undefined) {
          if (item === undefined && live.isReady()) return yield* unknownItem(query.item);
          const found = yield* withoutModel({ ...query, excludeIds: [...query.excludeIds, query.item] });
          return { item: query.item, model: null, ...found };
        }
        if (item === undefined) return yield* unknownItem(query.item);
        const found = yield* listOf(serving, query, [item.itemIdx], look(item.row, item.itemIdx));
        return { item: item.itemId, model: serving.model, ...found };
      }),
    );

  const trendingNow = (query: TrendingQuery) =>
    answered(query, (serving) =>
      Effect.gen(function* () {
        if (serving === undefined) {
          const found = yield* withoutModel(query);
          return { half_life_seconds: null, model_half_life_seconds: null, model: null, ...found };
        }
        const own = serving.trained.halfLifeSeconds ?? formerHalfLife;
        const asked = query.halfLife?.seconds ?? own;
        const told = asked === own ? undefined : yield* trending.by(serving, asked);
        const halfLife = told === undefined ? yield* halfLifeAsked(query.halfLife, own) : asked;
        const look = (looking: Looking) =>
          Effect.map(
            told === undefined ? trending.of(serving, halfLife) : Effect.succeed(told),
            (trends): Sources => [[], popularOf(trends, looking), restOf(looking)],
          );
        return {
          half_life_seconds: halfLife,
          model_half_life_seconds: own,
          model: serving.model,
          ...(yield* listOf(serving, query, [], look)),
        };
      }),
    );

  return {
    similar: (query) => around(query, similarTo),
    boughtTogether: (query) => around(query, boughtWith),
    trending: trendingNow,
  } satisfies ListsService as ListsService;
});

function* only(candidates: Iterable<Candidate>, is: (row: number) => boolean): Iterable<Candidate> {
  for (const candidate of candidates) if (candidate.row !== undefined && is(candidate.row)) yield candidate;
}

export class Lists extends Context.Tag("slipstream/Lists")<Lists, ListsService>() {
  static readonly layer = Layer.effect(Lists, make);
}

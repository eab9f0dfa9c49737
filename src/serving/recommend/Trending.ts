/**
 * Trending: what is popular now, by what the batch counted and the stream since: part of the blend, and what fills an answer up
 * where the shopper is unknown. Stores are asked at most once a second per model.
 */
import { Cache, Clock, Effect } from "effect";
import type { Popularity } from "../../learning/BlendSearch.ts";
import { mergeLadders } from "../../learning/MergeLadders.ts";
import { mostPopular } from "../../learning/Popularity.ts";
import { type BatchPopularity, formerHalfLife, mergePopularity, mergeTrending } from "../../learning/Trending.ts";
import { EventLog } from "../../ports/EventLog.ts";
import { Popular, type PopularItems } from "../../ports/Popular.ts";
import { type PartitionTrend, UserStates } from "../../ports/UserStates.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";
import type { Serving } from "../ServingModel.ts";
import { makeItemTrends } from "./ItemTrends.ts";

/** Most popular items that are known in their order; the catalogue's order goes on from there. */
export const trendingItems = 512;

export interface TrendingItem {
  readonly itemIdx: number;
  readonly score: number;
}

export interface Trending {
  /** By row of the catalogue. */
  readonly popularity: Popularity;
  /** Best first; scores are shares of all that happens or, of a model of before, faded counts of buyers. */
  readonly best: ReadonlyArray<TrendingItem>;
  /** Of the best that the catalogue has, in their order. */
  readonly rows: ArrayLike<number>;
  /** The best `count` of the rows that are 1, in the same order; of a model of before, of those among `best` alone. */
  readonly among: (rows: ArrayLike<number>, count: number) => ReadonlyArray<TrendingItem>;
}

/** What a failing store last said still stands. */
export interface TrendingNow {
  /** `halfLife`: in seconds, where not the model's own; `learning/Trending.ts` says what that means. */
  readonly of: (serving: Serving, halfLife?: number) => Effect.Effect<Trending>;
  /**
   * By any half-life, in seconds, of events by their own times (`learning/TrendLadder.ts`); undefined where not all of them were added up
   * so: of a model of before.
   */
  readonly by: (serving: Serving, halfLife: number) => Effect.Effect<Trending | undefined>;
  /** The batch's best sellers, which is all that is known while no catalogue is loaded. */
  readonly bestSellers: Effect.Effect<ReadonlyArray<TrendingItem>>;
}

/** By the model's own half-life, and by so many others that were asked for last. */
const keptHalfLives = 8;

/** What the stores said at `now`, unix seconds. */
interface Said {
  readonly popular: PopularItems | undefined;
  readonly trends: ReadonlyArray<PartitionTrend>;
  readonly now: number;
}

interface Computed {
  readonly of: object;
  readonly said: Said;
  readonly items: number;
  readonly trending: Trending;
}

const areSame = (some: ReadonlyArray<PartitionTrend>, others: ReadonlyArray<PartitionTrend>): boolean =>
  some.length === others.length && some.every(({ next }, i) => next === others[i].next);

type Counted = Omit<BatchPopularity, "shares">;

/** What the batch's shares are of; undefined where it did not tell. */
const countedOf = ({ trained }: Serving): Counted | undefined => {
  const { halfLifeSeconds: halfLife, popularityAsOf: asOf, popularityTotal: total } = trained;
  return halfLife === undefined || asOf === undefined || total === undefined ? undefined : { halfLife, asOf, total };
};

/** From the batch's events on. */
const merged = (
  { catalogue, passing }: Serving,
  batch: Counted,
  trends: ReadonlyArray<PartitionTrend>,
  halfLife?: number,
): Trending => {
  const { popularity: shares, rowOfIdx } = catalogue;
  return trendingOf({ catalogue, passing }, mergePopularity({ ...batch, shares }, trends, rowOfIdx, halfLife));
};

const trendingOf = (
  { catalogue, passing }: Pick<Serving, "catalogue" | "passing">,
  popularity: Popularity,
): Trending => {
  const { itemIdx } = catalogue;
  const told = (row: number): TrendingItem => ({
    itemIdx: itemIdx[row],
    score: popularity.scores[row] / popularity.total,
  });
  const among = (rows: ArrayLike<number>, count: number) => Array.from(mostPopular(popularity, count, rows), told);
  const rows = mostPopular(popularity, trendingItems, passing.of(undefined).rows);
  return { popularity, best: Array.from(rows, told), rows, among };
};

/** Of a model whose batch did not tell what its shares are of. */
const asBefore = ({ catalogue, trained }: Serving, { now, popular, trends }: Said, halfLife?: number): Trending => {
  const best = mergeTrending(popular, trends, now, halfLife ?? trained.halfLifeSeconds ?? formerHalfLife);
  return {
    popularity: { scores: catalogue.popularity, total: 1 },
    best,
    rows: best.flatMap(({ itemIdx }) => catalogue.rowOfIdx(itemIdx) ?? []),
    among: () => best,
  };
};

export const makeTrending = (waiting: Waiting) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const popular = yield* Popular;
    const users = yield* UserStates;
    const itemTrends = yield* makeItemTrends(waiting);
    let lastPopular: PopularItems | undefined;
    let partitions = 0;
    /** The newest model's. */
    let last: { readonly model: string; readonly trends: ReadonlyArray<PartitionTrend> } | undefined;
    /** By the items of a model, and by the half-life where it is not the model's own: of what it was computed, and how many there were. */
    const computed = new WeakMap<object, Map<number | undefined, Computed>>();

    const askPopular = Effect.tap(
      Effect.suspend(() => orElse(waiting, "popular items", popular.get, lastPopular)),
      (found) =>
        Effect.sync(() => {
          lastPopular = found;
        }),
    );

    const ask = Effect.fnUntraced(function* (model: string) {
      const found = yield* askPopular;
      partitions = yield* orElse(waiting, "event log", log.partitions, partitions);
      const before = last?.model === model ? last.trends : [];
      const trends = yield* orElse(waiting, "trends", users.trends(model, partitions), before);
      last = { model, trends: areSame(before, trends) ? before : trends };
      const now = (yield* Clock.currentTimeMillis) / 1000;
      return { popular: found, trends: last.trends, now } satisfies Said as Said;
    });

    const cache = yield* Cache.make({ capacity: 4, timeToLive: "1 second", lookup: ask });
    const bestSellers = yield* Effect.cachedWithTTL(
      Effect.map(askPopular, (found) => mergeTrending(found, [], 0, formerHalfLife)),
      "1 second",
    );

    /** Again once a store says something else, and once a second while items are put up. */
    const once = (
      { catalogue }: Serving,
      halfLife: number | undefined,
      of: object,
      said: Said,
      compute: () => Trending,
    ): Trending => {
      const kept = computed.get(catalogue) ?? new Map<number | undefined, Computed>();
      computed.set(catalogue, kept);
      const known = kept.get(halfLife);
      const items = catalogue.size();
      if (known?.of === of && (known.items === items || known.said === said)) return known.trending;
      const trending = compute();
      if (halfLife !== undefined) {
        kept.delete(halfLife);
        const others = [...kept.keys()].filter((one) => one !== undefined);
        if (others.length >= keptHalfLives) kept.delete(others[0]);
      }
      kept.set(halfLife, { of, said, items, trending });
      return trending;
    };

    const of: TrendingNow["of"] = (serving, asked) =>
      Effect.map(cache.get(serving.model), (said) => {
        const counted = countedOf(serving);
        const halfLife = asked === serving.trained.halfLifeSeconds ? undefined : asked;
        return counted === undefined
          ? once(serving, halfLife, said, said, () => asBefore(serving, said, halfLife))
          : once(serving, halfLife, said.trends, said, () => merged(serving, counted, said.trends, halfLife));
      });
    const by: TrendingNow["by"] = (serving, halfLife) =>
      Effect.gen(function* () {
        const counted = countedOf(serving);
        const batch = counted === undefined ? undefined : yield* itemTrends(serving);
        if (counted === undefined || batch === undefined) return undefined;
        const said = yield* cache.get(serving.model);
        const { itemIdx, rowOfIdx } = serving.catalogue;
        const { trends } = said;
        if (trends.some(({ ladder, total }) => total > 0 && ladder === undefined)) return undefined;
        return once(serving, halfLife, trends, said, () => {
          const popularity = mergeLadders({ ...counted, ...batch }, trends, itemIdx, rowOfIdx, halfLife);
          return popularity === undefined
            ? merged(serving, counted, trends, halfLife)
            : trendingOf(serving, popularity);
        });
      });
    return { of, by, bestSellers } satisfies TrendingNow as TrendingNow;
  });

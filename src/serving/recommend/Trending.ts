/** TrendingItems: what sells now, for whoever has no taste on record; computed at most once a second per model. */
import { Cache, Clock, Effect } from "effect";
import { mergeTrending } from "../../learning/Trending.ts";
import { EventLog } from "../../ports/EventLog.ts";
import { Popular } from "../../ports/Popular.ts";
import { type PartitionTrend, UserStates } from "../../ports/UserStates.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";

export interface TrendingItem {
  readonly itemIdx: number;
  readonly score: number;
}

/** Best first. Without a model only the batch's best sellers are known. What a failing store last said still stands. */
export type TrendingItems = (model: string | undefined) => Effect.Effect<ReadonlyArray<TrendingItem>>;

export const makeTrendingItems = (waiting: Waiting) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const popular = yield* Popular;
    const users = yield* UserStates;
    let lastPopular: Effect.Effect.Success<typeof popular.get>;
    let lastTrends: { readonly model: string; readonly trends: ReadonlyArray<PartitionTrend> } = {
      model: "",
      trends: [],
    };
    let partitions = 0;

    const trendsOf = (model: string) => {
      const said = lastTrends.model === model ? lastTrends.trends : [];
      return Effect.map(orElse(waiting, "trends", users.trends(model, partitions), said), (trends) => {
        lastTrends = { model, trends };
        return trends;
      });
    };

    const compute = Effect.fnUntraced(function* (model: string | undefined) {
      lastPopular = yield* orElse(waiting, "popular items", popular.get, lastPopular);
      partitions = yield* orElse(waiting, "event log", log.partitions, partitions);
      const trends = model === undefined ? [] : yield* trendsOf(model);
      const now = (yield* Clock.currentTimeMillis) / 1000;
      return mergeTrending(lastPopular, trends, now);
    });

    const cache = yield* Cache.make({ capacity: 4, timeToLive: "1 second", lookup: compute });
    return ((model) => cache.get(model)) satisfies TrendingItems as TrendingItems;
  });

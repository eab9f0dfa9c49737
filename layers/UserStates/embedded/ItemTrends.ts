/** ItemTrends: what the batch's events weigh per item, as it was loaded, in parts. */
import { Effect } from "effect";
import type { ItemTrends } from "../../../src/domain/TrendLadder.ts";
import type { UserStatesService } from "../../../src/ports/UserStates.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import { decodeItemTrends, encodeItemTrends } from "../ItemTrendsCodec.ts";
import { damaged, failed } from "./Failures.ts";
import type { Generations } from "./Generations.ts";
import { itemTrendsKey, itemTrendsRange } from "./Keys.ts";

export const makeItemTrends = (store: StoreService, generations: Generations) => {
  const { states } = store.tables;

  const loadItemTrends = (generation: number, trends: ItemTrends) =>
    Effect.forEach(
      encodeItemTrends(trends),
      (bytes, part) => store.write(() => states.put(itemTrendsKey(generation, part), bytes)),
      { discard: true },
    );

  const itemTrends: UserStatesService["itemTrends"] = (model) =>
    store
      .read(() => {
        const generation = generations.current(model);
        if (generation === undefined) return Effect.succeed(undefined);
        const parts = Array.from(states.getRange(itemTrendsRange(generation)), ({ value }) => value);
        const trends = decodeItemTrends(parts);
        return parts.length > 0 && trends === undefined
          ? Effect.fail(damaged("itemTrends", model, "list of what trends"))
          : Effect.succeed(trends);
      })
      .pipe(Effect.mapError(failed("itemTrends")), Effect.flatten);

  return { loadItemTrends, itemTrends };
};

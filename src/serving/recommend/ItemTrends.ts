/**
 * ItemTrends: what the batch's events weigh by many half-lives, read from the model's tables once somebody asks for another than its own:
 * 60 bytes per item. Until then nothing is read or held. What was read, or is not there, is kept while its model is one of the last two.
 */
import { Effect } from "effect";
import { type ItemTrends, readItemTrends } from "../../models/ItemPopularity.ts";
import { Tables } from "../../ports/Tables.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";
import type { Serving } from "../ServingModel.ts";

const modelsKept = 2;

export const makeItemTrends = (waiting: Waiting) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const one = yield* Effect.makeSemaphore(1);
    const kept = new Map<string, ItemTrends | undefined>();

    /** Undefined where there are none, and while they cannot be read. */
    return ({ model }: Serving): Effect.Effect<ItemTrends | undefined> =>
      one.withPermits(1)(
        Effect.suspend(() => {
          if (kept.has(model)) return Effect.succeed(kept.get(model));
          const read = Effect.tap(readItemTrends(model), (found) =>
            Effect.sync(() => {
              for (const old of kept.keys()) if (kept.size >= modelsKept) kept.delete(old);
              kept.set(model, found);
            }),
          ).pipe(Effect.provideService(Tables, tables));
          return orElse(waiting, "item trends", read, undefined);
        }),
      );
  });

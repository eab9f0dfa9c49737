/**
 * ItemTrends: what the batch's events weigh by many half-lives, read once somebody asks for another than the model's own: 60 bytes per
 * item. Until then nothing is read or held. What was read, or is not there, is kept while its model is one of the last two.
 *
 * They lie beside the users' states; of a model that was loaded by version 0.3.0 or before in its tables alone.
 */
import { Effect } from "effect";
import type { ItemTrends } from "../../domain/TrendLadder.ts";
import { readItemTrends } from "../../models/ItemPopularity.ts";
import { Tables } from "../../ports/Tables.ts";
import { UserStates } from "../../ports/UserStates.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";
import type { Serving } from "../ServingModel.ts";

const modelsKept = 2;

export const makeItemTrends = (waiting: Waiting) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const states = yield* UserStates;
    const one = yield* Effect.makeSemaphore(1);
    const kept = new Map<string, ItemTrends | undefined>();

    const keep = (model: string) => (found: ItemTrends | undefined) =>
      Effect.sync(() => {
        for (const old of kept.keys()) if (kept.size >= modelsKept) kept.delete(old);
        kept.set(model, found);
      });

    /** Undefined where there are none, and while they cannot be read. */
    return ({ model }: Serving): Effect.Effect<ItemTrends | undefined> =>
      one.withPermits(1)(
        Effect.suspend(() => {
          if (kept.has(model)) return Effect.succeed(kept.get(model));
          const inTables = readItemTrends(model).pipe(Effect.provideService(Tables, tables));
          const read = Effect.flatMap(states.itemTrends(model), (found) =>
            found === undefined ? inTables : Effect.succeed(found),
          ).pipe(Effect.tap(keep(model)));
          return orElse(waiting, "item trends", read, undefined);
        }),
      );
  });

/** BuiltIn: the BatchSteps port on the SQL engine, in this process. */
import { Context, Effect, Layer } from "effect";
import { BatchSteps, type BatchStepsService } from "../../src/ports/BatchSteps.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { writeFollowers } from "../../src/steps/Followers.ts";
import { findPurchases } from "../../src/steps/MostBought.ts";
import { readRows } from "../../src/steps/Reading.ts";

export const make: Effect.Effect<BatchStepsService, never, Tables | Sql> = Effect.map(
  Effect.context<Tables | Sql>(),
  (all) => {
    // Nothing else of the place where this is made: whoever asks has a scope of their own.
    const context = Context.pick(Tables, Sql)(all);
    return {
      read: (tables, before) => Effect.provide(readRows(tables, before), context),
      followers: (options) => Effect.provide(writeFollowers(options), context),
      purchases: (options) => Effect.provide(findPurchases(options), context),
    };
  },
);

export const layer: Layer.Layer<BatchSteps, never, Tables | Sql> = Layer.effect(BatchSteps, make);

/** Followers: a model's followers, counted by Spark. */
import { join } from "node:path";
import { Effect, Schema, type Scope } from "effect";
import { keptFollowers, lagMillionths } from "../../../src/domain/Followers.ts";
import { itemFollowers } from "../../../src/domain/ModelTables.ts";
import { userHistory } from "../../../src/domain/TableSchemas.ts";
import type { BatchStepsFailure, BatchStepsService } from "../../../src/ports/BatchSteps.ts";
import { overwriteParts } from "../../engines/spark/TakeParts.ts";
import { tableAsked } from "./Sources.ts";
import { stepsError, type Work } from "./Work.ts";

/** Counting, and taking what was written, as parts of the work. */
const parts = { counting: 0.9, taking: 0.1 };

export const followers = (
  { ask, folder, tables }: Work,
  { history, model, tell }: Parameters<BatchStepsService["followers"]>[0],
): Effect.Effect<number, BatchStepsFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const of = { version: history, columns: userHistory.schema };
    const { asked } = yield* tableAsked(tables, userHistory.name, of);
    const to = join(folder, "followers");
    const counting = { history: asked, weights: lagMillionths, kept: keptFollowers, folder: to };
    yield* ask("followers.count", counting, Schema.Struct({}), [tell, "followers", parts.counting]);
    const { rows } = yield* overwriteParts(tables, itemFollowers(model), to);
    tell("written", parts.taking);
    return rows;
  }).pipe(Effect.catchTag("SparkError", (error) => stepsError(error)));

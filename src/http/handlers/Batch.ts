/** Batch: GET and POST /batch. */
import { type FileSystem, HttpApiBuilder, type Path } from "@effect/platform";
import { Effect } from "effect";
import { hasData } from "../../batch/CsvFiles.ts";
import type { ModelRegistry } from "../../ports/ModelRegistry.ts";
import type { Tables } from "../../ports/Tables.ts";
import { Turns } from "../../ports/Turns.ts";
import { startOne } from "../../retraining/Runs.ts";
import { runningReport } from "../../vitals/BatchRuns.ts";
import { retrainingReport } from "../../vitals/Retraining.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { Api } from "../Api.ts";
import type { BatchState } from "../api/Batch.ts";
import { Conflict, Unavailable } from "../Problem.ts";
import { json } from "../Responses.ts";

const refuse = (detail: string): Effect.Effect<never, Conflict> => Effect.fail(new Conflict({ detail }));

const underWay = (id: string) =>
  refuse(`Batch ${id} is under way: GET /batch tells how far it is. Ask again after its end.`);

const noData = refuse(
  "The DATA_DIR of this process has no data to learn from: ask the API of one that shares its files with the batch, such as all-in-one, or run `batch` there.",
);

const unreadable = (error: unknown): Effect.Effect<never, Unavailable> =>
  Effect.zipRight(
    Effect.logWarning(`no batch could be started: ${error instanceof Error ? error.message : String(error)}`),
    Effect.fail(new Unavailable({ detail: "The tables of this process cannot be read just now: ask again." })),
  );

export const layer = HttpApiBuilder.group(Api, "batch", (handlers) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Tables | ModelRegistry | FileSystem.FileSystem | Path.Path>();
    const scope = yield* Effect.scope;
    const vitals = yield* Vitals;
    const { at } = yield* Turns;

    const start = Effect.gen(function* () {
      if (vitals.batches.now !== undefined) return yield* underWay(vitals.batches.now.id);
      if (!(yield* Effect.catchAll(hasData, unreadable))) return yield* noData;
      const busy = yield* at("data");
      if (busy !== undefined) return yield* refuse(`Now ${busy}: ask again after its end.`);
      return yield* Effect.catchTag(startOne(scope), "BatchUnderWay", ({ id }) => underWay(id));
    });

    return handlers
      .handle("batch", () =>
        Effect.sync(() => {
          const { ended, now } = vitals.batches;
          const answer: typeof BatchState.Type = {
            running: now === undefined ? null : runningReport(now),
            ended,
            retraining: retrainingReport(vitals.retraining.now),
          };
          return json(answer);
        }),
      )
      .handle("startBatch", () => Effect.map(Effect.provide(start, context), (run) => json(runningReport(run), 202)));
  }),
);

/** What computes a batch, by the settings: no Spark is looked for unless one is chosen. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer } from "effect";
import * as Engines from "../../layers/Engines.ts";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import * as Tables from "../../layers/Tables/Memory.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { BatchSteps, nothingRead } from "../../src/ports/BatchSteps.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { Trainer } from "../../src/ports/Trainer.ts";
import { inFolder } from "../support/Folder.ts";
import { shop, toInput } from "../training/Naive.ts";

/** Which of steps and training ask for Spark, which is nowhere. */
const onSpark = (settings: Readonly<Record<string, string>>) =>
  inFolder(({ dataDir }) => {
    const sql = Layer.succeed(Sql, makeSql({ threads: 1, memoryMiB: 128, spillFolder: `${dataDir}/spill` }));
    const texts = { DATA_DIR: dataDir, SPARK_SUBMIT: "/nowhere/spark-submit", ...settings };
    const layer = Layer.mergeAll(
      Layer.provide(Engines.steps, Layer.merge(Tables.layer, sql)),
      Layer.provide(Engines.trainer, Progress.layerSilent),
    ).pipe(Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(texts))))));
    const parameters = { rank: 8, regularization: 0.1, alpha: 1, iterations: 1, seed: 1 };
    const isSpark = (work: Effect.Effect<unknown, { readonly message: string }>) =>
      Effect.match(work, {
        onFailure: ({ message }) => message.startsWith("spark-submit was not found (SPARK_SUBMIT is /nowhere"),
        onSuccess: () => false,
      });
    return Effect.gen(function* () {
      const steps = yield* BatchSteps;
      const trainer = yield* Trainer;
      const read = Effect.scoped(
        steps.read({ transactions: undefined, events: undefined, types: defaultEventTypes }, nothingRead),
      );
      return {
        steps: yield* isSpark(read),
        training: yield* isSpark(trainer.train(toInput(6, 4, shop(6, 4)), parameters, () => {})),
      };
    }).pipe(Effect.provide(layer));
  });

describe("Engines", () => {
  it.effect("are the built-in ones unless the settings say otherwise, and TRAINER goes before ENGINE", () =>
    Effect.gen(function* () {
      expect(yield* onSpark({})).toEqual({ steps: false, training: false });
      expect(yield* onSpark({ ENGINE: "spark" })).toEqual({ steps: true, training: true });
      expect(yield* onSpark({ TRAINER: "spark" })).toEqual({ steps: false, training: true });
      expect(yield* onSpark({ ENGINE: "spark", TRAINER: "built-in" })).toEqual({ steps: true, training: false });
    }),
  );
});

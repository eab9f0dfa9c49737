/** The batch's steps on Spark, in one session of each version. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "@effect/vitest";
import { Effect, Exit, Layer, Scope } from "effect";
import { make } from "../../layers/BatchSteps/Spark.ts";
import { openSession, type SparkSession } from "../../layers/engines/spark/Session.ts";
import { BatchSteps } from "../../src/ports/BatchSteps.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchFollowersContract } from "../contracts/BatchFollowers.ts";
import { batchLivesContract } from "../contracts/BatchLives.ts";
import { batchStepsContract, type StepsLayer } from "../contracts/BatchSteps.ts";
import { batchSumsContract } from "../contracts/BatchSums.ts";
import { quickSparkAt, type SparkVersion } from "./sparkSession.ts";

const within = (version: SparkVersion, contracts: (name: string, steps: StepsLayer) => void): void => {
  describe(`Spark ${version}`, () => {
    let folder = "";
    let session: SparkSession;
    const scope = Effect.runSync(Scope.make());

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "spark-steps-"));
      const opened = openSession(quickSparkAt(folder, version), "steps");
      session = await Effect.runPromise(Scope.extend(opened, scope));
    }, 300_000);

    afterAll(async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void));
      await rm(folder, { recursive: true, force: true });
    });

    const open = Effect.sync(() => session);
    const made = Effect.map(Effect.all([Tables, Sql]), ([tables, engine]) => make(open, tables, engine));
    contracts("Spark", Layer.effect(BatchSteps, made));
  });
};

within("4.0", (name, steps) => {
  batchStepsContract(name, steps, 1);
  batchSumsContract(name, steps, 1);
  batchLivesContract(name, steps, 1);
  batchFollowersContract(name, steps, 3);
});

within("3.5", (name, steps) => batchSumsContract(name, steps, 1));

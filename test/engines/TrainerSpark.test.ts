/** Spark ML's ALS as a Trainer: the contract, and that it finds as much as ours of what was held out. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Effect, Exit, Scope } from "effect";
import { openSession, type SparkSession } from "../../layers/engines/spark/Session.ts";
import { make, refuses, sparkRegularization, trainIn } from "../../layers/Trainer/Spark.ts";
import { make as makeThreads } from "../../layers/Trainer/Threads.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { hitRanks, recall } from "../../src/evaluation/Metrics.ts";
import { alsRanker, popularityRanker } from "../../src/evaluation/Ranker.ts";
import { splitLeaveLastOut } from "../../src/evaluation/Split.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import type { ProgressService } from "../../src/ports/Progress.ts";
import type { TrainerService } from "../../src/ports/Trainer.ts";
import { trainerContract } from "../contracts/Trainer.ts";
import { makeLogBuilder } from "../evaluation/LogBuilder.ts";
import { makeShop } from "../evaluation/Shop.ts";
import { shop, toInput } from "../training/Naive.ts";
import { sparkAt } from "./sparkSession.ts";

let folder = "";
let session: SparkSession;
let scope: Scope.CloseableScope;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spark-trainer-"));
  scope = await Effect.runPromise(Scope.make());
  session = await Effect.runPromise(Scope.extend(openSession(sparkAt(folder), "training"), scope));
}, 600_000);
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void));
  await rm(folder, { recursive: true, force: true });
});

const silent: ProgressService = { task: () => Effect.succeed({ advance: () => {}, note: () => {} }) };

const spark = (): TrainerService => ({ train: trainIn(session, () => {}), refuses });

trainerContract("Spark", spark, { exact: false, runs: 2 });

/** Every rating of MovieLens latest-small as a purchase, where it is there (MOVIELENS_DIR). */
const interactions = (movieLens: string | undefined): InteractionLog => {
  if (movieLens === undefined) return makeShop(() => false);
  const builder = makeLogBuilder();
  for (const line of readFileSync(join(movieLens, "ratings.csv"), "utf8").split(/\r?\n/).slice(1)) {
    const [user, movie, , timestamp] = line.split(",");
    if (timestamp !== undefined) builder.add(user, movie, 2, 1, Number(timestamp));
  }
  return builder.finish();
};

describe("Spark's ALS", () => {
  it("has a penalty that weighs in all as much as ours", () => {
    const ratings = toInput(60, 50, shop(60, 40));
    const regularization = sparkRegularization(ratings, { regularization: 0.1 });
    const byUser = ratings.pointers.subarray(1).map((end, user) => end - ratings.pointers[user]!);
    const weights = 2 * byUser.reduce((sum, pairs) => sum + pairs, 0);
    expect(regularization * weights).toBeCloseTo(0.1 * (60 + 40), 10);
  });

  it("finds as much of what was held out as ours, within the paired 95 % interval of recall@12", async () => {
    const log = interactions(process.env.MOVIELENS_DIR);
    const split = splitLeaveLastOut(log);
    const set = makeTrainingSet(log, split.train);
    const parameters = { rank: 32, regularization: 0.01, alpha: 1, iterations: 15, seed: 42 };
    const recalls = async (trainer: TrainerService): Promise<ReadonlyArray<number>> => {
      const factors = await Effect.runPromise(trainer.train(set, parameters, () => {}));
      const ranker = alsRanker(set, { rank: 32, ...factors }, popularityRanker(log, split, set, 30));
      return Array.from(split.test).flatMap((at) => {
        const [user, row] = [log.user[at]!, set.rowOf[log.item[at]!]!];
        if (row < 0) return [];
        const allowed = new Uint8Array(set.items).fill(1);
        for (const seen of set.itemIdx.subarray(set.pointers[user], set.pointers[user + 1])) allowed[seen] = 0;
        if (allowed[row] === 0) return [];
        return [recall(hitRanks(ranker.recommend(user, 12, allowed), new Set([row])), 1)];
      });
    };
    const ours = await recalls(makeThreads(2));
    const theirs = await recalls(spark());
    const differences = ours.map((one, i) => theirs[i]! - one);
    const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
    const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (differences.length - 1);
    const margin = 1.96 * Math.sqrt(variance / differences.length);
    const found = ours.reduce((sum, one) => sum + one, 0) / ours.length;
    expect(differences.length).toBeGreaterThan(100);
    expect(found).toBeGreaterThan(0.03);
    console.info(
      `recall@12: ours ${found.toFixed(4)}, Spark's ${(found + mean).toFixed(4)}, margin ${margin.toFixed(4)}`,
    );
    expect(Math.abs(mean)).toBeLessThanOrEqual(margin);
  });

  it("comes to the same on Spark 3.5", async () => {
    const [ratings, chosen] = [
      toInput(60, 40, shop(60, 40)),
      { rank: 8, regularization: 0.1, alpha: 1, iterations: 6, seed: 7 },
    ];
    const theirs = await Effect.runPromise(spark().train(ratings, chosen, () => {}));
    const older = openSession(sparkAt(join(folder, "older"), "3.5"), "training");
    const trained = await Effect.runPromise(Effect.scoped(make(older, silent).train(ratings, chosen, () => {})));
    expect(trained.losses[0]).toBeCloseTo(theirs.losses[0]!, 2);
    expect(Math.max(...trained.userFactors.map((value, i) => Math.abs(value - theirs.userFactors[i]!)))).toBeLessThan(
      1e-3,
    );
  });

  it("says in one line why it failed, and where the log is", async () => {
    const broken: SparkSession = { ...session, ask: (_, args, result) => session.ask("als.nothing", args, result) };
    const trained = trainIn(broken, () => {})(
      toInput(6, 4, shop(6, 4)),
      { rank: 8, regularization: 0.1, alpha: 1, iterations: 2, seed: 7 },
      () => {},
    );
    const error = await Effect.runPromise(Effect.flip(trained));
    expect(error).toMatchObject({ _tag: "TrainingError", reason: "WorkerFailed" });
    expect(error.message).toContain(session.log);
  });
});

/** The batch's steps where the driver dies, and where Java's arithmetic is not JavaScript's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Schema, Stream } from "effect";
import { make } from "../../layers/BatchSteps/Spark.ts";
import { openSession, type SparkSession } from "../../layers/engines/spark/Session.ts";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { preprocess, preprocessAnew } from "../../src/batch/Preprocess.ts";
import { archiveAppId, rawEvents, rawTransactions, type TableDefinition } from "../../src/domain/TableSchemas.ts";
import { BatchSteps } from "../../src/ports/BatchSteps.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { sql } from "../../src/ports/Statement.ts";
import { Tables, type TableTransaction } from "../../src/ports/Tables.ts";
import { outcome } from "../contracts/BatchLives.ts";
import { batchOf, inFolder, type Row } from "../support/Folder.ts";
import { quickSparkAt, sparkAt } from "./sparkSession.ts";

const here = dirname(fileURLToPath(import.meta.url));

let folder = "";
beforeAll(async () => {
  process.env.PYTHONPATH = join(here, "spark_steps");
  folder = await mkdtemp(join(tmpdir(), "spark-dying-"));
});
afterAll(async () => {
  delete process.env.PYTHONPATH;
  await rm(folder, { recursive: true, force: true });
});

const stepsOf = (session: SparkSession): Layer.Layer<BatchSteps, never, Tables | Sql> =>
  Layer.effect(
    BatchSteps,
    Effect.map(Effect.all([Tables, Sql]), ([tables, engine]) => make(Effect.succeed(session), tables, engine)),
  );

/** A session whose driver is killed as soon as it is at work at the step. */
const dyingAt = (session: SparkSession, step: string): SparkSession => ({
  ...session,
  ask: (name, args, result, asking) => {
    const asked = session.ask(name, args, result, asking);
    if (name !== step) return asked;
    const die = session.ask("trial.die", {}, Schema.Unknown);
    return Effect.forkDaemon(Effect.delay(die, "300 millis")).pipe(
      Effect.zipRight(asked),
      // However fast it was.
      Effect.zipLeft(Effect.zipRight(die, Effect.never)),
    );
  },
});

const append = (
  { name, schema }: TableDefinition,
  rows: ReadonlyArray<Row>,
  transactions: ReadonlyArray<TableTransaction> = [],
) => Effect.flatMap(Tables, (tables) => tables.append(name, schema, Stream.make(batchOf(schema, rows)), transactions));

const archived = (expected: bigint | undefined, next: bigint): ReadonlyArray<TableTransaction> => [
  { appId: archiveAppId("log", 0), expected, next },
];

const bought = (count: number): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, i) => ({ t_dat: 19_000 + i, customer_id: `u${i % 7}`, article_id: `a${i % 5}` }));

const clicked = (first: number, count: number): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, i) => ({
    t_dat: 19_700,
    customer_id: `u${i % 9}`,
    article_id: `a${i % 6}`,
    sales_channel_id: 2,
    event_type: "click",
    timestamp: 1_702_080_000 + i,
    quantity: 1,
    event_id: `e${i % 20}`,
    log_partition: 0,
    log_offset: BigInt(first + i),
    arrived_at: 1_702_080_000 + i,
    log_id: "log",
  }));

const everyStep = [
  "interactions.read",
  "ids.number",
  "indexed.events",
  "retries.suspects",
  "indexed.rows",
  "pairs.add",
  "histories.write",
  "retries.recent",
];

/** Some of them, unless all are asked for: each takes as long as a start of Spark and the steps before it. */
const steps = process.env.EVERY_STEP === undefined ? everyStep.filter((_, i) => i % 4 === 1) : everyStep;

describe("A driver that is killed", () => {
  it.live(
    "in any step leaves all tables as they were, and a second run goes on",
    () =>
      inFolder(() =>
        Effect.gen(function* () {
          yield* append(rawTransactions, bought(40));
          yield* append(rawEvents, clicked(0, 30), archived(undefined, 30n));
          yield* preprocess;
          const before = yield* outcome;
          yield* append(rawEvents, clicked(30, 40), archived(30n, 70n));
          for (const step of steps) {
            const error = yield* openSession(quickSparkAt(folder), "dying").pipe(
              Effect.flatMap((session) => Effect.provide(Effect.flip(preprocess), stepsOf(dyingAt(session, step)))),
              Effect.scoped,
            );
            expect([step, error]).toMatchObject([step, { _tag: "BatchStepsError", reason: "Lost" }]);
            expect(yield* outcome).toEqual(before);
          }
          const session = yield* openSession(quickSparkAt(folder), "living");
          const { read } = yield* Effect.provide(preprocess, stepsOf(session));
          expect(read).toBe(40);
          const after = yield* outcome;
          expect(after).not.toEqual(before);
          yield* preprocessAnew;
          expect(yield* outcome).toEqual(after);
        }).pipe(Effect.scoped),
      ),
    600_000,
  );
});

describe("Spark's ratings", () => {
  it.live("are Math.log1p's, once they are floats", () =>
    Effect.gen(function* () {
      const session = yield* openSession(sparkAt(folder), "ratings");
      const out = join(yield* session.staging("ratings"), "rows");
      yield* session.ask("ratings.write", { rows: 400_000, folder: out }, Schema.Unknown);
      const engine = yield* makeSql({ threads: 1, memoryMiB: 256, spillFolder: join(folder, "spill") }).session;
      let rows = 0;
      const wrong: Array<unknown> = [];
      const found = engine.stream(sql`SELECT weight, rating FROM read_parquet(${`${out}/*.parquet`})`);
      yield* Stream.runForEach(found, (batch) =>
        Effect.sync(() => {
          const weights = batch.columns.weight as ArrayLike<bigint>;
          const ratings = batch.columns.rating as ArrayLike<number>;
          for (let i = 0; i < batch.rows; i++) {
            rows++;
            if (ratings[i] !== Math.fround(Math.log1p(Number(weights[i]) / 1e6))) wrong.push([weights[i], ratings[i]]);
          }
        }),
      );
      expect(wrong).toEqual([]);
      expect(rows).toBe(1_200_000);
    }).pipe(Effect.scoped),
  );
});

/** Runs: batches that this process starts, one at a time, whoever wants them, and what became of each. */
import { Clock, Deferred, Effect, Random, Schema, type Scope } from "effect";
import { refusedCode } from "../models/Shrinkage.ts";
import { Batches } from "../ports/Batches.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { type BatchRun, endedReport, mostRemembered, type RetrainingEnd } from "../vitals/BatchRuns.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { patiently } from "../vitals/Waiting.ts";

/** One is under way. */
export class BatchUnderWay extends Schema.TaggedError<BatchUnderWay>()("BatchUnderWay", { id: Schema.String }) {}

export const newestModel = Effect.gen(function* () {
  const registry = yield* ModelRegistry;
  const waiting = (yield* Vitals).waiting("retrain");
  const { models } = yield* patiently(waiting, "registry", () => true, registry.state);
  return models.at(-1);
});

/** From its start to what became of it. */
const learn = (due: number, run: BatchRun) =>
  Effect.gen(function* () {
    const batches = yield* Batches;
    const before = yield* newestModel;
    const { started } = run;
    const onStep = (step: BatchRun["step"]) => {
      run.step = step;
    };
    const exit = yield* Effect.either(batches.learn({ unlessSince: new Date(due).toISOString(), onStep }));
    const ended = yield* Clock.currentTimeMillis;
    const after = yield* newestModel;
    const model = after?.id === before?.id ? undefined : after?.id;
    const of = (outcome: RetrainingEnd["outcome"], detail?: string): RetrainingEnd => ({
      ...{ started, ended, outcome, model, detail },
    });
    if (exit._tag === "Left") return of("failed", exit.left.message);
    const { code, detail } = exit.right;
    if (code === 0) {
      const isOld = after !== undefined && Date.parse(after.createdAt) < due;
      return isOld ? of("skipped", `nothing is new since model ${after.id} was made`) : of("done");
    }
    if (code === refusedCode) return of("refused", detail);
    const why = code === undefined ? "it was killed" : `it ended with code ${code}`;
    return of("failed", detail === "" ? why : detail);
  });

const idAt = (millis: number) =>
  Effect.map(Random.nextIntBetween(0, 0x10000), (tail) => {
    const time = new Date(millis).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
    return `${time}-${tail.toString(16).padStart(4, "0")}`;
  });

/**
 * Learns from all data, unless a model was made since `due` (Unix milliseconds) or nothing is new. `onStart` is told of it.
 * Interruption stops it in order, and nothing is remembered of it then.
 */
export const runOne = (
  by: BatchRun["by"],
  due: number,
  onStart: (run: BatchRun) => Effect.Effect<void> = () => Effect.void,
) =>
  Effect.gen(function* () {
    const { batches } = yield* Vitals;
    const started = yield* Clock.currentTimeMillis;
    const id = yield* idAt(started);
    const claimed = Effect.suspend(() => {
      if (batches.now !== undefined) return new BatchUnderWay({ id: batches.now.id });
      const run: BatchRun = { id, by, started, step: null };
      batches.now = run;
      return Effect.succeed(run);
    });
    return yield* Effect.acquireUseRelease(
      claimed,
      (run) =>
        Effect.gen(function* () {
          yield* onStart(run);
          const end = yield* learn(due, run);
          batches.ended.unshift(endedReport(run, end));
          batches.ended.length = Math.min(batches.ended.length, mostRemembered);
          return end;
        }),
      () =>
        Effect.sync(() => {
          batches.now = undefined;
        }),
    );
  });

/** Starts one in `scope`, which stops it when it closes, and answers it as soon as it is claimed. */
export const startOne = (scope: Scope.Scope) =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<BatchRun, BatchUnderWay>();
    const now = yield* Clock.currentTimeMillis;
    yield* runOne("asked", now, (run) => Effect.asVoid(Deferred.succeed(begun, run))).pipe(
      Effect.tap(({ detail, outcome }) =>
        Effect.logInfo(`the batch that was asked for: ${outcome}${detail === undefined ? "" : `: ${detail}`}`),
      ),
      Effect.catchAll((error) =>
        error._tag === "BatchUnderWay"
          ? Deferred.fail(begun, error)
          : Effect.logWarning(`the batch that was asked for cannot be told of: ${error.message}`),
      ),
      Effect.forkIn(scope),
    );
    return yield* Deferred.await(begun);
  });

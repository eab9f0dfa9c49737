/**
 * Retraining: learns from all data again and again, when BATCH_EVERY or BATCH_AT says, in a process of its own.
 *
 * A time is due after the newest model was made, whoever made it. So a time that was missed, because the machine slept or
 * nothing ran, is made up for once, and of several processes that share the stores one learns. After a failure the next
 * time is waited for. Where nothing is new, no model is made. The clock is looked at every now and then, since it may jump.
 */
import { Clock, Config, DateTime, Effect, Option } from "effect";
import { values } from "../config/Setting.ts";
import type { RetrainingEnd } from "../vitals/BatchRuns.ts";
import { addTo, type RetrainingVitals, Vitals } from "../vitals/Vitals.ts";
import { newestModel, runOne } from "./Runs.ts";
import { retraining as settings } from "./Settings.ts";
import { nextAfter, type Plan, planOf, planText, timeText } from "./Times.ts";

/** Longest sleep before the clock and the registry are looked at again. */
const lookMillis = 300_000;

/** How soon it is looked again whether a batch that somebody asked for has ended. */
const whileAnotherRuns = "1 second";

/** What the settings ask for, if anything. */
export const configuredPlan: Config.Config<Option.Option<Plan>> = Config.map(values(settings), ({ at, every }) =>
  planOf(every, at, DateTime.zoneMakeLocal()),
);

const tell = ({ detail, model, outcome }: RetrainingEnd, next: string) => {
  if (outcome === "failed") return Effect.logWarning(`learning again failed: ${detail}; the next time is ${next}`);
  if (outcome === "refused") return Effect.logWarning(`learning again: ${detail}; the next time is ${next}`);
  if (outcome === "skipped") return Effect.logInfo(`learning again was skipped: ${detail}; the next time is ${next}`);
  return Effect.logInfo(
    `${model === undefined ? "another process has learnt" : `learnt again: model ${model} serves`}; the next time is ${next}`,
  );
};

/** Runs until interrupted: a batch under way is stopped in order. */
export const runRetraining = (plan: Plan) =>
  Effect.gen(function* () {
    const vitals = yield* Vitals;
    const zone = plan._tag === "At" ? plan.zone : DateTime.zoneMakeLocal();
    const begun = yield* Clock.currentTimeMillis;
    let tried = Number.NEGATIVE_INFINITY;
    const nextTime = Effect.map(newestModel, (model) => {
      const made = model === undefined ? begun : Date.parse(model.createdAt);
      return nextAfter(plan, Math.max(made, tried));
    });
    const state: RetrainingVitals = {
      ...{ plan: planText(plan), next: yield* nextTime, runningSince: undefined, last: undefined },
    };
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        vitals.retraining.now = state;
      }),
      () =>
        Effect.sync(() => {
          vitals.retraining.now = undefined;
        }),
    );
    yield* Effect.logInfo(`learning again ${state.plan}; the next time is ${timeText(state.next, zone)}`);
    while (true) {
      const due = yield* nextTime;
      state.next = due;
      const now = yield* Clock.currentTimeMillis;
      if (now < due) {
        yield* Effect.sleep(Math.min(due - now, lookMillis));
        continue;
      }
      state.runningSince = now;
      const run = yield* runOne("planned", due).pipe(
        Effect.catchTag("BatchUnderWay", () => Effect.as(Effect.sleep(whileAnotherRuns), undefined)),
        Effect.ensuring(
          Effect.sync(() => {
            state.runningSince = undefined;
          }),
        ),
      );
      if (run === undefined) continue;
      tried = run.ended;
      state.last = run;
      addTo(vitals.retraining.runs, run.outcome, 1);
      state.next = yield* nextTime;
      yield* tell(run, timeText(state.next, zone));
    }
  }).pipe(Effect.scoped);

/** As the settings say; without end where they ask for nothing. */
export const runRetrainingConfigured = Effect.flatMap(
  configuredPlan,
  Option.match({ onNone: () => Effect.never, onSome: runRetraining }),
);

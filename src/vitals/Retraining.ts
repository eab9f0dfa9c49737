/** Report: what the health page and the API tell of learning again. */
import { Schema } from "effect";
import type { RetrainingVitals } from "./Vitals.ts";

const Moment = Schema.String.annotations({ description: "ISO 8601, in UTC." });

export const Retraining = Schema.Struct({
  plan: Schema.String.annotations({ description: "When it is: `every 1d`, or `daily at 03:00 (Europe/Berlin)`." }),
  next: Moment,
  running_since: Schema.NullOr(Moment),
  last: Schema.NullOr(
    Schema.Struct({
      started: Moment,
      ended: Moment,
      outcome: Schema.Literal("done", "skipped", "refused", "failed").annotations({
        description:
          "done: a new model serves, or another process had made one. skipped: the newest model has learnt all there is. refused: it has too little to serve.",
      }),
      model: Schema.NullOr(Schema.String).annotations({ description: "The model that was made." }),
      detail: Schema.NullOr(Schema.String).annotations({ description: "Why it failed, was skipped or was refused." }),
    }),
  ),
}).annotations({ identifier: "Retraining", description: "Learning again by BATCH_EVERY or BATCH_AT." });

export type RetrainingReport = typeof Retraining.Type;

const iso = (millis: number): string => new Date(millis).toISOString();

/** Null in a process that does not learn again by itself. */
export const retrainingReport = (vitals: RetrainingVitals | undefined): RetrainingReport | null => {
  if (vitals === undefined) return null;
  const { last, next, plan, runningSince } = vitals;
  return {
    plan,
    next: iso(next),
    running_since: runningSince === undefined ? null : iso(runningSince),
    last:
      last === undefined
        ? null
        : {
            started: iso(last.started),
            ended: iso(last.ended),
            outcome: last.outcome,
            model: last.model ?? null,
            detail: last.detail ?? null,
          },
  };
};

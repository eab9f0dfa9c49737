/** BatchRuns: batches that this process has started, by themselves or because it was asked: the one under way, the last ones. */
import { Schema } from "effect";
import { Step } from "./Steps.ts";

const Moment = Schema.String.annotations({ description: "ISO 8601, in UTC." });

const run = {
  id: Schema.String.annotations({ examples: ["20261126T031500-3f9a"] }),
  by: Schema.Literal("asked", "planned").annotations({ description: "planned: by BATCH_EVERY or BATCH_AT." }),
  started: Moment,
};

export const RunningBatch = Schema.Struct({
  ...run,
  step: Schema.NullOr(Step).annotations({ description: "Null between two steps, and before the first." }),
}).annotations({ identifier: "RunningBatch" });
export type RunningBatch = typeof RunningBatch.Type;

export const EndedBatch = Schema.Struct({
  ...run,
  ended: Moment,
  outcome: Schema.Literal("done", "skipped", "refused", "failed").annotations({
    description:
      "done: a new model serves, or another process had made one. skipped: the newest model has learnt all there is. refused: what was made, if anything, has too little to serve.",
  }),
  model: Schema.NullOr(Schema.String).annotations({ description: "The model that was made." }),
  detail: Schema.NullOr(Schema.String).annotations({ description: "Why it failed, was skipped or was refused." }),
}).annotations({ identifier: "EndedBatch" });
export type EndedBatch = typeof EndedBatch.Type;

export interface BatchRun {
  readonly id: string;
  readonly by: "asked" | "planned";
  /** Unix milliseconds. */
  readonly started: number;
  step: Step | null;
}

/** What became of a batch; times in Unix milliseconds. */
export interface RetrainingEnd {
  readonly started: number;
  readonly ended: number;
  readonly outcome: "done" | "skipped" | "refused" | "failed";
  /** What was made; undefined where nothing was. */
  readonly model: string | undefined;
  readonly detail: string | undefined;
}

export interface BatchRuns {
  now: BatchRun | undefined;
  /** Newest first. */
  readonly ended: Array<EndedBatch>;
}

/** So many of the last ones are remembered. */
export const mostRemembered = 20;

const iso = (millis: number): string => new Date(millis).toISOString();

export const runningReport = ({ by, id, started, step }: BatchRun): RunningBatch => ({
  ...{ id, by, started: iso(started), step },
});

export const endedReport = (
  { by, id, started }: BatchRun,
  { detail, ended, model, outcome }: RetrainingEnd,
): EndedBatch => ({
  ...{ id, by, started: iso(started), ended: iso(ended) },
  ...{ outcome, model: model ?? null, detail: detail ?? null },
});

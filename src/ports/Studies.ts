/** Studies: runs of `tune` and `evaluate` in a process of their own, which takes the time that others leave. */
import { Context, type Effect } from "effect";
import { type BatchEnd, BatchesError, type BatchStep } from "./Batches.ts";

export interface TuneStudy {
  readonly kind: "tune";
  /** How long is searched; undefined: as is set. */
  readonly minutes: number | undefined;
}

export interface EvaluateStudy {
  readonly kind: "evaluate";
}

export type Study = TuneStudy | EvaluateStudy;

export interface StudiesService {
  /** With the settings of this process. Told of and interrupted as `Batches.learn`. */
  readonly run: (study: Study, onStep: (step: BatchStep | null) => void) => Effect.Effect<BatchEnd, BatchesError>;
}

/** By default no process can be started. */
export class Studies extends Context.Reference<Studies>()("slipstream/Studies", {
  defaultValue: (): StudiesService => ({
    run: () => new BatchesError({ message: "this program cannot start a process" }),
  }),
}) {}

/** Steps: how far a long work of this process is, kept for whoever asks. */
import { Effect, Schema } from "effect";
import type { ProgressService } from "../ports/Progress.ts";

export const Step = Schema.Struct({
  name: Schema.String.annotations({ examples: ["replaying events"] }),
  done: Schema.Int,
  of: Schema.NullOr(Schema.Int).annotations({ description: "Null where it is not known how many there will be." }),
  unit: Schema.String.annotations({ examples: ["events"] }),
  note: Schema.optionalWith(Schema.String, { exact: true }).annotations({
    description: "What else there is to say, such as the best settings so far.",
  }),
}).annotations({ identifier: "Step", description: "What it is at, and how far." });
export type Step = typeof Step.Type;

interface Running {
  readonly name: string;
  readonly unit: string;
  readonly of: number | null;
  done: number;
}

export interface Steps {
  readonly progress: ProgressService;
  /** The innermost step that is under way; null between two. */
  readonly now: () => Step | null;
}

export const makeSteps = (): Steps => {
  const running: Array<Running> = [];
  return {
    now: () => {
      const last = running.at(-1);
      return last === undefined ? null : { ...last, done: Math.round(last.done) };
    },
    progress: {
      task: ({ label, total, unit }) =>
        Effect.map(
          Effect.acquireRelease(
            Effect.sync(() => {
              const step: Running = { name: label, unit, of: total === undefined ? null : Math.round(total), done: 0 };
              running.push(step);
              return step;
            }),
            (step) => Effect.sync(() => running.splice(running.indexOf(step), 1)),
          ),
          (step) => ({
            advance: (amount) => {
              step.done += amount;
            },
            note: () => {},
          }),
        ),
    },
  };
};

/** Shown: the stages of Spark's jobs on the progress bar. */
import { Effect, type Scope } from "effect";
import { Progress } from "../../../src/ports/Progress.ts";
import type { SparkProgress } from "./Session.ts";

/** Counts the tasks of all stages, and names the one that is at work. */
export const showStages = (
  label: string,
): Effect.Effect<(progress: SparkProgress) => void, never, Progress | Scope.Scope> =>
  Effect.gen(function* () {
    const progress = yield* Progress;
    const task = yield* progress.task({ label, unit: "tasks" });
    let last: SparkProgress = { stage: "", done: 0, of: 0 };
    task.note("starting Spark");
    return (now) => {
      const isSame = now.stage === last.stage && now.of === last.of && now.done >= last.done;
      task.advance(isSame ? now.done - last.done : now.done);
      task.note(`${now.stage}, ${now.done} of ${now.of}`);
      last = now;
    };
  });

/** Shown: a training that tells how far it is, and the loss so far. */
import { Effect } from "effect";
import type { ModelParameters } from "../domain/Model.ts";
import { Progress } from "../ports/Progress.ts";
import { type Ratings, type TrainedFactors, Trainer, type TrainingError } from "../ports/Trainer.ts";

export const trainShown = (
  label: string,
  ratings: Ratings,
  parameters: ModelParameters,
): Effect.Effect<TrainedFactors, TrainingError, Trainer | Progress> =>
  Effect.gen(function* () {
    const trainer = yield* Trainer;
    const progress = yield* Progress;
    const task = yield* progress.task({ label, unit: "iterations", total: parameters.iterations });
    return yield* trainer.train(ratings, parameters, (_iteration, loss) => {
      task.advance(1);
      task.note(`loss ${loss.toPrecision(6)}`);
    });
  }).pipe(Effect.scoped);

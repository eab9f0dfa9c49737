/** Training: a Trainer on threads of the test, which tells no progress. */
import { Layer } from "effect";
import { make } from "../../layers/Trainer/Threads.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { Trainer } from "../../src/ports/Trainer.ts";

export const training = Layer.merge(Layer.succeed(Trainer, make(2)), Progress.layerSilent);

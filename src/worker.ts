/** Entry of the worker threads: takes one training step per message and answers when its share is done. */
import { parentPort, workerData } from "node:worker_threads";
import type { Step, TrainingThread } from "./training/Step.ts";
import { makeSteps } from "./training/Steps.ts";

const take = makeSteps(workerData as TrainingThread);
parentPort?.on("message", (step: Step) => parentPort?.postMessage(take(step)));

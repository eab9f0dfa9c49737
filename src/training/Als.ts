/**
 * Als: what a Trainer promises, by alternating least squares over worker threads.
 *
 * kernels/assembly/als.ts has the method and its sources, Balance.ts what makes both sides of one length.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Deferred, Effect, type Scope } from "effect";
import type { ModelParameters } from "../domain/Model.ts";
import { artifactPath } from "../kernels/Artifact.ts";
import { type Ratings, type TrainedFactors, TrainingError } from "../ports/Trainer.ts";
import { checkParameters } from "./Check.ts";
import { type Layout, layoutOf, type Problem } from "./Layout.ts";
import { areUniform } from "./RowWeights.ts";
import type { Answer, SideName, Step, TrainingThread } from "./Step.ts";

export interface TrainingInput extends Ratings {
  readonly parameters: ModelParameters;
  /** 0: one per core. The result does not depend on it. */
  readonly threads: number;
}

/** Conjugate gradient steps per row and half-iteration. */
const steps = 2;

const pageBytes = 65536;
const largestMemory = 65536 * pageBytes;
const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** The largest rank that the problem has room for; 0 when there is none. */
const largestRank = (problem: Problem): number => {
  let rank = problem.rank;
  while (rank > 0 && layoutOf({ ...problem, rank }).size > largestMemory) rank -= 8;
  return rank;
};

const allocate = (layout: Layout): Effect.Effect<WebAssembly.Memory, TrainingError> => {
  const { problem, size } = layout;
  const what = `${problem.users} users, ${problem.items} items, ${problem.pairs} pairs at rank ${problem.rank}`;
  if (size > largestMemory) {
    const rank = largestRank(problem);
    const remedy = rank > 0 ? `set ALS_RANK to ${rank} or less` : "train on fewer interactions";
    return new TrainingError({
      reason: "TooLarge",
      message: `Training ${what} needs ${gibibytes(size)}; ${gibibytes(largestMemory)} is the limit: ${remedy}.`,
    });
  }
  return Effect.try({
    try: () => {
      const pages = Math.max(1, Math.ceil(size / pageBytes));
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    },
    catch: (cause) =>
      new TrainingError({
        reason: "OutOfMemory",
        message: `Training ${what} needs ${gibibytes(size)}, which this machine does not give: free memory or set a smaller ALS_RANK.`,
        cause,
      }),
  });
};

/** Lets other work of this thread go first. */
const breathe = Effect.async<void>((resume) => {
  const handle = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(handle));
});

const copySlice = 1 << 20;

/** Copies in slices, so that the event loop is never held for long. */
const copy = <A extends Uint32Array | Float32Array>(from: A, to: A): Effect.Effect<void> =>
  Effect.iterate(0, {
    while: (start) => start < from.length,
    body: (start) =>
      breathe.pipe(
        Effect.map(() => {
          to.set(from.subarray(start, start + copySlice), start);
          return start + copySlice;
        }),
      ),
  });

const copyInput = (input: TrainingInput, memory: WebAssembly.Memory, { users }: Layout): Effect.Effect<void> =>
  Effect.all(
    [
      copy(input.pointers, new Uint32Array(memory.buffer, users.pointers, input.pointers.length)),
      copy(input.itemIdx, new Uint32Array(memory.buffer, users.indices, input.itemIdx.length)),
      copy(input.ratings, new Float32Array(memory.buffer, users.weights, input.ratings.length)),
    ],
    { discard: true },
  );

interface Thread {
  readonly worker: Worker;
  /** Fails when the thread stops by itself. */
  readonly stopped: Deferred.Deferred<never, TrainingError>;
}

/** A thread lives as long as the scope: closing it, by end, failure or interruption, stops the thread at once. */
const startThread = (training: TrainingThread): Effect.Effect<Thread, never, Scope.Scope> =>
  Effect.gen(function* () {
    const stopped = yield* Deferred.make<never, TrainingError>();
    const stop = (cause: unknown) =>
      Deferred.unsafeDone(
        stopped,
        new TrainingError({ reason: "WorkerFailed", message: `A training thread stopped: ${String(cause)}.`, cause }),
      );
    const worker = yield* Effect.acquireRelease(
      Effect.sync(() => new Worker(artifactPath("worker.js"), { workerData: training })),
      (worker) => Effect.promise(() => worker.terminate()),
    );
    worker.on("error", stop).on("exit", (code) => stop(`exit code ${code}`));
    return { worker, stopped };
  });

/** Has a thread take a step; succeeds with its answer when its share is done. */
const take = ({ worker, stopped }: Thread, step: Step): Effect.Effect<Answer, TrainingError> =>
  Effect.async<Answer>((resume) => {
    const answered = (answer: Answer) => resume(Effect.succeed(answer));
    worker.once("message", answered);
    worker.postMessage(step);
    return Effect.sync(() => worker.off("message", answered));
  }).pipe(Effect.raceFirst(Deferred.await(stopped)));

/**
 * Trains; the factors are views of the training's memory. The same input and seed give the same factors to the bit,
 * whatever the number of threads. Interrupting stops the threads at once.
 */
export const trainAls = (
  input: TrainingInput,
  onIteration: (iteration: number, loss: number) => void,
): Effect.Effect<TrainedFactors, TrainingError> =>
  Effect.gen(function* () {
    yield* checkParameters(input, input.parameters);
    const { users, items, parameters } = input;
    const threads = input.threads > 0 ? input.threads : availableParallelism();
    const layout = layoutOf({ users, items, pairs: input.itemIdx.length, rank: parameters.rank, threads });
    const memory = yield* allocate(layout);
    yield* copyInput(input, memory, layout);
    const pool = yield* Effect.forEach(Array.from({ length: threads }).keys(), (thread) =>
      startThread({
        thread,
        memory,
        layout,
        parameters,
        steps,
      }),
    );
    const counter = new Int32Array(memory.buffer, layout.counter, 1);

    const together = (step: Step) =>
      Effect.suspend(() => {
        Atomics.store(counter, 0, 0);
        return Effect.forEach(pool, (thread) => take(thread, step), { concurrency: "unbounded", discard: true });
      });
    const alone = (step: Step, reason: "InvalidInput" | "Diverged") =>
      take(pool[0]!, step).pipe(
        Effect.filterOrFail(
          (answer) => answer.problem === undefined,
          ({ problem }) => new TrainingError({ reason, message: `Cannot train: ${problem}.` }),
        ),
      );
    const prepare = (side: SideName) =>
      together({ name: "gramian", side, by: "bases" }).pipe(
        Effect.zipRight(alone({ name: "factorize", side }, "Diverged")),
      );
    const half = (side: SideName, fixed: SideName) =>
      together({ name: "project", side: fixed }).pipe(
        Effect.zipRight(together({ name: "solve", side })),
        Effect.zipRight(prepare(side)),
      );
    const iterate = half("users", "items").pipe(Effect.zipRight(half("items", "users")));
    const weigh = (side: SideName) =>
      together({ name: "gramian", side, by: "penalties" }).pipe(
        Effect.zipRight(alone({ name: "sum", side }, "Diverged")),
      );
    // Where all penalties are alike, the Gramians are those of the last iteration.
    const weighed = areUniform(parameters) ? Effect.void : Effect.zipRight(weigh("users"), weigh("items"));
    const balance = weighed.pipe(
      Effect.zipRight(alone({ name: "balance" }, "Diverged")),
      Effect.zipRight(together({ name: "transform", side: "users" })),
      Effect.zipRight(together({ name: "transform", side: "items" })),
      Effect.zipRight(prepare("users")),
      Effect.zipRight(prepare("items")),
    );
    const measure = together({ name: "partialLoss" }).pipe(
      Effect.zipRight(alone({ name: "loss" }, "Diverged")),
      Effect.map(({ loss = 0 }) => loss),
    );

    yield* alone({ name: "initialize" }, "InvalidInput");
    yield* prepare("items");
    const losses: Array<number> = [];
    for (let iteration = 1; iteration <= parameters.iterations; iteration++) {
      yield* iterate;
      if (iteration === parameters.iterations) yield* balance;
      const loss = yield* measure;
      losses.push(loss);
      onIteration(iteration, loss);
    }
    const factors = (side: SideName) =>
      new Float32Array(memory.buffer, layout[side].factors, layout[side].rows * parameters.rank);
    return { userFactors: factors("users"), itemFactors: factors("items"), losses };
  }).pipe(Effect.scoped);

/**
 * Answerers as child processes, tied to this one by the channel that Node opens between the two. They give way a little where all cores
 * are busy, so that single requests do not wait for batches.
 */
import { type Duration, Effect, Layer } from "effect";
import { artifactPath } from "../../src/kernels/Artifact.ts";
import { type Answerer, Answerers, AnswerersError, type Channel } from "../../src/ports/Answerers.ts";
import { startTied, stopTied } from "./Tied.ts";

/** Of 19: a third of others' share. */
const priority = 5;

/** Longest that one takes to close its stores; it is killed then. */
const grace: Duration.DurationInput = "5 seconds";

const failed = (cause: unknown): AnswerersError =>
  new AnswerersError({
    message: `no process could be started: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });

/** What is of no importance to who serves is not logged twice. */
const logLevel = (texts: ReadonlyMap<string, string>): string =>
  texts.get("LOG_LEVEL") === "error" ? "error" : "warning";

const start = <Sent, Received>(entry: string, texts: ReadonlyMap<string, string>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => {
          const { child } = startTied({
            entry,
            texts: new Map([...texts, ["LOG_LEVEL", logLevel(texts)]]),
            priority,
            serialization: "advanced",
            // What it logs stands beside what this process logs.
            stdio: ["ignore", 2, 2, "ipc"],
          });
          const ended = new Promise<string>((resolve) => {
            child.once("error", ({ message }) => resolve(message));
            child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
          });
          return { child, ended };
        },
        catch: failed,
      }),
      ({ child, ended }) => stopTied(child, ended, grace),
    ),
    ({ child, ended }): Answerer<Sent, Received> => ({
      send: (message) => {
        if (child.connected) child.send(message as object, () => {});
      },
      listen: (take) => void child.on("message", (message) => take(message as Received)),
      ended: Effect.promise(() => ended),
    }),
  );

/** `texts` is asked when one is due. */
export const make = (entry: string, texts: () => ReadonlyMap<string, string>) =>
  Answerers.of({
    canStart: true,
    start: <Sent, Received>() => Effect.suspend(() => start<Sent, Received>(entry, texts())),
  });

export const layer = (texts: () => ReadonlyMap<string, string>): Layer.Layer<Answerers> =>
  Layer.sync(Answerers, () => make(artifactPath("answerer.js"), texts));

/** In such a process: the channel to the one that started it. */
export const ownChannel = <Sent, Received>(): Channel<Sent, Received> => ({
  send: (message) => {
    if (process.connected) process.send?.(message as object, undefined, undefined, () => {});
  },
  listen: (take) => {
    process.channel?.ref();
    process.on("message", (message) => {
      if (typeof message === "object") take(message as Received);
    });
  },
});

/**
 * Session: a Spark driver as a process of ours, which does one step after another, or several at once, until the scope closes.
 *
 * The driver does not outlive this process: it ends with the socket between the two. What it writes is nothing until this
 * process makes it part of a table.
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Deferred, Duration, Effect, Either, Queue, Schema, type Scope } from "effect";
import { ownFolder } from "../../Processes/OwnFolder.ts";
import { openLog, readReason } from "./Log.ts";
import type { SparkSettings } from "./Settings.ts";
import { type SparkError, sparkError } from "./SparkError.ts";
import { submit } from "./Submit.ts";
import { openWire, type Wire } from "./Wire.ts";

/** How far a step's Spark stages are, in tasks. */
export interface SparkProgress {
  readonly stage: string;
  readonly done: number;
  readonly of: number;
}

export interface Asking<E> {
  readonly watch?: ((progress: SparkProgress) => void) | undefined;
  /** What a step asks in its turn is answered by this; where it fails, the step is cancelled and fails alike. */
  readonly answer?: ((question: unknown) => Effect.Effect<unknown, E>) | undefined;
}

export interface SparkSession {
  /** Version of Spark. */
  readonly version: string;
  /** Where all that Spark says is. */
  readonly log: string;
  /** Whether its driver is gone. */
  readonly isLost: () => boolean;
  /**
   * Does the step MODULE.FUNCTION of scripts/spark; its result, decoded. Interruption cancels its jobs and waits until it has
   * ended.
   */
  readonly ask: <A, I, E = never>(
    step: string,
    args: unknown,
    result: Schema.Schema<A, I>,
    asking?: Asking<E>,
  ) => Effect.Effect<A, SparkError | E>;
  /** A new folder on the storage of the tables, gone with the session; its name ends in `name`. */
  readonly staging: (name: string) => Effect.Effect<string, SparkError>;
}

const Failure = Schema.Struct({ kind: Schema.String, message: Schema.String });

const Said = Schema.parseJson(
  Schema.Struct({
    ready: Schema.optional(Schema.Struct({ spark: Schema.String })),
    failed: Schema.optional(Failure),
    id: Schema.optional(Schema.Int),
    progress: Schema.optional(Schema.Struct({ stage: Schema.String, done: Schema.Number, of: Schema.Number })),
    question: Schema.optional(Schema.Unknown),
    result: Schema.optional(Schema.Unknown),
    error: Schema.optional(Failure),
  }),
);
type Said = typeof Said.Type;
const decodeSaid = Schema.decodeUnknownEither(Said);

/** A step that does not end so long after it was cancelled is left to the driver's end. */
const cancelGrace = Duration.seconds(20);

/** What a step may say before anybody reads it: a question, or its end. */
const heldWords = 4;

interface Asked {
  readonly words: Queue.Queue<Said>;
  readonly watch: ((progress: SparkProgress) => void) | undefined;
}

interface Heard {
  /** Completes with Spark's version when it can be asked. */
  readonly ready: Deferred.Deferred<string, SparkError>;
  /** Fails when the driver is gone. */
  readonly lost: Deferred.Deferred<never, SparkError>;
  readonly asked: Map<number, Asked>;
}

/** Hands on what the driver says. */
const hear = ({ asked, ready }: Heard, log: string, line: string): void => {
  const said = decodeSaid(line);
  if (Either.isLeft(said)) return;
  const { failed, id, progress, ready: started } = said.right;
  if (started !== undefined) Deferred.unsafeDone(ready, Effect.succeed(started.spark));
  if (failed !== undefined) Deferred.unsafeDone(ready, Effect.fail(sparkError(failed.kind, failed.message, log)));
  const of = id === undefined ? undefined : asked.get(id);
  if (progress !== undefined) of?.watch?.(progress);
  else of?.words.unsafeOffer(said.right);
};

const makeAsk = (wire: Wire, { asked, lost }: Heard, log: string): SparkSession["ask"] => {
  let last = 0;
  return <A, I, E = never>(step: string, args: unknown, result: Schema.Schema<A, I>, asking: Asking<E> = {}) =>
    Effect.acquireUseRelease(
      Effect.gen(function* () {
        const id = ++last;
        const words = yield* Queue.bounded<Said>(heldWords);
        asked.set(id, { words, watch: asking.watch });
        wire.send({ id, step, args });
        return { id, words, ended: false };
      }),
      (open) => {
        const next: Effect.Effect<A, SparkError | E> = Effect.gen(function* () {
          const { error, question, result: told } = yield* Queue.take(open.words);
          if (question !== undefined) {
            const answer = asking.answer === undefined ? null : yield* asking.answer(question);
            wire.send({ id: open.id, answer: answer ?? null });
            return yield* next;
          }
          open.ended = true;
          if (error !== undefined) return yield* sparkError(error.kind, error.message, log);
          return yield* Effect.mapError(Schema.decodeUnknown(result)(told), (cause) =>
            sparkError("Failed", `Spark's driver answered ${step} by what is no answer`, log, cause),
          );
        });
        return Effect.raceFirst(next, Deferred.await(lost));
      },
      (open) => {
        if (open.ended) return Effect.sync(() => void asked.delete(open.id));
        wire.send({ id: open.id, cancel: true });
        const end: Effect.Effect<void> = Effect.flatMap(Queue.take(open.words), ({ question }) =>
          question === undefined ? Effect.void : end,
        );
        return Effect.raceFirst(end, Effect.ignore(Deferred.await(lost))).pipe(
          Effect.timeout(cancelGrace),
          Effect.ignore,
          Effect.interruptible,
          Effect.ensuring(Effect.sync(() => asked.delete(open.id))),
        );
      },
    );
};

/** Starts Spark; `name` is in that of its log. At the scope's end it stops, after which all is gone that it made for itself. */
export const openSession = (
  settings: SparkSettings,
  name: string,
): Effect.Effect<SparkSession, SparkError, Scope.Scope> =>
  Effect.gen(function* () {
    const log = yield* openLog(settings.folder, name);
    const { made } = yield* ownFolder(join(settings.folder, "work"));
    const unwritable = (cause: unknown) => sparkError("Full", `${settings.folder} cannot be written`, log.path, cause);
    const folder = yield* Effect.mapError(made, unwritable);
    const wire = yield* openWire;
    const heard: Heard = {
      ready: yield* Deferred.make<string, SparkError>(),
      lost: yield* Deferred.make<never, SparkError>(),
      asked: new Map(),
    };
    const { ended } = yield* submit({ settings, folder, socket: wire.path, log: log.file, env: process.env });
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        wire.send({ stop: true });
        wire.close();
      }),
    );
    let isLost = false;
    const lose = (): void => {
      isLost = true;
      const { kind, said } = readReason(log.path);
      const error = sparkError(kind, said, log.path);
      Deferred.unsafeDone(heard.ready, Effect.fail(error));
      Deferred.unsafeDone(heard.lost, Effect.fail(error));
    };
    // Its last words are read before it is known to be gone.
    wire.listen({ line: (text) => hear(heard, log.path, text), gone: () => void ended.then(lose) });
    void ended.then(() => setTimeout(lose, 100).unref());
    const version = yield* Deferred.await(heard.ready);
    return {
      version,
      log: log.path,
      isLost: () => isLost,
      ask: makeAsk(wire, heard, log.path),
      staging: (ending) =>
        Effect.tryPromise({
          try: async () => {
            const path = join(folder, `${randomUUID()}-${ending}`);
            await mkdir(path);
            return path;
          },
          catch: unwritable,
        }),
    };
  });

/**
 * Answerers: processes of this program that answer parts of batches beside this one: each on the same stores, with the same settings,
 * and a catalogue and vectors of its own in memory.
 */
import { Context, type Effect, Schema, type Scope } from "effect";

/** Messages in both directions, each in the order in which they are sent. They are copied: plain values, bytes and maps. */
export interface Channel<Sent, Received> {
  /** Nothing happens where the other end is gone. */
  readonly send: (message: Sent) => void;
  /** One who listens: is told of all that comes from now on. */
  readonly listen: (take: (message: Received) => void) => void;
}

export interface Answerer<Sent, Received> extends Channel<Sent, Received> {
  /** Returns, with how it ended, once the process is gone. */
  readonly ended: Effect.Effect<string>;
}

export interface AnswerersService {
  /** Whether this program can start any. */
  readonly canStart: boolean;
  /**
   * Starts one. It ends with the scope, in order, and does not outlive this process, however that dies. Both ends are of one build,
   * and take each other's word for what is sent.
   */
  readonly start: <Sent, Received>() => Effect.Effect<Answerer<Sent, Received>, AnswerersError, Scope.Scope>;
}

export class AnswerersError extends Schema.TaggedError<AnswerersError>()("AnswerersError", {
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** By default none can be started. */
export class Answerers extends Context.Reference<Answerers>()("slipstream/Answerers", {
  defaultValue: (): AnswerersService => ({
    canStart: false,
    start: () => new AnswerersError({ message: "this program cannot start a process that answers batches" }),
  }),
}) {}

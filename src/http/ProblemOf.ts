/** ProblemOf: how each error of the programs behind the API is told over HTTP: tables for `Effect.catchTags`. */
import { Effect, Struct } from "effect";
import type { InvalidInput, NotNow, UnknownIds } from "../serving/Errors.ts";
import { InvalidRequest, NotFound, Unavailable } from "./Problem.ts";

export const invalidRequest = ({ errors, message }: InvalidInput): InvalidRequest =>
  new InvalidRequest({ detail: message, errors });

export const problemOf = {
  InvalidInput: (error: InvalidInput) => Effect.fail(invalidRequest(error)),
  UnknownIds: ({ errors, message }: UnknownIds) => Effect.fail(new NotFound({ detail: message, errors })),
  NotNow: ({ message }: NotNow) => Effect.fail(new Unavailable({ detail: message })),
};

/** Of those that a recommendation can fail with. */
export const problemOfRecommend = Struct.pick(problemOf, "InvalidInput", "NotNow");

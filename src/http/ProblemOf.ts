/** ProblemOf: how each error of the programs behind the API is told over HTTP: tables for `Effect.catchTags`. */
import { Effect, Struct } from "effect";
import type { Conflicting, InvalidInput, NotNow, UnknownIds } from "../serving/Errors.ts";
import type { UploadStopped } from "../serving/items/Upload.ts";
import { Conflict, InvalidRequest, NotFound, UploadStopped as Stopped, Unavailable } from "./Problem.ts";

export const invalidRequest = ({ errors, message }: InvalidInput): InvalidRequest =>
  new InvalidRequest({ detail: message, errors });

export const problemOf = {
  InvalidInput: (error: InvalidInput) => Effect.fail(invalidRequest(error)),
  UnknownIds: ({ errors, message }: UnknownIds) => Effect.fail(new NotFound({ detail: message, errors })),
  NotNow: ({ message }: NotNow) => Effect.fail(new Unavailable({ detail: message })),
};

/** Of those that need not name what there is. */
export const problemOfInput = Struct.pick(problemOf, "InvalidInput", "NotNow");

/** Of those that change what is named, where that can be done. */
export const problemOfDeed = {
  ...Struct.pick(problemOf, "UnknownIds", "NotNow"),
  Conflicting: ({ message }: Conflicting) => Effect.fail(new Conflict({ detail: message })),
};

/** Of those that take no input but a name. */
export const problemOfName = Struct.pick(problemOf, "UnknownIds", "NotNow");

/** Of an upload. A sender who ended early hardly reads it. */
export const problemOfUpload = {
  UploadStopped: ({ lines, message, reason, taken }: UploadStopped) =>
    reason === "Store"
      ? Effect.fail(new Stopped({ detail: message, lines, ...taken }))
      : Effect.fail(new InvalidRequest({ detail: message, errors: [{ field: "body", detail: "send it to its end" }] })),
};

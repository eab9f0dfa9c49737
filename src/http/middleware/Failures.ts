/**
 * Failures: whatever goes wrong as problem details. A client never sees a stack trace; the log has it, under the request id.
 */
import { HttpApiError, type HttpServerRequest, type HttpServerResponse } from "@effect/platform";
import { Cause, Effect, Option } from "effect";
import { fieldErrors } from "../../serving/EventInput.ts";
import { InternalError, InvalidRequest, isProblem, type Problem } from "../Problem.ts";
import { problemResponse } from "../Responses.ts";
import { allowed } from "../Routes.ts";
import { targetOf } from "../Target.ts";

type Request = HttpServerRequest.HttpServerRequest;

/** What paths have behind their first word; it can be decoded, else nothing would have come here. */
const inPath: ReadonlySet<string> = new Set(["user_id", "item_id", "model_id", "receipt"]);

const invalidParameters = (error: HttpApiError.HttpApiDecodeError, url: string): InvalidRequest => {
  const { path, query } = targetOf(url);
  const parameters = new URLSearchParams(query);
  const sent: Record<string, string> = {};
  for (const name of new Set(error.issues.map(({ path }) => String(path[0])))) {
    const values = parameters.getAll(name);
    if (values.length > 0) sent[name] = values.join(" and ");
    else if (inPath.has(name)) sent[name] = decodeURIComponent(path.split("/")[2] ?? "");
  }
  const errors = fieldErrors(
    error.issues.map(({ path, message }) => ({ path: path.slice(0, 1).map(String), message })),
    sent,
  );
  return new InvalidRequest({ detail: errors.map(({ field, detail }) => `${field}: ${detail}`).join("; "), errors });
};

const problemOf = (error: unknown, request: Request): Problem => {
  if (isProblem(error)) return error;
  if (error instanceof HttpApiError.HttpApiDecodeError) return invalidParameters(error, request.url);
  return new InternalError({
    detail: "The server failed at this request; the log has the cause under the request id.",
  });
};

export const logged = (request: Request, status: number, cause?: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.annotateLogs(
    status >= 500 && cause !== undefined && !Cause.failureOption(cause).pipe(Option.exists(isProblem))
      ? Effect.logError("request failed", cause)
      : Effect.logDebug("request"),
    { method: request.method, path: targetOf(request.url).path, status },
  );

export const answerFailure =
  (request: Request, requestId: string) =>
  (cause: Cause.Cause<unknown>): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
    if (Cause.isInterruptedOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>);
    const { path } = targetOf(request.url);
    const response = problemResponse(problemOf(Cause.squash(cause), request), path, allowed(path), requestId);
    return Effect.as(logged(request, response.status, cause), response);
  };

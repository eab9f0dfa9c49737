/** Responses: JSON and problem details as they are sent. */
import { HttpServerResponse } from "@effect/platform";
import { Schema } from "effect";
import { challengeOf } from "./middleware/Access.ts";
import { type Problem, problems } from "./Problem.ts";
import { maxPathLength } from "./Target.ts";

type Response = HttpServerResponse.HttpServerResponse;

/** JSON as one string: the cheapest body to send, and its length known. */
export const jsonText = (body: string, status = 200, contentType = "application/json"): Response =>
  HttpServerResponse.raw(body, { status, contentType, contentLength: Buffer.byteLength(body) });

export const json = (value: unknown, status = 200, contentType = "application/json"): Response =>
  jsonText(JSON.stringify(value), status, contentType);

const encode = Schema.encodeSync(Schema.Union(...problems));

const retryAfterSeconds = "1";

/** `methods` are those of the path. */
export const problemResponse = (
  problem: Problem,
  path: string,
  methods: ReadonlyArray<string>,
  requestId?: string,
): Response => {
  const body = { ...encode(problem), instance: path.slice(0, maxPathLength), request_id: requestId };
  const response = json(body, problem.status, "application/problem+json");
  if (problem.status === 503 || problem.status === 409)
    return HttpServerResponse.setHeader(response, "retry-after", retryAfterSeconds);
  if (problem.status === 429) return HttpServerResponse.setHeader(response, "retry-after", String(problem.retry_after));
  if ("scope" in problem) return HttpServerResponse.setHeader(response, "www-authenticate", challengeOf(problem));
  if (problem.status === 405) return HttpServerResponse.setHeader(response, "allow", methods.join(", "));
  return response;
};

/**
 * Guard: what surrounds every route: a request id, the security headers, and one place where whatever goes wrong
 * becomes problem details. A client never sees a stack trace; the log has it, under the request id.
 */
import {
  HttpApi,
  HttpApiBuilder,
  HttpApiError,
  type HttpApp,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse,
} from "@effect/platform";
import { Cause, Context, Effect, FiberRef, LogLevel, Option, Schema } from "effect";
import { addTo, Vitals } from "../stream/Vitals.ts";
import { Api } from "./Api.ts";
import { fieldErrors } from "./EventInput.ts";
import { plainQuery } from "./FastPath.ts";
import {
  InternalError,
  InvalidRequest,
  isProblem,
  MethodNotAllowed,
  NotFound,
  type Problem,
  problems,
  shown,
} from "./Problem.ts";
import { Recommend } from "./Recommend.ts";

/** The router, whose type does not tell of its errors. */
type App = HttpApp.Default<unknown>;
type Response = HttpServerResponse.HttpServerResponse;

/** A JSON answer as one string: the cheapest body to send, and its length known. */
export const json = (value: unknown, status = 200, contentType = "application/json"): Response => {
  const body = JSON.stringify(value);
  return HttpServerResponse.raw(body, { status, contentType, contentLength: Buffer.byteLength(body) });
};

/** The docs page brings all its scripts and styles with it, inline; nothing else may load or run anything. */
const inlineOnly =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const nothing = "default-src 'none'; frame-ancestors 'none'";

const securityHeaders = (path: string) => ({
  "cache-control": "no-store",
  "content-security-policy": path === docsPath ? inlineOnly : nothing,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
});

export const docsPath = "/docs";
export const openApiPath = "/openapi.json";

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
}

const routes: ReadonlyArray<Route> = (() => {
  const found: Array<Route> = [];
  const add = (method: string, path: string) =>
    found.push({ method, pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`) });
  HttpApi.reflect(Api as never, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => add(endpoint.method, endpoint.path),
  });
  add("GET", docsPath);
  add("GET", openApiPath);
  return found;
})();

/** The methods of a path, as the allow header lists them; empty for a path that does not exist. */
export const allowed = (path: string): ReadonlyArray<string> => {
  const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return methods.length === 0 ? [] : [...methods.flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m])), "OPTIONS"];
};

const pathOf = (url: string): string => url.split("?", 1)[0];

const invalidParameters = (error: HttpApiError.HttpApiDecodeError, url: string): InvalidRequest => {
  const query = new URLSearchParams(url.slice(pathOf(url).length + 1));
  const sent: Record<string, string> = {};
  for (const name of new Set(error.issues.map(({ path }) => String(path[0])))) {
    const values = query.getAll(name);
    if (values.length > 0) sent[name] = values.join(" and ");
  }
  const errors = fieldErrors(
    error.issues.map(({ path, message }) => ({ path: path.slice(0, 1).map(String), message })),
    sent,
  );
  return new InvalidRequest({ detail: errors.map(({ field, detail }) => `${field}: ${detail}`).join("; "), errors });
};

const isDecodable = (path: string): boolean => {
  try {
    return decodeURIComponent(path) !== undefined;
  } catch {
    return false;
  }
};

const routeProblem = (method: string, path: string): Problem => {
  if (!isDecodable(path)) {
    const detail = "send each % of the path as %25, and other characters percent-encoded in UTF-8";
    return new InvalidRequest({
      detail: "The path cannot be decoded.",
      errors: [{ field: "path", value: shown(path), detail }],
    });
  }
  const methods = allowed(path);
  return methods.length === 0
    ? new NotFound({ detail: `There is no ${path.slice(0, 200)}: the routes are listed at ${docsPath}.` })
    : new MethodNotAllowed({ detail: `${method} is not for ${path.slice(0, 200)}: use ${methods.join(", ")}.` });
};

const problemOf = (error: unknown, request: HttpServerRequest.HttpServerRequest): Problem => {
  if (isProblem(error)) return error;
  if (error instanceof HttpApiError.HttpApiDecodeError) return invalidParameters(error, request.url);
  if (error instanceof HttpServerError.RouteNotFound) return routeProblem(request.method, pathOf(request.url));
  return new InternalError({
    detail: "The server failed at this request; the log has the cause under the request id.",
  });
};

const encode = Schema.encodeSync(Schema.Union(...problems));

const retryAfterSeconds = "1";

const problemResponse = (problem: Problem, path: string, requestId: string): Response => {
  const body = { ...encode(problem), instance: path, request_id: requestId };
  const response = json(body, problem.status, "application/problem+json");
  if (problem.status === 503) return HttpServerResponse.setHeader(response, "retry-after", retryAfterSeconds);
  if (problem.status === 405) return HttpServerResponse.setHeader(response, "allow", allowed(path).join(", "));
  return response;
};

const idOfClient = /^[\w.-]{1,64}$/;
const processId = crypto.randomUUID().slice(0, 8);
let requests = 0;

const requestIdOf = (request: HttpServerRequest.HttpServerRequest): string => {
  const given = request.headers["x-request-id"];
  return given !== undefined && idOfClient.test(given) ? given : `${processId}-${(++requests).toString(36)}`;
};

const logged = (request: HttpServerRequest.HttpServerRequest, status: number, cause?: Cause.Cause<unknown>) =>
  Effect.annotateLogs(
    status >= 500 && cause !== undefined && !Cause.failureOption(cause).pipe(Option.exists(isProblem))
      ? Effect.logError("request failed", cause)
      : Effect.logDebug("request"),
    { method: request.method, path: pathOf(request.url), status },
  );

/** Surrounds the router: see the head of this file. */
export const layer = HttpApiBuilder.middleware(
  Effect.map(Effect.all([Recommend, Vitals]), ([{ recommend }, { responses }]) => (app) => {
    const route = (request: HttpServerRequest.HttpServerRequest): App => {
      const query = plainQuery(request);
      if (query === undefined) return app;
      return Effect.interruptible(Effect.map(recommend(query), (answer) => json(answer)));
    };
    return Effect.withFiberRuntime((fiber) => {
      const debug = LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug);
      const request = Context.unsafeGet(fiber.currentContext, HttpServerRequest.HttpServerRequest);
      const requestId = requestIdOf(request);
      const path = pathOf(request.url);
      const options = request.method === "OPTIONS" && allowed(path).length > 0;
      const handled = options
        ? Effect.succeed(HttpServerResponse.empty({ status: 204, headers: { allow: allowed(path).join(", ") } }))
        : Effect.catchAllCause(route(request), (cause) => {
            if (Cause.isInterruptedOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>);
            const response = problemResponse(problemOf(Cause.squash(cause), request), path, requestId);
            return Effect.as(logged(request, response.status, cause), response);
          });
      const answered = Effect.map(handled, (response) => {
        addTo(responses, response.status, 1);
        return HttpServerResponse.setHeaders(response, { ...securityHeaders(path), "x-request-id": requestId });
      });
      const told = debug ? Effect.tap(answered, (response) => logged(request, response.status)) : answered;
      return Effect.annotateLogs(told, "request_id", requestId);
    });
  }),
);

/**
 * Guard: what surrounds every route: a request id, the security headers, the refusal of what no route should see, and
 * one place where whatever goes wrong becomes problem details. A client never sees a stack trace; the log has it, under
 * the request id.
 */
import { HttpApiBuilder, HttpApiError, type HttpApp, HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Cause, Context, Effect, FiberRef, LogLevel, Option } from "effect";
import { fieldErrors } from "../serving/EventInput.ts";
import { Recommend } from "../serving/Recommend.ts";
import { addTo, Vitals } from "../vitals/Vitals.ts";
import { plainQuery } from "./FastPath.ts";
import { type Hosts, hosts } from "./Hosts.ts";
import { InternalError, InvalidRequest, isProblem, MethodNotAllowed, NotFound, type Problem } from "./Problem.ts";
import { json, problemResponse } from "./Responses.ts";
import { allowed, docsPath, routeOf } from "./Routes.ts";
import { hostOf, pathProblem, queryProblem, routable, type Target, targetOf } from "./Target.ts";

/** The router, whose type does not tell of its errors. */
type App = HttpApp.Default<unknown>;
type Request = HttpServerRequest.HttpServerRequest;

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

/** What probes and scrapers ask, by whatever name they know this process. */
const isProbed = (path: string): boolean => path === "/metrics" || path.startsWith("/health/");

const reads: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Why the request is refused whatever it asks for. */
const refusal = (request: Request, { hostProblem, originProblem }: Hosts): Problem | undefined => {
  const host = hostOf(request);
  const misdirected = hostProblem(host);
  if (misdirected?.status === 400 || (misdirected !== undefined && !isProbed(targetOf(request.url).path))) {
    return misdirected;
  }
  const { origin } = request.headers;
  return origin === undefined || reads.has(request.method) ? undefined : originProblem(origin, host);
};

/** Why no route answers, or the route's complaint of its parameters. */
const routeProblem = (method: string, target: Target): Problem | undefined => {
  const unreadable = pathProblem(target);
  if (unreadable !== undefined) return unreadable;
  const path = target.path.slice(0, 200);
  const route = routeOf(method, target.path);
  if (route !== undefined) return queryProblem(target, route.parameters);
  const methods = allowed(target.path);
  return methods.length === 0
    ? new NotFound({ detail: `There is no ${path}: the routes are listed at ${docsPath}.` })
    : new MethodNotAllowed({ detail: `${method} is not for ${path}: use ${methods.join(", ")}.` });
};

/** By the declared route; its handler sees a URL that the router reads as it was sent. */
const routed = (app: App, request: Request): App => {
  const target = targetOf(request.url);
  const methods = request.method === "OPTIONS" ? allowed(target.path) : [];
  if (methods.length > 0) {
    return Effect.succeed(HttpServerResponse.empty({ status: 204, headers: { allow: methods.join(", ") } }));
  }
  const problem = routeProblem(request.method, target);
  if (problem !== undefined) return Effect.fail(problem);
  const url = routable(target);
  return url === request.url
    ? app
    : Effect.provideService(app, HttpServerRequest.HttpServerRequest, request.modify({ url }));
};

const invalidParameters = (error: HttpApiError.HttpApiDecodeError, url: string): InvalidRequest => {
  const query = new URLSearchParams(targetOf(url).query);
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

const problemOf = (error: unknown, request: Request): Problem => {
  if (isProblem(error)) return error;
  if (error instanceof HttpApiError.HttpApiDecodeError) return invalidParameters(error, request.url);
  return new InternalError({
    detail: "The server failed at this request; the log has the cause under the request id.",
  });
};

const idOfClient = /^[\w.-]{1,64}$/;
const processId = crypto.randomUUID().slice(0, 8);
let requests = 0;

const requestIdOf = (request: Request): string => {
  const given = request.headers["x-request-id"];
  return given !== undefined && idOfClient.test(given) ? given : `${processId}-${(++requests).toString(36)}`;
};

const logged = (request: Request, status: number, cause?: Cause.Cause<unknown>) =>
  Effect.annotateLogs(
    status >= 500 && cause !== undefined && !Cause.failureOption(cause).pipe(Option.exists(isProblem))
      ? Effect.logError("request failed", cause)
      : Effect.logDebug("request"),
    { method: request.method, path: targetOf(request.url).path, status },
  );

/** What lets the pages of an allowed origin read the answer, and send JSON. */
const corsHeaders = (origin: string, methods: ReadonlyArray<string>) => ({
  "access-control-allow-origin": origin,
  "access-control-allow-methods": methods.join(", "),
  "access-control-allow-headers": "content-type, x-request-id",
});

/** Surrounds the router: see the head of this file. */
export const layer = HttpApiBuilder.middleware(
  Effect.map(Effect.all([Recommend, Vitals, hosts]), ([{ recommend }, { responses }, hosts]) => (app) => {
    const route = (request: Request): App => {
      const refused = refusal(request, hosts);
      if (refused !== undefined) return Effect.fail(refused);
      const query = plainQuery(request);
      if (query === undefined) return routed(app, request);
      return Effect.interruptible(Effect.map(recommend(query), (answer) => json(answer)));
    };
    return Effect.withFiberRuntime((fiber) => {
      const debug = LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug);
      const request = Context.unsafeGet(fiber.currentContext, HttpServerRequest.HttpServerRequest);
      const requestId = requestIdOf(request);
      const { path } = targetOf(request.url);
      const handled = Effect.catchAllCause(route(request), (cause) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>);
        const problem = problemOf(Cause.squash(cause), request);
        const response = problemResponse(problem, path, allowed(path), requestId);
        return Effect.as(logged(request, response.status, cause), response);
      });
      const answered = Effect.map(handled, (response) => {
        addTo(responses, response.status, 1);
        const { origin } = request.headers;
        return HttpServerResponse.setHeaders(response, {
          ...securityHeaders(path),
          ...(hosts.isAllowedOrigin(origin) ? corsHeaders(origin, allowed(path)) : {}),
          "x-request-id": requestId,
        });
      });
      const told = debug ? Effect.tap(answered, (response) => logged(request, response.status)) : answered;
      return Effect.annotateLogs(told, "request_id", requestId);
    });
  }),
);

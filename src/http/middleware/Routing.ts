/** Routing: which requests no route should see, which route there is, and why there is none. */
import { type HttpApp, HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Effect } from "effect";
import { MethodNotAllowed, NotFound, type Problem } from "../Problem.ts";
import { allowed, docsPath, routeOf } from "../Routes.ts";
import { hostOf, pathProblem, queryProblem, routable, type Target, targetOf } from "../Target.ts";
import type { Hosts } from "./Hosts.ts";

/** The router, whose type does not tell of its errors. */
export type App = HttpApp.Default<unknown>;
type Request = HttpServerRequest.HttpServerRequest;

/** What probes and scrapers ask, by whatever name they know this process. */
const isProbed = (path: string): boolean => path === "/metrics" || path.startsWith("/health/");

const reads: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Why the request is refused whatever it asks for. */
export const refusal = (request: Request, { hostProblem, originProblem }: Hosts): Problem | undefined => {
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
export const routed = (app: App, request: Request): App => {
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

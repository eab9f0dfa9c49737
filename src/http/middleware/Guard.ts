/**
 * Guard: what surrounds every route: the refusal of what no route should see, the fast path, problem details for whatever
 * goes wrong, a request id, the headers, and the count of answers.
 */
import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Context, Effect, FiberRef, HashMap, LogLevel } from "effect";
import type { Key } from "../../keys/Key.ts";
import { Keys } from "../../keys/Keys.ts";
import type { Asked } from "../../vitals/Measured.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { allowed, needOf } from "../Routes.ts";
import { targetOf } from "../Target.ts";
import { accessProblem, callerOf } from "./Access.ts";
import { answerFailure, logged } from "./Failures.ts";
import { fastPath } from "./FastPath.ts";
import { corsHeaders, securityHeaders } from "./Headers.ts";
import { hosts } from "./Hosts.ts";
import { requestIdOf } from "./RequestId.ts";
import { type App, refusal, routed } from "./Routing.ts";

const under = (path: string, route: string): boolean => path === route || path.startsWith(`${route}/`);

const askedBy = (path: string): Asked => {
  if (under(path, "/recommend")) return "recommend";
  return path === "/events" ? "events" : under(path, "/items") ? "items" : "other";
};

export const layer = HttpApiBuilder.middleware(
  Effect.map(Effect.all([fastPath, Vitals, hosts, Keys]), ([fast, { measured }, hosts, keys]) => (app) => {
    /** `caller`: undefined where callers need no key. */
    const route = (request: HttpServerRequest.HttpServerRequest, caller: Key | undefined, path: string): App => {
      const need = needOf(request.method, path);
      const refused =
        refusal(request, hosts) ?? (keys.needed() ? accessProblem(need, caller, request.headers) : undefined);
      if (refused !== undefined) return Effect.fail(refused);
      const found = fast(request) ?? routed(app, request);
      // Who did what is worth a line, whatever came of it.
      return need === "admin" ? Effect.zipRight(Effect.logInfo(`${request.method} ${path}`), found) : found;
    };
    return Effect.withFiberRuntime((fiber) => {
      const debug = LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug);
      const request = Context.unsafeGet(fiber.currentContext, HttpServerRequest.HttpServerRequest);
      const requestId = requestIdOf(request);
      const started = performance.now();
      const { path } = targetOf(request.url);
      const caller = keys.needed() ? callerOf(keys, request.headers) : undefined;
      const handled = Effect.catchAllCause(route(request, caller, path), answerFailure(request, requestId));
      const answered = Effect.map(handled, (response) => {
        measured.answered(response.status);
        if (caller !== undefined) measured.calledBy(caller.name);
        measured.requests[askedBy(path)].update((performance.now() - started) / 1000);
        const { origin } = request.headers;
        return HttpServerResponse.setHeaders(response, {
          ...securityHeaders(path),
          ...(hosts.isAllowedOrigin(origin) ? corsHeaders(origin, allowed(path)) : {}),
          "x-request-id": requestId,
        });
      });
      const told = debug ? Effect.tap(answered, (response) => logged(request, response.status)) : answered;
      // The fiber is this request's alone, so nothing is to be set back.
      const noted = HashMap.set(fiber.getFiberRef(FiberRef.currentLogAnnotations), "request_id", requestId);
      const annotations = caller === undefined ? noted : HashMap.set(noted, "key", caller.name);
      return Effect.zipRight(FiberRef.set(FiberRef.currentLogAnnotations, annotations), told);
    });
  }),
);

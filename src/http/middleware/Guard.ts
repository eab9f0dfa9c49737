/**
 * Guard: what surrounds every route: the refusal of what no route should see, the fast path, problem details for whatever
 * goes wrong, a request id, the headers, and the count of answers.
 */
import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Context, Effect, FiberRef, HashMap, LogLevel } from "effect";
import type { Key } from "../../keys/Key.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { isLines } from "../Body.ts";
import { problemResponse } from "../Responses.ts";
import { allowed, needOf, type Route, routeOf, takesKey } from "../Routes.ts";
import { targetOf } from "../Target.ts";
import { makeAdmit } from "./Admission.ts";
import { makeDeadline } from "./Deadline.ts";
import { answerFailure, logged } from "./Failures.ts";
import { fastPath } from "./FastPath.ts";
import { makeCors, securityHeaders } from "./Headers.ts";
import { hosts } from "./Hosts.ts";
import { makeOnce } from "./Idempotency.ts";
import { requestIdOf } from "./RequestId.ts";
import { type App, routed } from "./Routing.ts";

type Request = HttpServerRequest.HttpServerRequest;
type Response = HttpServerResponse.HttpServerResponse;

/** Whether somebody only looks: not where all that is held of a shopper is handed out. */
const isLook = (method: string, found: Route | undefined): boolean =>
  method === "GET" && found?.path.endsWith("/export") !== true;

const make = Effect.gen(function* () {
  const fast = yield* fastPath;
  const { caches, measured, stopping } = yield* Vitals;
  const names = yield* hosts;
  const admit = yield* makeAdmit(names);
  const deadline = yield* makeDeadline;
  const cors = yield* makeCors;
  const once = makeOnce(undefined, (size) => caches.set("idempotent_answers", size));

  return (app: App) => {
    const answerTo = (request: Request, found: Route | undefined, path: string, caller: Key | undefined): App => {
      const isOnce = request.headers["idempotency-key"] !== undefined && takesKey(request.method, path);
      const answer = isOnce
        ? once(request, caller?.name ?? "", path, (hashed) =>
            Effect.provideService(routed(app, hashed), HttpServerRequest.HttpServerRequest, hashed),
          )
        : (fast(request) ?? routed(app, request));
      if (needOf(found) !== "admin") return answer;
      // Who did what is worth a line, whatever came of it, who looked is not, since a page that is open looks every second; whom it was
      // done to is not either: people may have been forgotten.
      const level = isLook(request.method, found) ? LogLevel.Debug : LogLevel.Info;
      return Effect.zipRight(Effect.logWithLevel(level, `${request.method} ${found?.path ?? "a route"}`), answer);
    };
    return Effect.withFiberRuntime<Response, never, Request>((fiber) => {
      const debug = LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug);
      const request = Context.unsafeGet(fiber.currentContext, HttpServerRequest.HttpServerRequest);
      const requestId = requestIdOf(request);
      const started = performance.now();
      const { path } = targetOf(request.url);
      const found = routeOf(request.method, path);
      const { caller, headers, refused } = admit(request, needOf(found));
      const route = refused === undefined ? answerTo(request, found, path, caller) : Effect.fail(refused);
      const watched = isLines(request) ? undefined : deadline.begin(fiber, started);
      const handled = Effect.catchAllCause(route, (cause) =>
        watched?.over === true
          ? Effect.succeed(problemResponse(deadline.problem, path, [], requestId))
          : answerFailure(request, requestId)(cause),
      );
      const answered = Effect.map(handled, (response) => {
        if (watched !== undefined) deadline.end(watched);
        measured.answered(response.status);
        if (caller !== undefined) measured.calledBy(caller.name);
        measured.requested(found?.label ?? "other", (performance.now() - started) / 1000);
        const { origin } = request.headers;
        return HttpServerResponse.setHeaders(response, {
          ...securityHeaders(path),
          ...headers,
          ...(names.isAllowedOrigin(origin) ? cors(origin, request, allowed(path)) : {}),
          ...(stopping.now ? { connection: "close" } : {}),
          "x-request-id": requestId,
        });
      });
      const told = debug ? Effect.tap(answered, (response) => logged(request, response.status)) : answered;
      // The fiber is this request's alone, so nothing is to be set back.
      const noted = HashMap.set(fiber.getFiberRef(FiberRef.currentLogAnnotations), "request_id", requestId);
      const annotations = caller === undefined ? noted : HashMap.set(noted, "key", caller.name);
      return Effect.zipRight(FiberRef.set(FiberRef.currentLogAnnotations, annotations), told);
    });
  };
});

export const layer = HttpApiBuilder.middleware(make);

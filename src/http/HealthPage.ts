/**
 * HealthPage: how a role without an API tells how it is: GET /health/live, /health/ready and /metrics at HEALTH_PORT.
 *
 * Ready means: every store that the role needs answers, it waits for none, and every partition that it owns runs.
 */
import { type HttpApp, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Context, Effect, Layer } from "effect";
import { modelOfGroup } from "../models/Standing.ts";
import type { EventLog } from "../ports/EventLog.ts";
import { checkAll, downOf, type Probes } from "../vitals/Check.ts";
import { watchEventLoop } from "../vitals/EventLoop.ts";
import { lagOf } from "../vitals/Families.ts";
import { contentType, endOffsets, metrics } from "../vitals/Metrics.ts";
import { retrainingReport } from "../vitals/Retraining.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { listenedOn } from "./Address.ts";
import { malformedHost } from "./middleware/Hosts.ts";
import { MethodNotAllowed, NotFound, type Problem, RoleNotReady } from "./Problem.ts";
import { json, problemResponse } from "./Responses.ts";
import { health } from "./Settings.ts";
import { hostOf, pathProblem, queryProblem, type Target, targetOf } from "./Target.ts";

const counted = (counts: ReadonlyMap<string, number> | undefined) => Object.fromEntries(counts ?? []);

/** What each consumer group of the role does, partition by partition. */
const groupsOf = (role: string, ends: ReadonlyArray<bigint> | undefined) =>
  Effect.map(Vitals, ({ groups, outcomes, restarts }) =>
    [...groups]
      .filter((group) => group.role === role)
      .map(({ group, partitions }) => {
        const owned = [...partitions.values()]
          .sort((a, b) => a.partition - b.partition)
          .map(({ next, partition, reason, state }) => ({
            partition,
            state,
            ...(reason === undefined ? {} : { reason }),
            lag: lagOf(ends, partition, next) ?? null,
          }));
        const lags = owned.map(({ lag }) => lag);
        const model = modelOfGroup(group);
        return {
          group,
          ...(model === undefined ? {} : { model, outcomes: counted(outcomes.get(model)) }),
          /** Of the partitions owned here; null while a part of it is not known. */
          lag: lags.some((lag) => lag === null) ? null : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0),
          restarts: restarts.get(group) ?? 0,
          partitions: owned,
        };
      }),
  );

const archiveOf = Effect.map(Vitals, ({ archive: { commits, lastCommit, rows } }) => ({
  rows,
  commits,
  last_commit: lastCommit === undefined ? null : new Date(lastCommit).toISOString(),
}));

/** The role's state, and what is wrong with it, if anything. */
export const report = <R>(role: string, probes: Probes<R>) =>
  Effect.gen(function* () {
    const vitals = yield* Vitals;
    const [checks, ends] = yield* Effect.all([checkAll(probes), endOffsets], { concurrency: 2 });
    const groups = yield* groupsOf(role, ends);
    const waiting = vitals.waiting(role).outages();
    const down = downOf(checks);
    const stuck = groups.flatMap(({ group, partitions }) =>
      partitions.filter(({ state }) => state !== "running").map(({ partition }) => `${group} ${partition}`),
    );
    const wrong = [
      ...(down.length === 0 ? [] : [`down: ${down.join(", ")}`]),
      ...(waiting.length === 0 ? [] : [`waiting for: ${waiting.map(({ store }) => store).join(", ")}`]),
      ...(stuck.length === 0 ? [] : [`partitions that do not run: ${stuck.join(", ")}`]),
    ];
    const facts = {
      role,
      checks,
      waiting,
      ...(groups.length === 0 ? {} : { groups }),
      ...(role === "archiver" ? { archive: yield* archiveOf } : {}),
      ...(role === "producer" ? { events: vitals.producer.events } : {}),
      ...(role === "retrain" ? { retraining: retrainingReport(vitals.retraining.now) } : {}),
    };
    return { wrong, facts };
  });

const paths = ["/health/live", "/health/ready", "/metrics"];
const methods = ["GET", "HEAD"];

/** Why the page does not answer. Whatever host it is asked by, it does: probes know a role by many names. */
const refusal = (request: HttpServerRequest.HttpServerRequest, target: Target): Problem | undefined => {
  const { method } = request;
  const unreadable = malformedHost(hostOf(request)) ?? pathProblem(target);
  if (unreadable !== undefined) return unreadable;
  if (!paths.includes(target.path)) return new NotFound({ detail: `There are ${paths.join(", ")}.` });
  if (!methods.includes(method)) return new MethodNotAllowed({ detail: `Use ${methods.join(" or ")}.` });
  return queryProblem(target, []);
};

/** The page's routes. */
export const page = <R>(role: string, probes: Probes<R>): HttpApp.Default<never, R | EventLog> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest;
    const target = targetOf(request.url);
    const refused = refusal(request, target);
    if (refused !== undefined) return problemResponse(refused, target.path, methods);
    if (target.path === "/health/live") return json({ status: "live", role });
    if (target.path === "/metrics") return HttpServerResponse.text(yield* metrics, { contentType });
    const { facts, wrong } = yield* report(role, probes);
    if (wrong.length === 0) return json({ status: "ready", ...facts });
    const detail = `Not ready: ${wrong.join("; ")}.`;
    const notReady = new RoleNotReady({ detail, role, checks: facts.checks });
    return json({ ...notReady, ...facts }, notReady.status, "application/problem+json");
  }).pipe(
    Effect.map(HttpServerResponse.setHeader("cache-control", "no-store")),
    // A store that does not answer is given up after a while, which a request's fiber would not do by itself.
    Effect.interruptible,
  );

/** Runs `program` with its health page beside it, where HEALTH_PORT asks for one. */
export const withHealthPage =
  <RP>(role: string, probes: Probes<RP>, server: Layer.Layer<HttpServer.HttpServer, unknown>) =>
  <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, unknown, R | RP | EventLog> =>
    Effect.gen(function* () {
      if ((yield* health.port.config) === 0) return yield* program;
      yield* watchEventLoop;
      // Closed after the program has ended, so that it tells of the drain.
      const context = yield* Layer.build(server);
      yield* Effect.provide(HttpServer.serveEffect(page(role, probes)), context);
      const { address } = Context.get(context, HttpServer.HttpServer);
      yield* Effect.logInfo(`the health page listens on ${listenedOn(address)}`);
      return yield* program;
    }).pipe(Effect.scoped) as Effect.Effect<A, unknown, R | RP | EventLog>;

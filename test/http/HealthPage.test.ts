import { HttpApp } from "@effect/platform";
import { expect, it } from "@effect/vitest";
import { Effect, Fiber, Layer, TestClock } from "effect";
import { page } from "../../src/http/HealthPage.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import type { Probes } from "../../src/vitals/Check.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)));

/** Asks the page of a role that has these probes; virtual time passes until it has answered. */
const ask = (path: string, probes: Probes<never>, init: RequestInit = {}) =>
  Effect.gen(function* () {
    const handle = HttpApp.toWebHandlerRuntime(yield* Effect.runtime<EventLog>())(page("producer", probes));
    const answer = yield* Effect.fork(
      Effect.promise(async () => {
        const response = await handle(new Request(`http://role${path}`, init));
        const type = response.headers.get("content-type") ?? "";
        const text = await response.text();
        return { status: response.status, type, text, body: type.includes("json") ? JSON.parse(text) : undefined };
      }),
    );
    while ((yield* Fiber.poll(answer))._tag === "None") {
      yield* turn;
      yield* TestClock.adjust("100 millis");
    }
    return yield* Fiber.join(answer);
  }).pipe(
    Effect.provide(Layer.succeed(EventLog, new ScriptedLog(1).service)),
    Effect.provideService(Vitals, makeVitals()),
  );

const none: Probes = {};

it.effect("gives up on a store that does not answer, and says so", () =>
  Effect.gen(function* () {
    const { body, status, type } = yield* ask("/health/ready", { silent: Effect.never });
    expect([status, type]).toEqual([503, "application/problem+json"]);
    expect(body).toMatchObject({
      type: "urn:slipstream:problem:not-ready",
      title: "Not ready",
      status: 503,
      detail: "Not ready: down: silent.",
      role: "producer",
      checks: { silent: { status: "down", detail: "no answer within 2 seconds" } },
    });
  }),
);

it.effect("is live whatever is away, and answers nothing else", () =>
  Effect.gen(function* () {
    const live = yield* ask("/health/live", { silent: Effect.never });
    expect([live.status, live.body]).toEqual([200, { status: "live", role: "producer" }]);
    expect((yield* ask("/health", none)).status).toBe(404);
    expect((yield* ask("/health/live", none, { method: "POST" })).status).toBe(405);
  }),
);

it.effect("knows one spelling of each path, no parameter, and any name it is asked by", () =>
  Effect.gen(function* () {
    for (const path of ["//metrics", "/METRICS", "/metrics/", "/metrics;x", "/%6Detrics", "/health/live/", "/"]) {
      const { body, status } = yield* ask(path, none);
      expect([status, body.detail], path).toEqual([404, "There are /health/live, /health/ready, /metrics."]);
    }
    const unknown = yield* ask("/metrics?name=up", none);
    expect([unknown.status, unknown.type]).toEqual([400, "application/problem+json"]);
    expect(unknown.body.errors).toEqual([
      { field: "name", value: "up", detail: "this route takes no parameter: leave it out" },
    ]);
    expect((yield* ask(`/${"x".repeat(2048)}`, none)).status).toBe(414);
    expect((yield* ask("/health/%", none)).status).toBe(400);
    for (const [host, status] of Object.entries({ "10.1.2.3:8001": 200, updater: 200, "a, b": 400 })) {
      expect((yield* ask("/health/live", none, { headers: { host } })).status, host).toBe(status);
    }
  }),
);

it.effect("tells its metrics as Prometheus reads them", () =>
  Effect.gen(function* () {
    const { text, type } = yield* ask("/metrics", none);
    expect(type).toContain("text/plain; version=0.0.4");
    for (const line of text.trimEnd().split("\n")) {
      expect(line).toMatch(/^(# (HELP \w+ .+|TYPE \w+ (counter|gauge))|\w+(\{(\w+="[^"]*",?)*\})? [\d.e+-]+)$/);
    }
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  }),
);

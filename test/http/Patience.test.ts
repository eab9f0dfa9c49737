/** Slow callers, slow stores, and a server that is told to stop. */
import { connect } from "node:net";
import { HttpServer } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Exit, Fiber, Layer, Logger, Scope } from "effect";
import * as NodeServer from "../../layers/Http/Node.ts";
import * as Server from "../../src/http/Server.ts";
import { http } from "../../src/http/Settings.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { makeShop } from "../serving/Shop.ts";
import { exchange } from "./Raw.ts";
import { expectProblem, inShop, settings } from "./Served.ts";

describe("a caller who is slow", () => {
  const json = "content-type: application/json";

  it.live("gets 408 where headers or body do not come to their end, however little of it comes on", () =>
    inShop(
      (_, shop, base) =>
        Effect.gen(function* () {
          const headers = yield* exchange(base, "GET /recommend/u1 HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
          expect(headers).toMatch(/^HTTP\/1\.1 408 .*application\/problem\+json.*HEADERS_TIMEOUT/s);
          const head = `POST /events HTTP/1.1\r\nhost: localhost\r\n${json}\r\ncontent-length: 1000\r\n\r\n{`;
          const body = yield* exchange(base, head);
          expect(body).toMatch(/^HTTP\/1\.1 408 .*connection: close.*BODY_TIMEOUT/s);
          const chunked = `POST /recommend HTTP/1.1\r\nhost: localhost\r\n${json}\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n`;
          expect(yield* exchange(base, chunked)).toMatch(/^HTTP\/1\.1 408 /);
          expect(yield* dripping(base, head)).toMatch(/^HTTP\/1\.1 408 /);
          expect(shop.appended).toEqual([]);
        }),
      { HEADERS_TIMEOUT: "200 millis", BODY_TIMEOUT: "200 millis" },
    ),
  );

  it.live("may take longer for lines than for a body", () =>
    inShop(
      (_, __, base) =>
        Effect.gen(function* () {
          const head =
            "POST /items HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
          const line = '{"item_id":"a1","title":"Late"}\n';
          // A body that begins after it ends with 408, so that the lines are surely later than BODY_TIMEOUT.
          const late = exchange(
            base,
            `POST /events HTTP/1.1\r\nhost: localhost\r\n${json}\r\ncontent-length: 9\r\n\r\n`,
          );
          const reply = yield* inTwo(base, head, late, `${line.length.toString(16)}\r\n${line}\r\n0\r\n\r\n`);
          expect(reply).toMatch(/^HTTP\/1\.1 200 /);
        }),
      { BODY_TIMEOUT: "100 millis" },
    ),
  );
});

/** Sends a byte every few milliseconds until the server ends it. */
const dripping = (base: string, head: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(base);
    let text = "";
    let drip: NodeJS.Timeout | undefined;
    const socket = connect(Number(port), hostname, () => {
      socket.write(head);
      drip = setInterval(() => socket.writable && socket.write(" "), 20);
    });
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(drip);
      resume(Effect.succeed(text));
    });
  });

/** The answer to what is sent before and after something else has happened. */
const inTwo = (base: string, before: string, meanwhile: Effect.Effect<unknown>, after: string): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { hostname, port } = new URL(base);
    const socket = connect(Number(port), hostname, () => socket.write(before));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
    yield* meanwhile;
    socket.write(after);
    return yield* Effect.promise(() => closed);
  });

describe("a store that hangs", () => {
  it.live("is given up after ANSWER_TIMEOUT, on the fast path and on the declared one, and the caller is told", () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          const quick = shop.control.beforeRead;
          shop.control.beforeRead = Effect.never;
          for (const path of ["/recommend/u1", "/recommend/u1?seen=none"]) {
            const reply = yield* ask(path);
            expectProblem(reply, 503, /ANSWER_TIMEOUT/);
            expect(reply.headers.get("retry-after")).toBe("1");
          }
          shop.control.beforeRead = quick;
          expect((yield* ask("/recommend/u1")).status).toBe(200);
        }),
      { ANSWER_TIMEOUT: "200 millis" },
    ),
  );
});

describe("a server that is told to stop", () => {
  it.live("says so to whoever asks, ends their connections, and still answers", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      shop.addModel("a");
      yield* shop.serve("a");
      const scope = yield* Scope.make();
      const layer = Server.layer.pipe(
        Layer.provideMerge(NodeServer.layer(http)),
        Layer.provide(shop.layer),
        Layer.provide([settings({ DRAIN_DELAY: "3 seconds" }), Logger.remove(Logger.defaultLogger)]),
      );
      const context = yield* Layer.buildWithScope(layer, scope);
      const { address } = yield* Effect.provide(HttpServer.HttpServer, context);
      const base = address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "";
      const get = (path: string) => Effect.promise(() => fetch(`${base}${path}`));
      yield* Effect.repeat(get("/health/ready"), { until: ({ status }) => status === 200 });
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void));
      const unready = yield* Effect.repeat(get("/health/ready"), { until: ({ status }) => status === 503 });
      expect(unready.headers.get("connection")).toBe("close");
      expect(yield* Effect.promise(() => unready.json())).toMatchObject({ detail: expect.stringMatching(/draining/) });
      const answer = yield* get("/recommend/u1");
      expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
      expect((yield* get("/health/live")).status).toBe(200);
      expect(yield* Fiber.poll(closing)).toMatchObject({ _tag: "None" });
      yield* Fiber.join(closing);
      expect(
        yield* Effect.promise(() =>
          fetch(base).then(
            () => "answered",
            () => "refused",
          ),
        ),
      ).toBe("refused");
    }).pipe(Effect.provideService(Vitals, makeVitals())),
  );
});

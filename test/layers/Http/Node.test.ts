import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { HttpServer, HttpServerResponse } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Deferred, Effect, Exit, Fiber, Layer, Logger, Option, Scope } from "effect";
import * as NodeServer from "../../../layers/Http/Node.ts";
import { listenedOn, reachedAt } from "../../../src/http/Address.ts";
import { http } from "../../../src/http/Settings.ts";

const settings = (over: Record<string, string>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ PORT: "0", ...over }))));

const quiet = Logger.remove(Logger.defaultLogger);

/** A server whose only route waits for `go`; both live until the scope is closed. */
const waiting = (over: Record<string, string> = {}) =>
  Effect.gen(function* () {
    const entered = yield* Deferred.make<void>();
    const go = yield* Deferred.make<void>();
    const scope = yield* Scope.make();
    const route = Deferred.succeed(entered, undefined).pipe(
      Effect.zipRight(Deferred.await(go)),
      Effect.as(HttpServerResponse.text("done")),
    );
    const layer = Layer.scopedDiscard(Effect.flatMap(HttpServer.HttpServer, (server) => server.serve(route))).pipe(
      Layer.provideMerge(NodeServer.layer(http)),
      Layer.provide([settings(over), quiet]),
    );
    const context = yield* Layer.buildWithScope(layer, scope);
    const { address } = yield* Effect.provide(HttpServer.HttpServer, context);
    return { entered, go, scope, port: address._tag === "TcpAddress" ? address.port : 0 };
  });

const get = (port: number) => Effect.promise(() => fetch(`http://127.0.0.1:${port}/`).then((r) => r.text()));

const refused = (port: number) =>
  Effect.async<boolean>((resume) => {
    const attempt = request({ port, host: "127.0.0.1" }, () => resume(Effect.succeed(false)));
    attempt.on("error", () => resume(Effect.succeed(true)));
    attempt.end();
  });

describe("the HTTP server on node", () => {
  it.live("says which port is in use and what to do", () =>
    Effect.gen(function* () {
      const other = yield* Effect.acquireRelease(
        Effect.async<ReturnType<typeof createServer>>((resume) => {
          const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)));
        }),
        (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void))),
      );
      const { port } = other.address() as AddressInfo;
      const error = yield* Layer.launch(
        NodeServer.layer(http).pipe(Layer.provide(settings({ PORT: String(port) }))),
      ).pipe(Effect.flip);
      expect(error).toMatchObject({ _tag: "ListenError", reason: "PortInUse" });
      expect(String(error)).toContain(`port ${port} is in use`);
      expect(String(error)).toContain("PORT=");
    }).pipe(Effect.scoped),
  );

  it.live.each([
    ["", "http://127.0.0.1", "http://127.0.0.1"],
    ["0.0.0.0", "http://0.0.0.0", "http://127.0.0.1"],
    ["::", "http://[::]", "http://[::1]"],
    ["[::1]", "http://[::1]", "http://[::1]"],
  ])("listens on HOST=%s and says so: %s", ([HOST, listened, reached]) =>
    Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer;
      const port = address._tag === "TcpAddress" ? address.port : 0;
      const all = HOST === "0.0.0.0" || HOST === "::" ? " (every address of this machine)" : "";
      expect(listenedOn(address)).toBe(`${listened}:${port}${all}`);
      expect(reachedAt(address)).toBe(`${reached}:${port}`);
      yield* (yield* HttpServer.HttpServer).serve(HttpServerResponse.text("here"));
      const answer = yield* Effect.promise(() => fetch(reachedAt(address)).then((response) => response.text()));
      expect(answer).toBe("here");
    }).pipe(
      Effect.scoped,
      Effect.provide(NodeServer.layer(http)),
      Effect.provide(settings({ HOST })),
      Effect.provide(quiet),
    ),
  );

  it.live("answers what it was asked before it had routes, once it has them", () =>
    Effect.gen(function* () {
      const server = yield* HttpServer.HttpServer;
      const port = server.address._tag === "TcpAddress" ? server.address.port : 0;
      const early = yield* Effect.fork(Effect.all([get(port), get(port)], { concurrency: "unbounded" }));
      // It is asked, and cannot answer yet.
      expect(yield* Effect.timeoutOption(Fiber.join(early), "200 millis")).toEqual(Option.none());
      yield* server.serve(Effect.succeed(HttpServerResponse.text("done")));
      expect(yield* Fiber.join(early)).toEqual(["done", "done"]);
      expect(yield* get(port)).toBe("done");
    }).pipe(Effect.provide(NodeServer.layer(http).pipe(Layer.provide([settings({}), quiet]))), Effect.scoped),
  );

  it.live("lets a request under way finish, takes no other, then stops", () =>
    Effect.gen(function* () {
      const { entered, go, scope, port } = yield* waiting();
      const answer = yield* Effect.fork(get(port));
      yield* Deferred.await(entered);
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void));
      yield* Effect.repeat(refused(port), { until: (is) => is });
      expect(yield* Fiber.poll(closing)).toMatchObject({ _tag: "None" });
      yield* Deferred.succeed(go, undefined);
      expect(yield* Fiber.join(answer)).toBe("done");
      yield* Fiber.join(closing);
    }),
  );

  it.live("cuts off what is not done within DRAIN_TIMEOUT", () =>
    Effect.gen(function* () {
      const { entered, scope, port } = yield* waiting({ DRAIN_TIMEOUT: "50 millis" });
      const answer = yield* Effect.fork(Effect.exit(get(port)));
      yield* Deferred.await(entered);
      yield* Scope.close(scope, Exit.void);
      expect(Exit.isFailure(yield* Fiber.join(answer))).toBe(true);
    }),
  );

  it.live("answers what is not HTTP with problem details", () =>
    Effect.gen(function* () {
      const { scope, port } = yield* waiting();
      const reply = yield* Effect.async<string>((resume) => {
        let text = "";
        const socket = connect(port, "127.0.0.1", () => socket.write("nonsense\r\n\r\n"));
        socket.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        socket.on("close", () => resume(Effect.succeed(text)));
      });
      expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
      expect(JSON.parse(reply.slice(reply.indexOf("\r\n\r\n")))).toMatchObject({ status: 400 });
      yield* Scope.close(scope, Exit.void);
    }),
  );
});

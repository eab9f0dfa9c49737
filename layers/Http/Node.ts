/**
 * HTTP servers on node:http, each at the address that two settings say: the API's, and that of a role's health page.
 *
 * Shutdown: stop listening → requests under way finish, at most DRAIN_TIMEOUT → what is left is cut → the routes go.
 */
import { createServer, type IncomingMessage, type Server as NodeServer, type ServerResponse } from "node:http";
import { type HttpApp, type HttpMiddleware, HttpServer } from "@effect/platform";
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer";
import { Duration, Effect, Layer, Option, Schema } from "effect";
import { bracketed } from "../../src/config/Address.ts";
import { type Setting, values } from "../../src/config/Setting.ts";
import * as Shared from "../../src/config/Shared.ts";
import { limitBodies, refuse } from "./Slow.ts";

export class ListenError extends Schema.TaggedError<ListenError>()("ListenError", {
  reason: Schema.Literal("PortInUse", "NotAllowed", "UnknownAddress", "Other"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** Milliseconds from a request's first byte to the last of its body: lines of items may be many. */
const longestRequest = 3_600_000;

/** Bytes of a request's line and headers together: the longest filter has 24,000, each of its 2,000 characters being escaped. */
const longestHead = 65_536;

/** What the settings of an address are called. */
interface Names {
  readonly host: string;
  readonly port: string;
}

const listenError = (names: Names, host: string, port: number, cause: unknown): ListenError => {
  const code = (cause as { readonly code?: string } | undefined)?.code ?? "";
  const at = `${bracketed(host)}:${port}`;
  if (code === "EADDRINUSE") {
    const message = `port ${port} is in use on ${host}: stop what listens there, or choose another with ${names.port}=${port + 1}`;
    return new ListenError({ reason: "PortInUse", message, cause });
  }
  if (code === "EACCES") {
    const message = `this user may not listen on ${at}: choose a port above 1023 with ${names.port}=8000`;
    return new ListenError({ reason: "NotAllowed", message, cause });
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    const message = `${host} is not an address of this machine: set ${names.host}=127.0.0.1 or ${names.host}=0.0.0.0`;
    return new ListenError({ reason: "UnknownAddress", message, cause });
  }
  return new ListenError({ reason: "Other", message: `cannot listen on ${at}: ${String(cause)}`, cause });
};

type Early = readonly [request: IncomingMessage, response: ServerResponse];

const mostEarly = 1_000;

/** Of a server that listens already, and whose routes are still being made: they are answered by them. */
const hold = (early: Array<Early>, request: IncomingMessage, response: ServerResponse): void => {
  if (early.length < mostEarly) early.push([request, response]);
  else response.writeHead(503, { "retry-after": "1", connection: "close" }).end();
};

const drain = (server: NodeServer, timeout: Duration.Duration): Effect.Effect<void> => {
  const closed = Effect.async<void>((resume) => void server.close(() => resume(Effect.void)));
  // Ends when the race does.
  const closeIdle = Effect.forever(
    Effect.delay(
      Effect.sync(() => server.closeIdleConnections()),
      "20 millis",
    ),
  );
  const cut = Effect.zipRight(
    Effect.logWarning(`requests still under way after ${Duration.format(timeout)} are cut off`),
    Effect.sync(() => server.closeAllConnections()),
  );
  return Effect.race(closed, closeIdle).pipe(
    Effect.interruptible,
    Effect.timeoutOption(timeout),
    Effect.flatMap(Option.match({ onNone: () => cut, onSome: () => Effect.void })),
  );
};

/** Where it listens, as the socket says it; the platform calls `::` `0.0.0.0`. */
const listening = (server: NodeServer, otherwise: HttpServer.Address): HttpServer.Address => {
  const address = server.address();
  return typeof address === "object" && address !== null
    ? { _tag: "TcpAddress", hostname: address.address, port: address.port }
    : otherwise;
};

interface Address {
  readonly host: Setting<string>;
  readonly port: Setting<number>;
}

const make = (settings: Address) =>
  Effect.gen(function* () {
    const host = yield* settings.host.config;
    const port = yield* settings.port.config;
    const drainTimeout = yield* Shared.drainTimeout.config;
    const { answerTimeout, bodyTimeout, headersTimeout, keepAliveTimeout } = yield* values(Shared.patience);
    let draining = false;
    let isServed = false;
    const early: Array<Early> = [];
    // Two Host headers become one that is no host; a missing one is answered by the routes, with problem details.
    const server = createServer({
      joinDuplicateHeaders: true,
      maxHeaderSize: longestHead,
      requireHostHeader: false,
      requestTimeout: longestRequest,
      headersTimeout: Duration.toMillis(headersTimeout),
      keepAliveTimeout: Duration.toMillis(keepAliveTimeout),
      connectionsCheckingInterval: 1000,
    });
    // Nothing sent and nothing taken for so long: whoever is there does not read.
    server.setTimeout(Duration.toMillis(Duration.sum(answerTimeout, bodyTimeout)) + 30_000);
    server.on("clientError", refuse);
    yield* limitBodies(server, Duration.toMillis(bodyTimeout));
    // First of the listeners: while draining, each answer ends its connection.
    server.on("request", (request, response) => {
      if (draining) response.setHeader("connection", "close");
      // HTTP/1.0 knows no Host; of a later version a request without one is as wrong as one with two.
      if (request.httpVersion !== "1.0") request.headers.host ??= "";
      if (!isServed) hold(early, request, response);
    });
    const http = yield* NodeHttpServer.make(() => server, { host, port }).pipe(
      Effect.mapError(({ cause }) =>
        listenError({ host: settings.host.env, port: settings.port.env }, host, port, cause),
      ),
    );
    const drained = Effect.suspend(() => {
      draining = true;
      return drain(server, drainTimeout);
    });
    return HttpServer.make({
      address: listening(server, http.address),
      // The finalizer is added after the routes are, so it runs before they go.
      serve: (app, middleware) =>
        Effect.gen(function* () {
          const before = server.listeners("request");
          yield* http.serve(app as HttpApp.Default, middleware as HttpMiddleware.HttpMiddleware);
          yield* Effect.addFinalizer(() => drained);
          isServed = true;
          const routes = server.listeners("request").filter((listener) => !before.includes(listener));
          for (const [request, response] of early.splice(0)) {
            for (const listener of routes) listener.call(server, request, response);
          }
        }),
    });
  });

/** A server that listens where the settings say. */
export const layerServer = (settings: Address) => Layer.scoped(HttpServer.HttpServer, make(settings));

/** The server, and what the platform's routes need beside it. */
export const layer = (settings: Address) => Layer.merge(layerServer(settings), NodeHttpServer.layerContext);

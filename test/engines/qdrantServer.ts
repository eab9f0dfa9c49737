/** A Qdrant for tests (qdrant_server.py), and a proxy before it that plays an outage. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ConfigProvider, Effect, Layer, Logger, Schema } from "effect";
import { layer } from "../../layers/ItemIndex/Qdrant.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

const openApi = (): string => {
  const path = process.env.QDRANT_OPENAPI;
  if (path !== undefined && path !== "") return path;
  throw new Error("This test needs Qdrant's published OpenAPI document (openapi.json): set QDRANT_OPENAPI to its path");
};

const json = <A, I>(schema: Schema.Schema<A, I>, url: string) =>
  Effect.promise(async () => Schema.decodeUnknownSync(schema)(await (await fetch(url)).json()));

export interface QdrantServer {
  readonly url: string;
  /** How often each operation of the document was asked for. */
  readonly requests: Effect.Effect<Readonly<Record<string, number>>>;
  /** An answer's result, past the adapter. */
  readonly get: (path: string) => Effect.Effect<unknown>;
  readonly send: (method: string, path: string, body: unknown) => Effect.Effect<unknown>;
}

/** Runs the server as long as the scope; a request or answer that Qdrant's OpenAPI does not allow fails the test. */
export const qdrantServer = (apiKey = "") =>
  Effect.gen(function* () {
    const { stdout } = yield* Effect.promise(() => promisify(execFile)(join(root, "scripts/engines/python.sh")));
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(stdout.trim(), [join(here, "qdrant_server.py"), openApi(), apiKey], {
          stdio: ["pipe", "pipe", "inherit"],
        }),
      ),
      (child) =>
        Effect.promise(async () => {
          const gone = once(child, "exit");
          child.kill("SIGTERM");
          if (child.exitCode === null && child.signalCode === null) await gone;
        }),
    );
    const port = yield* Effect.promise(async () => {
      for await (const line of createInterface(child.stdout)) return Number(line);
      throw new Error("the Qdrant for tests did not start: see its error above");
    });
    const url = `http://127.0.0.1:${port}`;
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(json(Schema.Array(Schema.String), `${url}/violations`), (violations) =>
        violations.length === 0
          ? Effect.void
          : Effect.die(new Error(`${violations.length} violations of Qdrant's OpenAPI:\n${violations.join("\n")}`)),
      ),
    );
    const send = (method: string, path: string, body?: unknown) =>
      Effect.promise(async () => {
        const answer = await fetch(url + path, {
          method,
          headers: { "content-type": "application/json", "api-key": apiKey },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
        return Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ result: Schema.Unknown })))(text).result;
      });
    const server: QdrantServer = {
      url,
      requests: json(Schema.Record({ key: Schema.String, value: Schema.Number }), `${url}/requests`),
      get: (path) => send("GET", path),
      send,
    };
    return server;
  });

/** What to do with a request: hand it on, or answer that status instead. */
export type Verdict = "pass" | number;

/** A server on a free loopback port, for as long as the scope. */
export const serve = (answer: (message: IncomingMessage, response: ServerResponse) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer(answer);
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        return server;
      }),
      (server) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void));
          server.closeAllConnections();
        }),
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );

/** A proxy before `target` that lets `judge` decide on each request. */
export const proxy = (target: string, judge: (method: string, path: string) => Verdict) =>
  serve((message, response) => {
    const { method = "GET", url = "/", headers } = message;
    const verdict = judge(method, url);
    if (verdict !== "pass") {
      message.resume();
      response.writeHead(verdict, { "content-type": "text/plain" }).end("the test says so");
      return;
    }
    const onward = request(target + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    message.pipe(onward);
  });

/** The adapter, silent. */
export const layerAt = (url: string, settings: Readonly<Record<string, string>> = {}) =>
  Layer.provide(
    layer,
    Layer.setConfigProvider(
      ConfigProvider.fromMap(new Map(Object.entries({ QDRANT_URL: url, QDRANT_TIMEOUT: "20 seconds", ...settings }))),
    ),
  ).pipe(Layer.merge(Logger.remove(Logger.defaultLogger)));

/** What GET /collections answers. */
export const Collections = Schema.Struct({ collections: Schema.Array(Schema.Struct({ name: Schema.String })) });

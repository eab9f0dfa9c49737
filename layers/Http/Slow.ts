/** Slow: what becomes of requests that never end, and of what is not HTTP, which no route ever sees: problem details, too. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Effect, Schedule } from "effect";

const problemOf = (status: number, detail: string) => {
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: "about:blank", title, status, detail });
  const headers = { "content-type": "application/problem+json", "content-length": body.length, connection: "close" };
  return { title, body, headers };
};

/** For a server's `clientError`. */
export const refuse = (error: Error & { readonly code?: string }, socket: Duplex): void => {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const detail =
    status === 408
      ? "The request's headers did not come to their end in time (HEADERS_TIMEOUT)."
      : "The request cannot be read as HTTP.";
  const { body, headers, title } = problemOf(status, detail);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join("")}\r\n${body}`);
};

/** Of any number, and with an hour for all of them. */
const isLines = ({ headers }: IncomingMessage): boolean =>
  /^application\/x-ndjson\b/i.test(headers["content-type"] ?? "");

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

interface Sent {
  readonly response: ServerResponse;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
}

const endLate = (request: IncomingMessage, { response }: Sent): void => {
  if (response.headersSent) return void request.destroy();
  const { body, headers } = problemOf(408, "The request's body did not come to its end in time (BODY_TIMEOUT).");
  response.writeHead(408, headers).end(body, () => request.destroy());
};

/** Ends requests whose body takes longer than `limit` milliseconds, until the scope is closed. */
export const limitBodies = (server: Server, limit: number) => {
  const coming = new Map<IncomingMessage, Sent>();
  server.on("request", (request, response) => {
    if (!hasBody(request) || isLines(request)) return;
    coming.set(request, { response, until: performance.now() + limit });
    const forget = () => void coming.delete(request);
    request.once("end", forget).once("close", forget);
  });
  const look = Effect.sync(() => {
    const now = performance.now();
    for (const [request, sent] of coming) {
      // Each after those that came before it.
      if (sent.until > now) break;
      coming.delete(request);
      endLate(request, sent);
    }
  });
  return Effect.forkScoped(Effect.repeat(look, Schedule.spaced("250 millis")));
};

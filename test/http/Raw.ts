/** A client that sends paths, headers and bytes as they are, where `fetch` would mend them first. */
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { Effect } from "effect";

export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // Tests look into bodies freely; each asserts what it reads.
  readonly body: Record<string, unknown>;
}

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>>;
  readonly body?: string | Uint8Array;
}

export const rawAt = (base: string) => {
  const { hostname, port } = new URL(base);
  return (path: string, { body, headers = {}, method = "GET" }: Init = {}): Effect.Effect<RawReply> =>
    Effect.async((resume) => {
      const sent = request({ hostname, port, path, method, headers: headers as Record<string, string> }, (response) => {
        const chunks: Array<Buffer> = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers["content-type"]?.includes("json") && text !== "";
          const { headers, statusCode = 0 } = response;
          resume(Effect.succeed({ status: statusCode, headers, text, body: isJson ? JSON.parse(text) : {} }));
        });
      });
      sent.on("error", (error) => resume(Effect.die(error)));
      sent.end(body);
    });
};

/** The whole answer to bytes that are written as they stand. */
export const exchange = (base: string, bytes: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(base);
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resume(Effect.succeed(text)));
  });

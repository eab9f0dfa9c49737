/** Body: a request's JSON body, within its size limit. */
import { HttpServerRequest } from "@effect/platform";
import { Effect, Option, Stream } from "effect";
import { BodyTooLarge, InvalidRequest, UnsupportedMediaType } from "./Problem.ts";

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const linesType = /^application\/x-ndjson\s*(?:;|$)/i;
/** A body that is too large is read and dropped up to this many times the limit, so that its sender gets the answer. */
const patience = 8;

const malformed = (detail: string) =>
  new InvalidRequest({ detail: "The body is not JSON. Nothing was accepted.", errors: [{ field: "body", detail }] });

/** Fails at what is not UTF-8, where a lenient one would put U+FFFD into an id. Drops a byte order mark. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

const unreadable = () => malformed("the body ended early: send it again");

/** Reads at most `patience · maxBytes`; undefined when there is more than `maxBytes`. */
const readBounded = (
  request: HttpServerRequest.HttpServerRequest,
  maxBytes: number,
): Effect.Effect<Uint8Array | ArrayBuffer | undefined, unknown> =>
  request.stream.pipe(
    Stream.runFoldWhile(
      { bytes: 0, chunks: [] as Uint8Array[] },
      ({ bytes }) => bytes <= maxBytes * patience,
      ({ bytes, chunks }, chunk) => {
        const total = bytes + chunk.length;
        if (total <= maxBytes) chunks.push(chunk);
        return { bytes: total, chunks };
      },
    ),
    Effect.map(({ bytes, chunks }) => (bytes > maxBytes ? undefined : Buffer.concat(chunks))),
  );

/** Whether the body says that it is lines of JSON. */
export const isLines = ({ headers }: HttpServerRequest.HttpServerRequest): boolean =>
  linesType.test(headers["content-type"] ?? "");

/** The body as parsed JSON; `types` are those that the route takes. */
export const readJson = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  maxBytes: number,
  types = "application/json",
) {
  if (!jsonType.test(request.headers["content-type"] ?? "")) {
    return yield* Effect.fail(
      new UnsupportedMediaType({ detail: `The body must be JSON: send the header content-type: ${types}.` }),
    );
  }
  const announced = Number(request.headers["content-length"] ?? Number.NaN);
  const bytes = yield* (
    announced <= maxBytes
      ? HttpServerRequest.withMaxBodySize(request.arrayBuffer, Option.some(maxBytes))
      : readBounded(request, maxBytes)
  ).pipe(Effect.mapError(unreadable));
  if (bytes === undefined) {
    return yield* Effect.fail(
      new BodyTooLarge({
        detail: `The body has more than ${maxBytes} bytes (MAX_BODY_BYTES): send less at a time.`,
      }),
    );
  }
  const text = yield* Effect.try({
    try: () => utf8.decode(bytes),
    catch: () => malformed("it is not UTF-8: send JSON text in UTF-8"),
  });
  return yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: (error) => malformed(error instanceof Error ? error.message : "it cannot be parsed"),
  });
});

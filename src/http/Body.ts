/** Body: a request's JSON body, within its size limit. */
import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import type { HttpServerRequest } from "@effect/platform";
import { Effect, Stream } from "effect";
import { shown } from "../serving/FieldError.ts";
import { parseInTurns } from "./LongJson.ts";
import { BodyTooLarge, InvalidRequest, UnsupportedMediaType } from "./Problem.ts";

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const linesType = /^application\/x-ndjson\s*(?:;|$)/i;
/** A body that is too large is read and dropped up to this many times the limit, so that its sender gets the answer. */
const patience = 8;

const malformed = (detail: string, text?: string) =>
  new InvalidRequest({
    detail: "The body is not JSON. Nothing was accepted.",
    errors: [{ field: "body", ...(text === undefined ? {} : { value: shown(text) }), detail }],
  });

export const malformedBody = () => malformed("the body ended early: send it again");

/** As long as was announced: the server reads no more. By its events, since a stream of ours would cost more than to parse it. */
const readAnnounced = (source: Readable): Effect.Effect<Uint8Array, unknown> =>
  Effect.async((resume) => {
    const chunks: Array<Uint8Array> = [];
    source.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
    source.once("end", () => resume(Effect.succeed(Buffer.concat(chunks))));
    source.once("error", (error) => resume(Effect.fail(error)));
  });

/** Reads at most `patience · maxBytes`; undefined when there is more than `maxBytes`. */
const readBounded = (
  stream: HttpServerRequest.HttpServerRequest["stream"],
  maxBytes: number,
): Effect.Effect<Uint8Array | undefined, unknown> =>
  stream.pipe(
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

/** How the body says that it is compressed; undefined: not at all. */
const encodingOf = ({ headers }: HttpServerRequest.HttpServerRequest): string | undefined => {
  const encoding = (headers["content-encoding"] ?? "").trim();
  return encoding === "" || encoding.toLowerCase() === "identity" ? undefined : encoding;
};

/** Whether the body says that it is lines of JSON, and can be read as it comes. */
export const isLines = (request: HttpServerRequest.HttpServerRequest): boolean =>
  linesType.test(request.headers["content-type"] ?? "") && encodingOf(request) === undefined;

const byteOrderMark = "\ufeff";

/** What is not UTF-8 is refused: a lenient decoder would put U+FFFD into an id. */
const textOf = (bytes: Uint8Array): Effect.Effect<string, InvalidRequest> => {
  if (!isUtf8(bytes)) return Effect.fail(malformed("it is not UTF-8: send JSON text in UTF-8"));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  return Effect.succeed(text.startsWith(byteOrderMark) ? text.slice(1) : text);
};

const parsed = (text: string): Effect.Effect<unknown, InvalidRequest> =>
  Effect.mapError(parseInTurns(text), (why) => malformed(`send JSON: ${why}`, text));

const readText = (
  { headers, source, stream }: HttpServerRequest.HttpServerRequest,
  maxBytes: number,
): Effect.Effect<string, InvalidRequest | BodyTooLarge> => {
  const announced = Number(headers["content-length"] ?? Number.NaN);
  const bytes =
    announced <= maxBytes && source instanceof Readable ? readAnnounced(source) : readBounded(stream, maxBytes);
  return Effect.matchEffect(bytes, {
    onFailure: () => Effect.fail(malformedBody()),
    onSuccess: (read): Effect.Effect<string, InvalidRequest | BodyTooLarge> => {
      if (read !== undefined) return textOf(read);
      const detail = `The body has more than ${maxBytes} bytes (MAX_BODY_BYTES): send less at a time.`;
      return Effect.fail(new BodyTooLarge({ detail }));
    },
  });
};

/** The body as parsed JSON; `types` are those that the route takes. */
export const readJson = (
  request: HttpServerRequest.HttpServerRequest,
  maxBytes: number,
  types = "application/json",
): Effect.Effect<unknown, InvalidRequest | BodyTooLarge | UnsupportedMediaType> => {
  const encoding = encodingOf(request);
  if (encoding !== undefined) {
    const detail = `The body is compressed (content-encoding: ${shown(encoding)}): send it as it is, without that header.`;
    return Effect.fail(new UnsupportedMediaType({ detail }));
  }
  if (jsonType.test(request.headers["content-type"] ?? "")) return Effect.flatMap(readText(request, maxBytes), parsed);
  const detail = `The body must be JSON: send the header content-type: ${types}.`;
  return Effect.fail(new UnsupportedMediaType({ detail }));
};

/** All of a body of lines. */
export const readLines = readText;

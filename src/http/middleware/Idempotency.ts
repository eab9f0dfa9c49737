/**
 * Idempotency: a request that comes again with its Idempotency-Key is answered as the first time, and done once.
 *
 * Answers of success are kept in this process for a day, of at most `mostBytes` in all, the oldest going first; failures are
 * not, so that whoever mends a request may send it again under its key. Beyond what is kept, events count once all the same: their ids
 * follow from the key (`serving/EventIds.ts`). A key is its caller's, on its path.
 */
import { createHash } from "node:crypto";
import { pipeline, Readable, Transform } from "node:stream";
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Effect, Stream } from "effect";
import { EventIds, idsFrom } from "../../serving/EventIds.ts";
import { shown } from "../../serving/FieldError.ts";
import type { CacheSize } from "../../vitals/Vitals.ts";
import { cloudPrefix } from "../api/Events.ts";
import { keyForm } from "../api/Idempotent.ts";
import { malformedBody } from "../Body.ts";
import { InvalidRequest, KeyInUse, KeyReused } from "../Problem.ts";
import { targetOf } from "../Target.ts";
import type { App } from "./Routing.ts";

type Request = HttpServerRequest.HttpServerRequest;
type Response = HttpServerResponse.HttpServerResponse;

interface Kept {
  /** Of what was sent; undefined while the request is under way. */
  readonly digest: string | undefined;
  readonly response: Response | undefined;
  readonly bytes: number;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
}

const day = 86_400_000;
/** Beside its body, an answer takes so much. */
const overhead = 500;
export const mostBytes = 64 * 1024 * 1024;

/** The key itself, also where it was sent in quotation marks, as the draft has it. */
const keyIn = (sent: string): string => /^"(.*)"$/.exec(sent)?.[1] ?? sent;

/** What a request says beside its body: its parameters, and the attributes of a CloudEvent in binary mode. */
const saidBeside = ({ headers, url }: Request): string => {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith(cloudPrefix));
  return JSON.stringify([targetOf(url).query, attributes.sort(([one], [other]) => (one < other ? -1 : 1))]);
};

/** The request with a body that is hashed as it is read, with what is said beside it; undefined where the platform's body is none that can be. */
const hashed = (
  request: Request,
): { readonly request: Request; readonly digest: () => string; readonly drop: () => void } | undefined => {
  const { source } = request;
  if (!(source instanceof Readable)) return undefined;
  const hash = createHash("sha256").update(saidBeside(request));
  const through = new Transform({
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // Whoever reads is told of a body that breaks off.
  pipeline(source, through, () => {});
  return {
    // What the platform would ask the body's source for is the request's still.
    request: Object.create(request, {
      source: { value: through },
      method: { value: request.method },
      headers: { value: request.headers },
      originalUrl: { value: request.originalUrl },
      remoteAddress: { value: request.remoteAddress },
    }),
    digest: () => hash.copy().digest("hex"),
    // What was not read would hold up the requests behind it.
    drop: () => void through.resume(),
  };
};

/** The size of an answer that can be given again. */
const sizeOf = ({ body, status }: Response): number | undefined =>
  status < 300 && body._tag === "Raw" && typeof body.body === "string" ? body.body.length + overhead : undefined;

const malformed = (sent: string) =>
  new InvalidRequest({
    detail: "The Idempotency-Key cannot be used.",
    errors: [
      {
        field: "idempotency-key",
        value: shown(sent),
        detail: "send 1 to 255 visible ASCII characters, such as a UUID",
      },
    ],
  });

/** `run` answers a request anew; `caller`: whose key it is. */
export type Once = (request: Request, caller: string, path: string, run: (request: Request) => App) => App;

export const makeOnce = (most = mostBytes, tell: (size: () => CacheSize) => void = () => {}): Once => {
  const answers = new Map<string, Kept>();
  let bytes = 0;
  tell(() => ({ entries: answers.size, bytes }));

  const forget = (name: string) => {
    bytes -= answers.get(name)?.bytes ?? 0;
    answers.delete(name);
  };
  const keep = (name: string, kept: Kept) => {
    forget(name);
    answers.set(name, kept);
    bytes += kept.bytes;
    const now = performance.now();
    for (const [first, { digest, until }] of answers) {
      if (until > now && bytes <= most) break;
      // Who is under way is not forgotten before it ends.
      if (digest !== undefined) forget(first);
    }
  };

  const again = (request: Request, { digest, response }: Kept): App => {
    // A body that nobody reads is the server's to drop.
    const body = digest === undefined ? undefined : hashed(request);
    if (response === undefined || body === undefined) {
      const detail =
        "A request with this Idempotency-Key is under way: wait for its answer, or ask again a little later.";
      return Effect.fail(new KeyInUse({ detail }));
    }
    return Stream.runDrain(body.request.stream).pipe(
      Effect.mapError(malformedBody),
      Effect.flatMap(() =>
        body.digest() === digest
          ? Effect.succeed(HttpServerResponse.setHeader(response, "idempotent-replayed", "true"))
          : Effect.fail(
              new KeyReused({
                detail: "Another request came with this Idempotency-Key before: give each a key of its own.",
              }),
            ),
      ),
    );
  };

  return (request, caller, path, run) => {
    const sent = request.headers["idempotency-key"];
    if (sent === undefined) return run(request);
    const key = keyIn(sent);
    if (!keyForm.test(key)) return Effect.fail(malformed(sent));
    const name = [caller, path, key].join("\n");
    const kept = answers.get(name);
    if (kept !== undefined && kept.until > performance.now()) return again(request, kept);
    const body = hashed(request);
    if (body === undefined) return run(request);
    const until = performance.now() + day;
    return Effect.suspend(() => {
      keep(name, { digest: undefined, response: undefined, bytes: overhead, until });
      return run(body.request);
    }).pipe(
      Effect.provideService(EventIds, idsFrom(name)),
      Effect.tap((response) => {
        const size = sizeOf(response);
        if (size !== undefined) keep(name, { digest: body.digest(), response, bytes: size, until });
      }),
      Effect.ensuring(
        Effect.sync(() => {
          if (answers.get(name)?.digest === undefined) forget(name);
          body.drop();
        }),
      ),
    );
  };
};

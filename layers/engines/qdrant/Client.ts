/**
 * Client: Qdrant over REST, with bounded waits and failures that say what to do.
 *
 * Searches wait for QDRANT_TIMEOUT and are never tried again here: whoever asked has a fallback. Long work (`patient`)
 * waits a minute per request; `enduring` also sits out an outage, trying again with jittered, capped backoff for up to
 * QDRANT_LOAD_PATIENCE. The start and the end of an outage are each logged once. The API key is in no message.
 */
import { QdrantClient } from "@qdrant/js-client-rest";
import { ConfigError, Context, Duration, Effect, Layer, Redacted, Schedule, Schema } from "effect";
import { type Concealed, conceal } from "../../../src/config/Secrets.ts";
import { backOff } from "../../../src/ports/BackOff.ts";
import { qdrant } from "./Settings.ts";

type Use = <A>(run: (client: QdrantClient) => Promise<A>) => Effect.Effect<A, QdrantError>;

export class Qdrant extends Context.Tag("slipstream/Qdrant")<
  Qdrant,
  {
    /** For what a shopper waits for. */
    readonly use: Use;
    /** For large answers. */
    readonly patient: Use;
    /** For loading: `run` may be called several times, so it must be repeatable. */
    readonly enduring: Use;
    readonly patience: Duration.Duration;
  }
>() {}

/** Missing: no such collection. Exists: there is one already. Refused: the request is wrong. Denied: the key is. */
export class QdrantError extends Schema.TaggedError<QdrantError>()("QdrantError", {
  reason: Schema.Literal("Missing", "Exists", "Refused", "Denied", "Unavailable"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

const patientMillis = 60_000;
/** The port of a URL that names none. */
const defaultPort = 6333;

/** What the client throws for an answer that is no success; its class is not exported. */
const Answer = Schema.Struct({
  status: Schema.Number,
  statusText: Schema.String,
  data: Schema.Unknown,
});
const isAnswer = Schema.is(Answer);

const isErrorBody = Schema.is(Schema.Struct({ status: Schema.Struct({ error: Schema.String }) }));

const detailOf = ({ data, statusText }: typeof Answer.Type): string => {
  const text = isErrorBody(data) ? data.status.error : typeof data === "string" && data !== "" ? data : statusText;
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** The innermost cause: `fetch failed` says nothing. */
const networkReason = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause === undefined ? cause.message || cause.name : networkReason(cause.cause);
};

/** What fetch rejects with: the cause is the socket's error. */
const isNetworkFailure = (cause: unknown): boolean => cause instanceof TypeError && cause.cause !== undefined;

const describe = (address: string, millis: number, key: Concealed, cause: unknown): QdrantError => {
  const error = (reason: QdrantError["reason"], rest: string) =>
    new QdrantError({ reason, message: `Qdrant at ${address} ${key.text(rest)}`, cause: key.cause(cause) });
  if (cause instanceof Error && cause.name === "QdrantClientTimeoutError") {
    return error("Unavailable", `gave no answer within ${millis} ms: it is overloaded or out of reach.`);
  }
  const status = isAnswer(cause) ? cause.status : cause instanceof Error && "retry_after" in cause ? 429 : undefined;
  if (status === undefined && !isNetworkFailure(cause)) {
    return error("Unavailable", `gives no answer of Qdrant's (${networkReason(cause)}): see that QDRANT_URL is right.`);
  }
  if (status === undefined) {
    return error(
      "Unavailable",
      `cannot be reached (${networkReason(cause)}): start it, or set QDRANT_URL to where it runs.`,
    );
  }
  const detail = isAnswer(cause) ? detailOf(cause) : "too many requests";
  if (status === 404) return error("Missing", `knows no such collection: ${detail}.`);
  if (status === 409) return error("Exists", `has it already: ${detail}.`);
  if (status === 401 || status === 403) {
    return error("Denied", `refuses the key (${status}: ${detail}): set QDRANT_API_KEY.`);
  }
  if (status < 500 && status !== 429 && status !== 408) return error("Refused", `refuses a request: ${detail}.`);
  return error("Unavailable", `answers ${status} (${detail}): it is starting, overloaded or broken; see its log.`);
};

const make = Effect.gen(function* () {
  const given = yield* qdrant.url.config;
  if (!URL.canParse(given)) return yield* Effect.fail(ConfigError.MissingData(["QDRANT_URL"], "QDRANT_URL is not set"));
  const url = new URL(given);
  const apiKey = Redacted.value(yield* qdrant.apiKey.config);
  const key = conceal([apiKey]);
  const timeout = yield* qdrant.timeout.config;
  const patience = yield* qdrant.loadPatience.config;
  const port = url.port === "" ? defaultPort : Number(url.port);
  const prefix = url.pathname.replace(/\/+$/, "");
  const address = `${url.protocol}//${url.hostname}:${port}${prefix}`;
  if (apiKey !== "" && url.protocol === "http:") {
    yield* Effect.logWarning(`QDRANT_API_KEY is sent to ${address} unencrypted; use https where others can listen`);
  }
  const connect = (millis: number): QdrantClient =>
    new QdrantClient({
      url: `${url.protocol}//${url.hostname}:${port}`,
      ...(prefix === "" ? {} : { prefix }),
      timeout: millis,
      // Given as a header: the client's own option prints a warning of its own.
      ...(apiKey === "" ? {} : { headers: { "api-key": apiKey } }),
      checkCompatibility: false,
    });

  let down = false;
  const failing = (error: QdrantError) => {
    if (error.reason !== "Unavailable" || down) return Effect.void;
    down = true;
    return Effect.logWarning(error.message);
  };
  const answering = Effect.suspend(() => {
    if (!down) return Effect.void;
    down = false;
    return Effect.logInfo(`Qdrant at ${address} answers again`);
  });

  const using = (client: QdrantClient, millis: number): Use => {
    return (run) =>
      Effect.tryPromise({ try: () => run(client), catch: (cause) => describe(address, millis, key, cause) }).pipe(
        Effect.tapBoth({ onFailure: failing, onSuccess: () => answering }),
      );
  };

  const millis = Duration.toMillis(timeout);
  const patient = using(connect(patientMillis), patientMillis);
  const untilAnswered = Schedule.upTo(backOff("200 millis", "5 seconds"), patience);
  return {
    use: using(connect(millis), millis),
    patient,
    enduring: <A>(run: (client: QdrantClient) => Promise<A>) =>
      Effect.retry(patient(run), { schedule: untilAnswered, while: ({ reason }) => reason === "Unavailable" }),
    patience,
  };
});

/** Qdrant at QDRANT_URL. */
export const layer = Layer.effect(Qdrant, make);

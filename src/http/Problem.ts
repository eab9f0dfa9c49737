/**
 * Problem: every error a client can see, as RFC 9457 problem details. The class carries the HTTP status; the programs
 * fail with these and the server writes them as `application/problem+json`.
 */
import { HttpApiSchema } from "@effect/platform";
import { Schema } from "effect";
import { scopes } from "../keys/Key.ts";
import { FieldError } from "../serving/FieldError.ts";
import { ItemsTaken } from "../serving/items/ItemSchema.ts";
import { Checks } from "../vitals/Check.ts";
import { Warning } from "../vitals/Warnings.ts";

const constant = <const A extends string | number>(value: A) =>
  Schema.Literal(value).pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => value),
  );

const members = <const T extends string, const S extends number>(name: T, title: string, status: S) => ({
  type: constant(`urn:slipstream:problem:${name}`),
  title: Schema.String.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => title),
  ),
  status: constant(status),
  detail: Schema.String,
  instance: Schema.optional(Schema.String.annotations({ description: "The path that was asked for." })),
  request_id: Schema.optional(Schema.String.annotations({ description: "As in the log and in x-request-id." })),
});

const wire = (status: number, description: string) => ({
  [HttpApiSchema.AnnotationStatus]: status,
  [HttpApiSchema.AnnotationEncoding]: { kind: "Json", contentType: "application/problem+json" },
  description,
});

/** A problem of these members alone. */
const plain = <const T extends string, const S extends number>(
  name: T,
  title: string,
  status: S,
  description: string,
) => [members(name, title, status), wire(status, description)] as const;

export class InvalidRequest extends Schema.Class<InvalidRequest>("InvalidRequest")(
  {
    ...members("invalid-request", "Invalid request", 400),
    errors: Schema.Array(FieldError),
  },
  wire(400, "A parameter or the body is not as it should be. Nothing was changed."),
) {}

const wantedScope = Schema.Literal(...scopes).annotations({ description: "What the key must be allowed to do." });

/** No key was shown, or none that is known: sent with a WWW-Authenticate header. */
export class Unauthorized extends Schema.Class<Unauthorized>("Unauthorized")(
  {
    ...members("unauthorized", "Unauthorized", 401),
    scope: wantedScope,
    reason: Schema.Literal("no-key", "unknown-key"),
  },
  wire(401, "A key is needed, and none was sent, or none that is known. Nothing was changed."),
) {}

/** The key may do other things: sent with a WWW-Authenticate header. */
export class MissingScope extends Schema.Class<MissingScope>("MissingScope")(
  { ...members("missing-scope", "Missing scope", 403), scope: wantedScope },
  wire(403, "The key that was sent may not do this. Nothing was changed."),
) {}

/** A web page of another origin would write. */
export class ForeignOrigin extends Schema.Class<ForeignOrigin>("ForeignOrigin")(
  ...plain(
    "foreign-origin",
    "Foreign origin",
    403,
    "The page that sent this is of an origin that ALLOWED_ORIGINS does not name. Nothing was changed.",
  ),
) {}

export class NotFound extends Schema.Class<NotFound>("NotFound")(
  {
    ...members("not-found", "Not found", 404),
    errors: Schema.optional(Schema.Array(FieldError)),
  },
  wire(404, "There is no such thing."),
) {}

export class MethodNotAllowed extends Schema.Class<MethodNotAllowed>("MethodNotAllowed")(
  ...plain(
    "method-not-allowed",
    "Method not allowed",
    405,
    "The path exists, with other methods: see the allow header.",
  ),
) {}

/** What there is, or what is under way, does not allow it. */
export class Conflict extends Schema.Class<Conflict>("Conflict")(
  ...plain(
    "conflict",
    "Conflict",
    409,
    "What there is, or what is under way, does not allow it: the detail says what to do first. Nothing was changed.",
  ),
) {}

export class BodyTooLarge extends Schema.Class<BodyTooLarge>("BodyTooLarge")(
  ...plain(
    "body-too-large",
    "Body too large",
    413,
    "The body has more bytes than MAX_BODY_BYTES. Nothing was changed.",
  ),
) {}

export class UriTooLong extends Schema.Class<UriTooLong>("UriTooLong")(
  ...plain("uri-too-long", "URI too long", 414, "The path has more than 2048 characters."),
) {}

export class UnsupportedMediaType extends Schema.Class<UnsupportedMediaType>("UnsupportedMediaType")(
  ...plain("unsupported-media-type", "Unsupported media type", 415, "The body is not declared as application/json."),
) {}

/** Asked by a name that is not this server's, as a page does that had its own name resolve to this address. */
export class MisdirectedRequest extends Schema.Class<MisdirectedRequest>("MisdirectedRequest")(
  ...plain(
    "misdirected-request",
    "Misdirected request",
    421,
    "The Host header names neither this machine nor a host of ALLOWED_HOSTS.",
  ),
) {}

/** The same request is under way: sent with a Retry-After header. */
export class KeyInUse extends Schema.Class<KeyInUse>("KeyInUse")(
  ...plain("key-in-use", "Key in use", 409, "A request with the same Idempotency-Key is under way."),
) {}

/** An Idempotency-Key came before with another body. */
export class KeyReused extends Schema.Class<KeyReused>("KeyReused")(
  ...plain("key-reused", "Key reused", 422, "Another request came with the same Idempotency-Key. Nothing was changed."),
) {}

/** Sent with Retry-After, RateLimit and RateLimit-Policy headers. */
export class TooManyRequests extends Schema.Class<TooManyRequests>("TooManyRequests")(
  {
    ...members("too-many-requests", "Too many requests", 429),
    retry_after: Schema.Int.annotations({ description: "Seconds until the next request is taken." }),
  },
  wire(429, "More requests than RATE_LIMIT allows. Nothing was changed."),
) {}

export class InternalError extends Schema.Class<InternalError>("InternalError")(
  ...plain("internal-error", "Internal error", 500, "A defect of the server; the log has it under the request id."),
) {}

/** Try again later: sent with a Retry-After header. */
export class Unavailable extends Schema.Class<Unavailable>("Unavailable")(
  ...plain(
    "unavailable",
    "Service unavailable",
    503,
    "Something needed is not there just now: try again after the seconds in the retry-after header.",
  ),
) {}

/** Lines were applied, and no more of them can be just now: sent with a Retry-After header. */
export class UploadStopped extends Schema.Class<UploadStopped>("UploadStopped")(
  {
    ...members("upload-stopped", "Upload stopped", 503),
    lines: Schema.Int.annotations({
      description: "So many lines, from the first on, are done with: go on from the one after.",
    }),
    ...ItemsTaken.fields,
  },
  wire(503, "The catalogue failed in the middle of lines: those before are done with."),
) {}

export class NotReady extends Schema.Class<NotReady>("NotReady")(
  {
    ...members("not-ready", "Not ready", 503),
    model: Schema.NullOr(Schema.String),
    checks: Checks,
    warnings: Schema.Array(Warning),
  },
  wire(503, "A store is down, or no model serves yet."),
) {}

/** Of a role without an API: its page tells more beside it. */
export class RoleNotReady extends Schema.Class<RoleNotReady>("RoleNotReady")(
  { ...members("not-ready", "Not ready", 503), role: Schema.String, checks: Checks },
  wire(503, "A store is down or waited for, or a partition does not run."),
) {}

export const problems = [
  InvalidRequest,
  Unauthorized,
  MissingScope,
  ForeignOrigin,
  NotFound,
  MethodNotAllowed,
  Conflict,
  BodyTooLarge,
  UriTooLong,
  UnsupportedMediaType,
  MisdirectedRequest,
  KeyInUse,
  KeyReused,
  TooManyRequests,
  InternalError,
  Unavailable,
  UploadStopped,
  NotReady,
] as const;

export type Problem = InstanceType<(typeof problems)[number]>;

export const isProblem = (value: unknown): value is Problem => problems.some((problem) => value instanceof problem);

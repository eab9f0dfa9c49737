/**
 * Documents: JSON documents by their names, each typed by a schema, in a store that processes share.
 *
 * For what is small and read whole: the list of models, best sellers. A port whose data is one document stands on it, and
 * so has every engine that documents have.
 */
import { Context, type Effect, Either, Schema, type Scope, type Stream } from "effect";

/** Undefined: it was never written. */
export interface Document<A> {
  readonly get: Effect.Effect<A | undefined, DocumentError>;
  readonly put: (value: A) => Effect.Effect<void, DocumentError>;
  /** Applies `change` to the newest value, atomically across processes; `change` may run more than once. */
  readonly update: <B>(change: (value: A | undefined) => readonly [B, A]) => Effect.Effect<B, DocumentError>;
  /**
   * The value now, and again after every change: those of this process at once, those of others soon. What is stored equal
   * is not repeated.
   */
  readonly changes: Stream.Stream<A | undefined, DocumentError>;
}

export interface DocumentsService {
  /** What others open by the same name is the same document. */
  readonly open: <A, I>(name: string, schema: Schema.Schema<A, I>) => Effect.Effect<Document<A>, never, Scope.Scope>;
}

export class Documents extends Context.Tag("slipstream/Documents")<Documents, DocumentsService>() {}

/** Undecodable: what is stored is not of the schema. */
export class DocumentError extends Schema.TaggedError<DocumentError>()("DocumentError", {
  reason: Schema.Literal("Unavailable", "Undecodable"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

export const unavailable = (cause: { readonly message: string }): DocumentError =>
  new DocumentError({ reason: "Unavailable", message: cause.message, cause });

/** A document's text and back; none for a document that was never written. */
export const textOf = <A, I>(schema: Schema.Schema<A, I>) => {
  const text = Schema.parseJson(schema);
  const decode = Schema.decodeUnknownEither(text);
  return {
    decode: (found: string | undefined): Either.Either<A | undefined, DocumentError> =>
      found === undefined
        ? Either.right(undefined)
        : Either.mapLeft(
            decode(found),
            (cause) => new DocumentError({ reason: "Undecodable", message: cause.message, cause }),
          ),
    encode: Schema.encodeSync(text),
  };
};

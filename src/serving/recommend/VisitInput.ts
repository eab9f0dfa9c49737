/** VisitInput: what POST /recommend takes: what a visitor did, and what may be in the answer; nothing of it is stored. */
import { Either, ParseResult, Schema } from "effect";
import { eventTypeCode, eventTypes } from "../../domain/Event.ts";
import { InvalidInput } from "../Errors.ts";
import { fieldErrors, key } from "../EventInput.ts";
import type { FieldError } from "../FieldError.ts";
import { type ContextItem, defaultK, explained, maxExplained, maxK, maxSeed, type RecommendQuery } from "./Query.ts";

/** More are not looked at by any learner. */
export const maxContext = 100;
const maxListed = 1_000;
const longestName = 256;

const wants =
  <A, I>(wanted: string) =>
  (schema: Schema.Schema<A, I>) =>
    schema.annotations({ message: () => ({ message: `send ${wanted}`, override: true }), description: wanted });

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

const whole = (from: number, to: number) =>
  Schema.Int.pipe(Schema.between(from, to), wants(`a whole number from ${from} to ${to}`));

const names = Schema.Array(key(longestName)).pipe(
  Schema.maxItems(maxListed),
  wants(`a list of at most ${maxListed} names`),
);

const item = key(longestName);

export const ContextInput = Schema.Struct({
  item_id: optional(item).annotations({
    description: "The article id. One that the model does not know is passed over.",
  }),
  item_idx: optional(whole(0, 2 ** 31 - 1)).annotations({
    description: "The internal index; read only where item_id is absent.",
  }),
  event_type: optional(Schema.Literal(...eventTypes).pipe(wants(`one of ${eventTypes.join(", ")}`))).annotations({
    description: `One of ${eventTypes.join(", ")}; by default click.`,
  }),
}).annotations({ identifier: "ContextItem" });

export const VisitInput = Schema.Struct({
  context: Schema.Array(ContextInput)
    .pipe(Schema.maxItems(maxContext))
    .annotations({ description: `What the visitor did, oldest first; at most ${maxContext}.` }),
  k: optional(whole(1, maxK)),
  product_group: optional(key(longestName)),
  product_type: optional(key(longestName)),
  exclude_ids: optional(names),
  exclude_groups: optional(names),
  exclude_types: optional(names),
  seen: optional(Schema.Literal("bought", "none").pipe(wants("bought or none"))),
  diversity_lambda: optional(Schema.Finite.pipe(Schema.between(0, 1), wants("a number from 0 to 1"))),
  variants: optional(whole(0, maxK)),
  explain: optional(Schema.Boolean.pipe(wants("true or false"))),
  explain_top_k: optional(whole(1, maxExplained)),
  seed: optional(whole(0, maxSeed)),
}).annotations({
  identifier: "Visit",
  parseOptions: { errors: "all" },
  examples: [{ context: [{ item_id: "0108775015" }, { item_id: "0118458003", event_type: "add_to_cart" }], k: 10 }],
});
export type VisitInput = typeof VisitInput.Type;

const decode = Schema.decodeUnknownEither(VisitInput);

const invalid = (errors: ReadonlyArray<FieldError>) =>
  new InvalidInput({ message: "The request is not as it should be. Nothing was changed.", errors });

const contextItem = ({ event_type = "click", item_id, item_idx }: typeof ContextInput.Type): ContextItem => ({
  item: item_id ?? item_idx ?? -1,
  type: eventTypeCode(event_type),
});

/** The query, or everything that is wrong with it. */
export const decodeVisit = (body: unknown): Either.Either<RecommendQuery, InvalidInput> => {
  const decoded = decode(body);
  if (Either.isLeft(decoded)) {
    return Either.left(invalid(fieldErrors(ParseResult.ArrayFormatter.formatErrorSync(decoded.left), body)));
  }
  const { context, ...asked } = decoded.right;
  const nameless = context.flatMap(
    ({ item_id, item_idx }, at): ReadonlyArray<FieldError> =>
      item_id === undefined && item_idx === undefined
        ? [{ field: `context.${at}.item_id`, detail: "is missing: send item_id or item_idx" }]
        : [],
  );
  if (nameless.length > 0) return Either.left(invalid(nameless));
  return Either.right({
    user: context.map(contextItem),
    k: asked.k ?? defaultK,
    productGroup: asked.product_group,
    productType: asked.product_type,
    excludeIds: asked.exclude_ids ?? [],
    excludeGroups: asked.exclude_groups ?? [],
    excludeTypes: asked.exclude_types ?? [],
    seen: asked.seen,
    diversity: asked.diversity_lambda,
    variants: asked.variants,
    explain: explained(asked.explain, asked.explain_top_k),
    seed: asked.seed,
  });
};

/** VisitInput: what POST /recommend and POST /recommend/{user_id} take: what was done in a visit, and what may be in the answer. */
import { Either, ParseResult, Schema } from "effect";
import { maxLength } from "../../catalogue/filter/Parser.ts";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { InvalidInput } from "../Errors.ts";
import { fieldErrors, key, typeName } from "../EventInput.ts";
import type { FieldError } from "../FieldError.ts";
import { Token } from "../Token.ts";
import { bodyProblems, isObject, withoutExcess } from "./BodyFields.ts";
import { PageWord } from "./Page.ts";
import {
  type ContextItem,
  defaultK,
  explained,
  maxExplained,
  maxK,
  maxSeed,
  type RecommendQuery,
  seenPolicies,
} from "./Query.ts";
import { aboutMinScore, aboutPage, aboutRotation, aboutSeen, oneOfSeen } from "./Words.ts";

/** More are not looked at by any learner. */
export const maxContext = 100;
const maxListed = 1_000;
const longestName = 256;

export const wants =
  <A, I>(wanted: string) =>
  (schema: Schema.Schema<A, I>) =>
    schema.annotations({ message: () => ({ message: `send ${wanted}`, override: true }), description: wanted });

export const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

export const whole = (from: number, to: number) =>
  Schema.Int.pipe(Schema.between(from, to), wants(`a whole number from ${from} to ${to}`));

const names = Schema.Array(key(longestName)).pipe(
  Schema.maxItems(maxListed),
  wants(`a list of at most ${maxListed} names`),
);

const oneOf = Schema.Union(
  key(longestName),
  Schema.Array(key(longestName)).pipe(Schema.minItems(1), Schema.maxItems(maxListed)),
).annotations({
  message: () => ({
    message: `send a name, or a list of 1 to ${maxListed} names of which it may be any`,
    override: true,
  }),
  description: `A name, or a list of 1 to ${maxListed} names of which it may be any.`,
});

const filter = Schema.String.pipe(Schema.maxLength(maxLength), wants(`a filter of at most ${maxLength} characters`));

const item = key(longestName);

const contextOf = ({ names, visit }: EventTypes) =>
  Schema.Struct({
    item_id: optional(item).annotations({
      description: "The article id. One that the model does not know is passed over.",
    }),
    item_idx: optional(whole(0, 2 ** 31 - 1)).annotations({
      description: "The internal index; read only where item_id is absent.",
    }),
    event_type: optional(typeName(names)).annotations({
      description: `One of ${names.join(", ")}; by default ${names[visit]}.`,
    }),
  }).annotations({ identifier: "ContextItem" });

/** A list of so many; whatever it is instead is told by `wanted`, what is wrong with an entry by the entry. */
export const listOf = <A, I>(entry: Schema.Schema<A, I>, least: number, most: number, wanted: string) => {
  const message = () => `send ${wanted}`;
  const some = Schema.Array(entry).annotations({ message }).pipe(Schema.maxItems(most, { message }));
  return least === 0 ? some : some.pipe(Schema.minItems(least, { message }));
};

const wantedContext = `a list of at most ${maxContext} things that were done, such as [{"item_id": "0108775015"}]`;
const contextsOf = (types: EventTypes) => listOf(contextOf(types), 0, maxContext, wantedContext);

/** What may be in the answer, as the parameters of GET /recommend/{user_id} say it. */
export const asked = {
  k: optional(whole(1, maxK)),
  filter: optional(filter).annotations({
    description: `Only items of which this is true, as the parameter of GET /recommend: colour = "Black" AND price < 30. At most ${maxLength} characters.`,
  }),
  product_group: optional(oneOf),
  product_type: optional(oneOf),
  exclude_ids: optional(names),
  exclude_groups: optional(names),
  exclude_types: optional(names),
  seen: optional(
    Schema.Literal(...seenPolicies)
      .pipe(wants(oneOfSeen))
      .annotations({ description: aboutSeen }),
  ),
  min_score: optional(Schema.Finite.pipe(wants("a number")).annotations({ description: aboutMinScore })),
  page: optional(
    PageWord.pipe(wants("the next_page of an answer, as it was given; leave it out to begin anew")).annotations({
      description: aboutPage,
    }),
  ),
  rotation: optional(
    Schema.Finite.pipe(Schema.between(0, 1), wants("a number from 0 to 1")).annotations({ description: aboutRotation }),
  ),
  diversity_lambda: optional(Schema.Finite.pipe(Schema.between(0, 1), wants("a number from 0 to 1"))),
  variants: optional(whole(0, maxK)),
  explain: optional(Schema.Boolean.pipe(wants("true or false"))),
  explain_top_k: optional(whole(1, maxExplained)),
  seed: optional(whole(0, maxSeed)),
  after: optional(Token.pipe(wants("the token of an answer of POST /events, as it was given"))),
};

/** `types`: of the events that are taken. */
export const visitInputOf = (types: EventTypes) =>
  Schema.Struct({
    context: Schema.propertySignature(contextsOf(types)).annotations({
      description: `What the visitor did, oldest first; at most ${maxContext}.`,
      missingMessage: () => `is missing: send ${wantedContext}, or [] of a visitor who did nothing yet`,
    }),
    ...asked,
  }).annotations({
    identifier: "Visit",
    parseOptions: { errors: "all" },
    examples: [
      {
        context: [
          { item_id: "0108775015" },
          { item_id: "0118458003", event_type: types.names[1] ?? types.names[0] ?? "" },
        ],
        k: 10,
      },
    ],
  });

/** Of a shopper of whom more may be stored. `types`: of the events that are taken. */
export const shopperVisitInputOf = (types: EventTypes) =>
  Schema.Struct({
    context: optional(contextsOf(types)).annotations({
      description: `What the shopper did in this visit that is not told as events, oldest first; at most ${maxContext}. It counts behind all that is stored of them, and is not stored.`,
    }),
    ...asked,
  }).annotations({
    identifier: "ShopperVisit",
    parseOptions: { errors: "all" },
    examples: [{ context: [{ item_id: "0108775015" }], k: 10 }],
  });

type Input = ReturnType<typeof shopperVisitInputOf>["Type"];

const invalid = (errors: ReadonlyArray<FieldError>) =>
  new InvalidInput({ message: "The request is not as it should be. Nothing was changed.", errors });

const contextItem = ({ event_type, item_id, item_idx }: NonNullable<Input["context"]>[number]): ContextItem => ({
  item: item_id ?? item_idx ?? -1,
  type: event_type,
});

export const queryOf = (
  decoded: Either.Either<Input, ParseResult.ParseError>,
  user: string | null,
  body: unknown,
  fields: ReadonlyArray<string> = known,
): Either.Either<RecommendQuery, InvalidInput> => {
  const strange = bodyProblems(body, fields);
  if (!isObject(body)) return Either.left(invalid(strange));
  if (Either.isLeft(decoded)) {
    const wrong = fieldErrors(ParseResult.ArrayFormatter.formatErrorSync(decoded.left), body);
    return Either.left(invalid([...strange, ...wrong]));
  }
  if (strange.length > 0) return Either.left(invalid(strange));
  const { context = [], ...said } = decoded.right;
  const nameless = context.flatMap(
    ({ item_id, item_idx }, at): ReadonlyArray<FieldError> =>
      item_id === undefined && item_idx === undefined
        ? [{ field: `context.${at}.item_id`, detail: "is missing: send item_id or item_idx" }]
        : [],
  );
  if (nameless.length > 0) return Either.left(invalid(nameless));
  return Either.right({
    user,
    context: context.map(contextItem),
    k: said.k ?? defaultK,
    after: said.after,
    filter: said.filter,
    productGroup: said.product_group,
    productType: said.product_type,
    excludeIds: said.exclude_ids ?? [],
    excludeGroups: said.exclude_groups ?? [],
    excludeTypes: said.exclude_types ?? [],
    seen: said.seen,
    rotation: said.rotation,
    minScore: said.min_score,
    page: said.page,
    diversity: said.diversity_lambda,
    variants: said.variants,
    explain: explained(said.explain, said.explain_top_k),
    seed: said.seed,
  });
};

const known = ["context", ...Object.keys(asked)];

/** The query, or everything that is wrong with it; `user` null: of a visitor, whose body must have a context. */
export type DecodeVisit = (user: string | null, body: unknown) => Either.Either<RecommendQuery, InvalidInput>;

/** `types`: of the events that are taken. */
export const makeDecodeVisit = (types: EventTypes): DecodeVisit => {
  const decodeVisitor = Schema.decodeUnknownEither(visitInputOf(types));
  const decodeShopper = Schema.decodeUnknownEither(shopperVisitInputOf(types));
  return (user, body) => queryOf((user === null ? decodeVisitor : decodeShopper)(withoutExcess(body)), user, body);
};

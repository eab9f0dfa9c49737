/** ManyInput: what POST /recommend/batch takes: users, and what their lists may hold. */
import { Either, ParseResult, Schema, Struct } from "effect";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { InvalidInput } from "../Errors.ts";
import { fieldErrors, key } from "../EventInput.ts";
import { type FieldError, shown } from "../FieldError.ts";
import { bodyProblems, isObject, withoutExcess } from "./BodyFields.ts";
import { maxK, type RecommendQuery } from "./Query.ts";
import { asked, listOf, makeDecodeVisit, optional, wants, whole } from "./VisitInput.ts";

export const maxUsers = 1_000;

/** A list of bad users could name a thousand. */
const mostErrors = 100;

const wanted = `a list of 1 to ${maxUsers} user ids; more go as lines of application/x-ndjson`;
const users = listOf(key(256), 1, maxUsers, wanted).annotations({
  description: `The shop's own ids, 1 to ${maxUsers}; or internal indices, as in GET /recommend/{user_id}.`,
});

const aboutMetadata =
  "Whether items are worded; false: their ids, scores and sources alone, which is quicker and shorter.";
const metadata = optional(Schema.Boolean.pipe(wants("true or false"))).annotations({ description: aboutMetadata });

const own = {
  users: Schema.propertySignature(users).annotations({ missingMessage: () => `is missing: send ${wanted}` }),
  metadata,
};
const Own = Schema.Struct(own).annotations({ parseOptions: { errors: "all" } });

const { page: _, ...shared } = asked;

export const ManyBody = Schema.Struct({ ...own, ...shared }).annotations({
  identifier: "ManyUsers",
  parseOptions: { errors: "all" },
  examples: [{ users: ["42", "43"], k: 10, metadata: false }],
});

const fields = Object.keys(ManyBody.fields);

/** What holds for all users. */
export interface Common {
  readonly query: RecommendQuery;
  readonly isWorded: boolean;
}

export interface Asked {
  readonly queries: ReadonlyArray<RecommendQuery>;
  readonly isWorded: boolean;
}

const issuesOf = (error: ParseResult.ParseError, input: unknown): ReadonlyArray<FieldError> =>
  fieldErrors(ParseResult.ArrayFormatter.formatErrorSync(error), input);

/** By what names of a body each part of a query is said. */
const saidBy: Readonly<Partial<Record<keyof RecommendQuery, ReadonlyArray<keyof typeof shared>>>> = {
  k: ["k"],
  filter: ["filter"],
  productGroup: ["product_group"],
  productType: ["product_type"],
  excludeIds: ["exclude_ids"],
  excludeGroups: ["exclude_groups"],
  excludeTypes: ["exclude_types"],
  seen: ["seen"],
  minScore: ["min_score"],
  rotation: ["rotation"],
  diversity: ["diversity_lambda"],
  variants: ["variants"],
  explain: ["explain", "explain_top_k"],
  seed: ["seed"],
  after: ["after"],
};

/** What of `common` the body says nothing of. */
const unsaid = (body: object, common: RecommendQuery): Partial<RecommendQuery> =>
  Object.fromEntries(
    Object.entries(saidBy).flatMap(([part, names]) =>
      names.some((name) => name in body) ? [] : [[part, common[part as keyof RecommendQuery]]],
    ),
  );

/** A query per user, or everything that is wrong with the body; what it does not say is as in `common`. */
export type DecodeMany = (body: unknown, common: Common) => Either.Either<Asked, InvalidInput>;

export const makeDecodeMany = (types: EventTypes): DecodeMany => {
  const decodeOwn = Schema.decodeUnknownEither(Own);
  const decodeVisit = makeDecodeVisit(types);
  return (body, { isWorded, query }) => {
    const { context, page, ...rest }: Readonly<Record<string, unknown>> = isObject(body) ? body : {};
    const some = decodeOwn(withoutExcess(body));
    const common = decodeVisit("", Struct.pick(rest, ...Object.keys(shared).filter((name) => name in rest)));
    const errors = [
      ...bodyProblems(isObject(body) ? rest : body, fields, "body", '{"users": ["42"]}'),
      ...(isObject(body) && Either.isLeft(some) ? issuesOf(some.left, body) : []),
      ...(isObject(body) && Either.isLeft(common) ? (common.left.errors ?? []) : []),
      ...Object.entries({ context, page }).flatMap(([field, value]) =>
        value === undefined
          ? []
          : [
              {
                field,
                value: shown(value),
                detail: "is of one user alone: leave it out, or ask POST /recommend/{user_id}",
              },
            ],
      ),
    ];
    if (Either.isLeft(some) || Either.isLeft(common) || errors.length > 0) {
      return Either.left(
        new InvalidInput({
          message: "The request is not as it should be. Nothing was answered.",
          errors: errors.slice(0, mostErrors),
        }),
      );
    }
    const { metadata = isWorded, users } = some.right;
    const alike = { ...common.right, ...unsaid(rest, query) };
    return Either.right({ queries: users.map((user) => ({ ...alike, user })), isWorded: metadata });
  };
};

const Line = Schema.Struct({
  user_id: Schema.propertySignature(key(256)).annotations({
    missingMessage: () => "is missing: send the id of a user",
  }),
  k: optional(whole(1, maxK)),
}).annotations({ parseOptions: { errors: "all" } });
const decodeLine = Schema.decodeUnknownEither(Line);

/** The query of a line, by what is common to all; or everything that is wrong with it. */
export const queryOfLine = (
  input: unknown,
  common: RecommendQuery,
): Either.Either<RecommendQuery, ReadonlyArray<FieldError>> => {
  // What else a line says would hold for it alone: the rest of the query is common to all.
  const strange = bodyProblems(input, ["user_id", "k"], "line", '{"user_id": "42"}');
  if (!isObject(input)) return Either.left(strange);
  const decoded = decodeLine(input);
  if (Either.isLeft(decoded)) return Either.left([...strange, ...issuesOf(decoded.left, input)]);
  if (strange.length > 0) return Either.left(strange);
  const { k = common.k, user_id: user } = decoded.right;
  return Either.right({ ...common, user, k });
};

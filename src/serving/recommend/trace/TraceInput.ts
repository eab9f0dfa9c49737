/** TraceInput: what POST /trace takes: what the other ways of asking take, and perhaps a user. */
import { Either, Schema } from "effect";
import type { EventTypes } from "../../../domain/EventTypes.ts";
import type { InvalidInput } from "../../Errors.ts";
import { key } from "../../EventInput.ts";
import { withoutExcess } from "../BodyFields.ts";
import type { RecommendQuery } from "../Query.ts";
import { optional, queryOf, shopperVisitInputOf } from "../VisitInput.ts";

/** `types`: of the events that are taken. */
export const traceInputOf = (types: EventTypes) =>
  Schema.Struct({
    user_id: optional(key(256)).annotations({ description: "As in GET /recommend/{user_id}; absent: a visitor." }),
    ...shopperVisitInputOf(types).fields,
  }).annotations({
    identifier: "TraceQuestion",
    parseOptions: { errors: "all" },
    examples: [{ user_id: "42", k: 10 }],
  });

/** The query, or everything that is wrong with it. */
export const makeDecodeTrace = (types: EventTypes) => {
  const input = traceInputOf(types);
  const decode = Schema.decodeUnknownEither(input);
  const fields = Object.keys(input.fields);
  return (body: unknown): Either.Either<RecommendQuery, InvalidInput> => {
    const decoded = decode(withoutExcess(body));
    const user = Either.isRight(decoded) ? (decoded.right.user_id ?? null) : null;
    return queryOf(decoded, user, body, fields);
  };
};

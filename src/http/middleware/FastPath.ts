/**
 * FastPath: GET /recommend/ID with k and filter, or one of them, or neither, which is nearly all that shops ask, answered without the
 * router and the schema decoding of parameters that need none. Whatever else is asked takes the declared route; both answer alike.
 */
import type { HttpServerRequest } from "@effect/platform";
import { Either, Encoding, Schema } from "effect";
import { maxK, type RecommendQuery } from "../../serving/recommend/Query.ts";
import { K, queryOf } from "../Params.ts";

/** The values as they were sent; each parameter once at most. */
const plain = /^\/recommend\/([\w.~-]{1,256})(?:\?(?:k=(\d+)(?:&filter=([^&#]*))?|filter=([^&#]*)(?:&k=(\d+))?))?$/;

/** Each number that the declared parameter takes, by its spelling. */
const kOf: ReadonlyMap<string, number> = new Map(
  Array.from({ length: maxK + 1 }, (_, k) => String(k)).flatMap((text) =>
    Either.match(Schema.decodeEither(K)(text), { onLeft: () => [], onRight: (k) => [[text, k] as const] }),
  ),
);

/** Undefined where it cannot be decoded. */
const textOf = (sent: string): string | undefined =>
  Either.getOrUndefined(Encoding.decodeUriComponent(sent.replaceAll("+", " ")));

/** The query, when the request is of the plain forms with nothing to refuse before the model is asked. */
export const plainQuery = (request: HttpServerRequest.HttpServerRequest): RecommendQuery | undefined => {
  const found = request.method === "GET" ? plain.exec(request.url) : null;
  if (found === null) return undefined;
  const [, user, first, behind, before, last] = found;
  const [number, sent] = [first ?? last, behind ?? before];
  const k = number === undefined ? undefined : kOf.get(number);
  const filter = sent === undefined ? undefined : textOf(sent);
  if ((number !== undefined && k === undefined) || (sent !== undefined && filter === undefined)) return undefined;
  return queryOf(user, { ...(k === undefined ? {} : { k }), ...(filter === undefined ? {} : { filter }) });
};

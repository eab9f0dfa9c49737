/**
 * FastPath: GET /recommend/ID and GET /recommend/ID?k=N, which is nearly all that shops ask, answered without the router
 * and the schema decoding of parameters that need none. Whatever else is asked takes the declared route; both answer alike.
 */
import type { HttpServerRequest } from "@effect/platform";
import { Either, Schema } from "effect";
import { maxK, type RecommendQuery } from "../../serving/recommend/Query.ts";
import { K, queryOf } from "../Params.ts";

const plain = /^\/recommend\/([\w.~-]{1,256})(?:\?k=(\d+))?$/;

/** Each number that the declared parameter takes, by its spelling. */
const kOf: ReadonlyMap<string, number> = new Map(
  Array.from({ length: maxK + 1 }, (_, k) => String(k)).flatMap((text) =>
    Either.match(Schema.decodeEither(K)(text), { onLeft: () => [], onRight: (k) => [[text, k] as const] }),
  ),
);

/** The query, when the request is one of the two plain forms with nothing to decode. */
export const plainQuery = (request: HttpServerRequest.HttpServerRequest): RecommendQuery | undefined => {
  const [, user, text] = (request.method === "GET" ? plain.exec(request.url) : null) ?? [];
  if (user === undefined) return undefined;
  if (text === undefined) return queryOf(user, {});
  const k = kOf.get(text);
  return k === undefined ? undefined : queryOf(user, { k });
};

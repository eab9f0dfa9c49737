/**
 * FastPath: GET /recommend/ID and GET /recommend/ID?k=N, which is nearly all that shops ask, answered without the router
 * and the schema decoding of parameters that need none. Whatever else is asked takes the declared route; both answer alike.
 */
import type { HttpServerRequest } from "@effect/platform";
import type { RecommendQuery } from "../serving/Recommend.ts";
import { queryOf } from "./Query.ts";

const plain = /^\/recommend\/([\w.~-]{1,256})(?:\?k=([1-9]|[1-4]\d|50))?$/;

/** The query, when the request is one of the two plain forms with nothing to decode. */
export const plainQuery = (request: HttpServerRequest.HttpServerRequest): RecommendQuery | undefined => {
  const found = request.method === "GET" ? plain.exec(request.url) : null;
  if (found === null) return undefined;
  return queryOf(found[1], found[2] === undefined ? {} : { k: Number(found[2]) });
};

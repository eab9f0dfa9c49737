/**
 * FastPath: GET /recommend/ID and GET /recommend/ID?k=N, which is nearly all that shops ask, answered without the router
 * and the schema decoding of parameters that need none. Whatever else is asked takes the declared route; both answer alike.
 */
import type { HttpServerRequest } from "@effect/platform";
import type { RecommendQuery } from "./Recommend.ts";

const plain = /^\/recommend\/([\w.~-]{1,256})(?:\?k=([1-9]|[1-4]\d|50))?$/;

/** The query, when the request is one of the two plain forms with nothing to decode. */
export const plainQuery = (request: HttpServerRequest.HttpServerRequest): RecommendQuery | undefined => {
  if (request.method !== "GET") return undefined;
  const found = plain.exec(request.url);
  if (found === null) return undefined;
  return {
    user: found[1],
    k: found[2] === undefined ? 10 : Number(found[2]),
    excludeIds: [],
    excludeGroups: [],
    excludeTypes: [],
  };
};

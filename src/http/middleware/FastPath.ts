/**
 * FastPath: what is asked most, answered without the router and the schema decoding of parameters that need none: GET /recommend/ID with
 * k and filter, or one of them, or neither, and GET, PUT, PATCH and DELETE of /items/ID. Whatever else is asked takes the declared
 * route; both answer alike.
 */
import type { HttpServerRequest } from "@effect/platform";
import { Effect, Either, Encoding, Schema } from "effect";
import { answerText } from "../../serving/recommend/AnswerText.ts";
import { maxK, type RecommendQuery } from "../../serving/recommend/Query.ts";
import { Recommend } from "../../serving/recommend/Recommend.ts";
import { itemCalls } from "../ItemCalls.ts";
import { K, queryOf } from "../Params.ts";
import { problemOfInput } from "../ProblemOf.ts";
import { jsonText } from "../Responses.ts";
import type { App } from "./Routing.ts";

type Request = HttpServerRequest.HttpServerRequest;

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
const plainQuery = (request: Request): RecommendQuery | undefined => {
  const found = request.method === "GET" ? plain.exec(request.url) : null;
  if (found === null) return undefined;
  const [, user, first, behind, before, last] = found;
  const [number, sent] = [first ?? last, behind ?? before];
  const k = number === undefined ? undefined : kOf.get(number);
  const filter = sent === undefined ? undefined : textOf(sent);
  if ((number !== undefined && k === undefined) || (sent !== undefined && filter === undefined)) return undefined;
  return queryOf(user, { ...(k === undefined ? {} : { k }), ...(filter === undefined ? {} : { filter }) });
};

/** Ids that mean what is written. */
const plainItem = /^\/items\/([\w.~-]{1,256})$/;

/** Answers the request, or undefined where the declared route is to. */
export const fastPath = Effect.map(Effect.all([Recommend, itemCalls]), ([{ recommend }, calls]) => {
  const isCall = (method: string): method is keyof typeof calls => Object.hasOwn(calls, method);
  return (request: Request): App | undefined => {
    const { method, url } = request;
    const itemId = isCall(method) ? plainItem.exec(url)?.[1] : undefined;
    if (isCall(method) && itemId !== undefined) return Effect.interruptible(calls[method](itemId, request));
    const query = plainQuery(request);
    if (query === undefined) return undefined;
    const answer = Effect.catchTags(recommend(query), problemOfInput);
    return Effect.interruptible(Effect.map(answer, (found) => jsonText(answerText(found))));
  };
});

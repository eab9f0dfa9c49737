/** Access: who asks, by the key that was shown, and whether that key may. */
import type { HttpServerRequest } from "@effect/platform";
import { allows, type Key } from "../../keys/Key.ts";
import type { KeysService } from "../../keys/Keys.ts";
import type { Need } from "../api/Needs.ts";
import { MissingScope, Unauthorized } from "../Problem.ts";

type Headers = HttpServerRequest.HttpServerRequest["headers"];

/** No key is longer; what is, is not hashed. */
const longest = 256;

/** What the headers show for a key; undefined where they show none. */
const shownIn = (headers: Headers): string | undefined => {
  const own = headers["x-api-key"];
  if (own !== undefined) return own;
  const { authorization } = headers;
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined;
};

/** Whose key it is; undefined where it is nobody's. */
export const callerOf = ({ find }: KeysService, headers: Headers): Key | undefined => {
  const shown = shownIn(headers);
  return shown === undefined || shown.length > longest ? undefined : find(shown);
};

const how = "send a key as `Authorization: Bearer KEY` or `X-API-Key: KEY`; `keys add NAME` makes one";

/** Why `caller` may not ask what needs `need`. */
export const accessProblem = (
  need: Need,
  caller: Key | undefined,
  headers: Headers,
): MissingScope | Unauthorized | undefined => {
  if (need === "open") return undefined;
  if (caller !== undefined) {
    if (allows(caller.scopes, need)) return undefined;
    const has = caller.scopes.join(", ");
    const detail = `This needs a key with the scope ${need}; the key ${caller.name} has ${has}.`;
    return new MissingScope({ detail, scope: need });
  }
  return new Unauthorized({
    detail:
      shownIn(headers) === undefined
        ? `This needs a key with the scope ${need}: ${how}.`
        : "The key that was sent is not known: it was removed, or is not whole.",
    scope: need,
    reason: shownIn(headers) === undefined ? "no-key" : "unknown-key",
  });
};

/** The challenge of RFC 6750. */
export const challengeOf = (problem: MissingScope | Unauthorized): string => {
  const error = problem.status === 403 ? "insufficient_scope" : problem.reason === "no-key" ? "" : "invalid_token";
  return `Bearer realm="slipstream"${error === "" ? "" : `, error="${error}"`}, scope="${problem.scope}"`;
};

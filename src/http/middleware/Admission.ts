/** Admission: whether a request is let in: to a host that this server is, with a key that may, and not too often. */
import type { HttpServerRequest } from "@effect/platform";
import { Effect, Option } from "effect";
import type { Key, Scope } from "../../keys/Key.ts";
import { Keys } from "../../keys/Keys.ts";
import type { Need } from "../api/Needs.ts";
import { type Problem, TooManyRequests } from "../Problem.ts";
import { http } from "../Settings.ts";
import { accessProblem, callerOf } from "./Access.ts";
import type { Hosts } from "./Hosts.ts";
import { type Limit, limitHeaders, makeTake, networkOf, type Take } from "./Limits.ts";
import { refusal } from "./Routing.ts";

type Request = HttpServerRequest.HttpServerRequest;

export interface Admitted {
  /** Undefined where callers need no key, or showed none. */
  readonly caller: Key | undefined;
  /** Why the request is not answered. */
  readonly refused: Problem | undefined;
  /** How often the caller may ask. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

export type Admit = (request: Request, need: Need) => Admitted;

interface Limiter {
  readonly limit: Limit;
  readonly take: Take;
}

const tooMany = (need: Need, { requests, seconds }: Limit, retryAfter: number) =>
  new TooManyRequests({
    detail: `More than ${requests} requests in ${seconds} s that need the scope ${need} (RATE_LIMIT): try again in ${retryAfter} s.`,
    retry_after: retryAfter,
  });

/** Of a server of these names. */
export const makeAdmit = (hosts: Hosts) =>
  Effect.gen(function* () {
    const keys = yield* Keys;
    const limits = yield* http.rateLimit.config;
    const limiters = new Map<Need, Limiter>(
      Object.entries(limits).map(([scope, limit]) => [scope as Scope, { limit, take: makeTake(limit) }]),
    );
    // Events are writes, where no limit is theirs alone.
    const write = limiters.get("write");
    if (write !== undefined && !limiters.has("events")) limiters.set("events", write);
    const admit: Admit = (request, need) => {
      const needed = keys.needed();
      const caller = needed ? callerOf(keys, request.headers) : undefined;
      const refused = refusal(request, hosts) ?? (needed ? accessProblem(need, caller, request.headers) : undefined);
      const limiter = refused === undefined ? limiters.get(need) : undefined;
      if (limiter === undefined || need === "open") return { caller, refused, headers: undefined };
      const who = caller?.name ?? networkOf(Option.getOrElse(request.remoteAddress, () => ""));
      const verdict = limiter.take(who, performance.now());
      return {
        caller,
        refused: verdict.allowed ? undefined : tooMany(need, limiter.limit, verdict.retryAfter),
        headers: limitHeaders(need, limiter.limit, verdict),
      };
    };
    return admit;
  });

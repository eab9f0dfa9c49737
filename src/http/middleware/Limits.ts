/**
 * Limits: how many requests a caller may make: per key, or where none is needed per remote address, for each scope by itself.
 *
 * By the generic cell rate algorithm (ITU-T I.371): a caller may use all of a period's requests at once, and each comes back
 * after its share of the period. What is kept of a caller is one number, the time at which all have come back (TAT); of at
 * most `maxCallers`, the one that asked longest ago goes first. Counted in this process: of three, each allows as much.
 */
import { Either } from "effect";
import { isScope, type Scope, scopes } from "../../keys/Key.ts";

/** So many requests in so many seconds. */
export interface Limit {
  readonly requests: number;
  readonly seconds: number;
}
export type Limits = Readonly<Partial<Record<Scope, Limit>>>;

const periods: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** `read=1000/s, write=100/s, admin=60/min`; or what is wrong. */
export const parseLimits = (text: string): Either.Either<Limits, string> => {
  const limits: Partial<Record<Scope, Limit>> = {};
  for (const part of text.split(",").map((part) => part.trim())) {
    const [, scope = "", count = "", period = ""] = /^(\w+)\s*[= ]\s*(\d{1,9})\s*\/\s*(s|min|h)$/.exec(part) ?? [];
    if (!isScope(scope)) return Either.left(`each limit begins with one of ${scopes.join(", ")} and \`=\``);
    if (limits[scope] !== undefined) return Either.left(`${scope} is there twice`);
    if (Number(count) === 0) return Either.left(`${scope} would allow nothing`);
    limits[scope] = { requests: Number(count), seconds: periods[period] ?? 1 };
  }
  return Either.right(limits);
};

export interface Verdict {
  readonly allowed: boolean;
  /** Requests that are left just now. */
  readonly left: number;
  /** Whole seconds until all are back. */
  readonly reset: number;
  /** Whole seconds until the next one is allowed; 0 where one is. */
  readonly retryAfter: number;
}

export const maxCallers = 100_000;

/** `now` in milliseconds, never going back. */
export type Take = (caller: string, now: number) => Verdict;

export const makeTake = ({ requests, seconds }: Limit, most = maxCallers): Take => {
  const period = 1000 * seconds;
  const share = period / requests;
  const full = new Map<string, number>();
  return (caller, now) => {
    const tat = Math.max(full.get(caller) ?? now, now);
    const next = tat + share;
    // A little more than nothing: sums of shares are not exact.
    const allowed = next - now <= period + 1e-6 * share;
    const kept = allowed ? next : tat;
    // Behind all others, as the last who asked.
    full.delete(caller);
    full.set(caller, kept);
    if (full.size > most)
      for (const [first] of full) {
        full.delete(first);
        break;
      }
    return {
      allowed,
      left: Math.max(0, Math.floor((period - (kept - now)) / share + 1e-6)),
      reset: Math.ceil((kept - now) / 1000),
      retryAfter: allowed ? 0 : Math.max(1, Math.ceil((next - period - now) / 1000)),
    };
  };
};

/** One caller of the network of an IPv6 address, of which each household has as many as it likes. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [before = "", after] = address.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const groups = [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0"), ...tail];
  return `${groups.slice(0, 4).join(":")}::/64`;
};

/** As draft-ietf-httpapi-ratelimit-headers has them, the policies being called by their scopes. */
export const limitHeaders = (scope: Scope, { requests, seconds }: Limit, { left, reset }: Verdict) => ({
  "ratelimit-policy": `"${scope}";q=${requests};w=${seconds}`,
  ratelimit: `"${scope}";r=${left};t=${reset}`,
});

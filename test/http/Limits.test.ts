import { describe, expect, it } from "@effect/vitest";
import { Effect, Either } from "effect";
import * as fc from "fast-check";
import { makeTake, networkOf, parseLimits } from "../../src/http/middleware/Limits.ts";
import { digestOf, entryOf } from "../../src/keys/Key.ts";
import { expectProblem, inShop, post } from "./Served.ts";

/** By the definition: of any window of the period's length, at most the allowed number and what came back within it. */
const naive = (requests: number, period: number, times: ReadonlyArray<number>) => {
  // A bucket that fills evenly.
  let tokens = requests;
  let last = times[0] ?? 0;
  return times.map((now) => {
    tokens = Math.min(requests, tokens + ((now - last) * requests) / period);
    last = now;
    if (tokens < 1 - 1e-6) return { allowed: false, left: Math.floor(tokens + 1e-6) };
    tokens -= 1;
    return { allowed: true, left: Math.floor(tokens + 1e-6) };
  });
};

describe("a limit", () => {
  it("allows what a bucket that fills evenly does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(1, 60),
        fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 60 }),
        (requests, seconds, gaps) => {
          const take = makeTake({ requests, seconds });
          let now = 5000;
          const times = gaps.map((gap) => (now += gap));
          const verdicts = times.map((time) => take("me", time));
          expect(verdicts.map(({ allowed, left }) => ({ allowed, left }))).toEqual(
            naive(requests, 1000 * seconds, times),
          );
          for (const [i, { allowed, retryAfter }] of verdicts.entries()) {
            if (allowed) expect(retryAfter).toBe(0);
            // Who waits as told is let in.
            else expect(makeReplay(requests, seconds, times.slice(0, i + 1))(times[i] + 1000 * retryAfter)).toBe(true);
          }
        },
      ),
    );
  });

  it("is of each caller by itself, and forgets who asked longest ago", () => {
    const take = makeTake({ requests: 1, seconds: 60 }, 2);
    expect([take("a", 0).allowed, take("b", 1).allowed, take("a", 2).allowed]).toEqual([true, true, false]);
    // c takes the place of b, the last of whom was before the last of a.
    expect(take("c", 3).allowed).toBe(true);
    expect(take("a", 4).allowed).toBe(false);
    expect(take("b", 5).allowed).toBe(true);
  });

  it("is read from text, or refused", () => {
    expect(Either.getOrThrow(parseLimits("read=1000/s, write 5/min,admin = 2/h"))).toEqual({
      read: { requests: 1000, seconds: 1 },
      write: { requests: 5, seconds: 60 },
      admin: { requests: 2, seconds: 3600 },
    });
    for (const text of ["1000/s", "all=1/s", "read=0/s", "read=1/d", "read=1/s,read=2/s", "read=-1/s", "read=1.5/s"]) {
      expect(Either.isLeft(parseLimits(text)), text).toBe(true);
    }
  });

  it("counts a network of IPv6 as one caller", () => {
    expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe(networkOf("2001:db8:1:2::9"));
    expect(networkOf("2001:db8:1:2::9")).not.toBe(networkOf("2001:db8:1:3::9"));
    expect(networkOf("::1")).toBe("0:0:0:0::/64");
    expect(networkOf("::ffff:10.0.0.1")).toBe("10.0.0.1");
    expect(networkOf("10.0.0.1")).toBe("10.0.0.1");
  });
});

const makeReplay = (requests: number, seconds: number, times: ReadonlyArray<number>) => {
  const take = makeTake({ requests, seconds });
  for (const time of times) take("me", time);
  return (now: number) => take("me", now).allowed;
};

describe("requests", () => {
  const entry = (name: string) => entryOf({ name, scopes: ["read", "write"], digest: digestOf(name), made: "" });
  const as = (key: string) => ({ headers: { "x-api-key": key } });

  it.live("are limited by key and scope, with the headers that say so", () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          const first = yield* ask("/recommend/u1", as("one"));
          expect(first.status).toBe(200);
          expect(first.headers.get("ratelimit-policy")).toBe('"read";q=2;w=3600');
          expect(first.headers.get("ratelimit")).toMatch(/^"read";r=1;t=1800$/);
          // The declared route counts like the fast path.
          expect((yield* ask("/items?limit=1", as("one"))).status).toBe(200);
          for (const path of ["/recommend/u1", "/recommend/u1?seen=none", "/metrics"]) {
            const refused = yield* ask(path, as("one"));
            expectProblem(refused, 429, /2 requests in 3600 s.*RATE_LIMIT/);
            expect(refused.headers.get("ratelimit")).toMatch(/^"read";r=0;t=3600$/);
            expect(Number(refused.headers.get("retry-after"))).toBe(refused.body.retry_after);
            expect(refused.body.retry_after).toBeGreaterThan(1790);
          }
          expect((yield* ask("/recommend/u1", as("two"))).status).toBe(200);
          const click = { user_id: "u1", item_id: "1", event_type: "click" };
          expect((yield* ask("/events", post(click, as("one").headers))).status).toBe(202);
          expectProblem(yield* ask("/events", post(click, as("one").headers)), 429, /events/);
          expect(shop.appended).toHaveLength(1);
          // Who is not let in at all uses nothing up, and probes are free.
          for (let i = 0; i < 5; i++) expect((yield* ask("/recommend/u1", as("nobody"))).status).toBe(401);
          for (let i = 0; i < 5; i++) expect((yield* ask("/health/ready")).headers.get("ratelimit")).toBeNull();
        }),
      { API_KEYS: [entry("one"), entry("two")].join(","), RATE_LIMIT: "read=2/h, write=1/h" },
    ),
  );

  it.live("are limited by address where nobody needs a key, and not at all where nothing is set", () =>
    Effect.gen(function* () {
      yield* inShop(
        (ask) =>
          Effect.gen(function* () {
            expect((yield* ask("/recommend/u1")).status).toBe(200);
            expectProblem(yield* ask("/recommend/u2", as("whatever")), 429);
          }),
        { RATE_LIMIT: "read=1/h" },
      );
      yield* inShop((ask) =>
        Effect.map(ask("/recommend/u1"), ({ headers }) => expect(headers.get("ratelimit-policy")).toBeNull()),
      );
    }),
  );
});

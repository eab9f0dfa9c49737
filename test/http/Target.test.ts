import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import * as fc from "fast-check";
import { maxPathLength, pathProblem, queryProblem, targetOf } from "../../src/http/Target.ts";
import { rawAt } from "./Raw.ts";
import { expectProblem, inShop } from "./Served.ts";

/** Any text that can be an id, what routers stumble over more often than not. */
const id = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(..."%;/?#&+=:.25FfaİK \\".split("")), minLength: 1, maxLength: 20 }),
  )
  .filter((text) => /^[^\p{Cc}\p{Cs}]{1,256}$/u.test(text) && !/^\d+$/.test(text));

/** Each character, or byte, as itself or percent-encoded, as `coins` fall. */
const spelled = (text: string, coins: ReadonlyArray<boolean>): string =>
  [...text]
    .map((char, at) =>
      coins[at % coins.length] && /[\w!$'()*,.;:@&=+~-]/.test(char)
        ? char
        : [...Buffer.from(char)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    )
    .join("");

const coins = fc.array(fc.boolean(), { minLength: 1, maxLength: 16 });

describe("a path", () => {
  it.live("names the user that was sent, whatever characters the id has and however they are encoded", () =>
    inShop((_, __, base) =>
      Effect.promise(() => {
        const ask = rawAt(base);
        return fc.assert(
          fc.asyncProperty(id, coins, async (user, coins) => {
            const { body, status } = await Effect.runPromise(ask(`/recommend/${spelled(user, coins)}`));
            expect([status, body.user]).toEqual([200, user]);
          }),
          {
            numRuns: 300,
            examples: [
              ["a;b", [true]],
              ["a;b", [false]],
              ["..", [true]],
              ["%2F", [true]],
              ["İ/x", [false]],
            ],
          },
        );
      }),
    ),
  );

  it.live("has one spelling", () =>
    inShop((_, __, base) =>
      Effect.gen(function* () {
        const ask = rawAt(base);
        for (const path of ["/metrics", "/health/live", "/docs", "/openapi.json", "/recommend/u1", "/"]) {
          expect((yield* ask(path)).status, path).toBe(200);
          const others = [
            `/${path}`,
            `${path}/`,
            `${path};`,
            `${path};v=1`,
            path.replace("/", "//"),
            path.replace(/[a-z]/, (letter) => letter.toUpperCase()),
            path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
            `/x/..${path}`,
          ];
          // A user's id may hold what a fixed path may not.
          const ids = path === "/recommend/u1" ? [`${path};`, `${path};v=1`] : [];
          for (const other of others.filter((other) => other !== path && !ids.includes(other))) {
            expect((yield* ask(other)).status, other).toBe(404);
          }
        }
        expect((yield* ask("/recommend/u1#top")).status).toBe(400);
      }),
    ),
  );

  it.live("has at most 2,048 characters, which count decoded", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const long = (length: number) => `/recommend/${"x".repeat(length - "/recommend/".length)}`;
        expectProblem(yield* ask(long(maxPathLength)), 400, /256/);
        for (const path of [long(maxPathLength + 1), `/${"%20".repeat(maxPathLength)}`]) {
          expectProblem(yield* ask(path), 414, /2048/);
          expectProblem(yield* ask(path, { method: "POST" }), 414);
        }
        const user = "語".repeat(256);
        expect((yield* ask(`/recommend/${encodeURIComponent(user)}`)).body.user).toBe(user);
      }),
    ),
  );

  it("may be sent with its host, as proxies do", () => {
    expect(targetOf("http://Shop.example:80/recommend/a?k=1?")).toEqual({
      authority: "Shop.example:80",
      path: "/recommend/a",
      query: "k=1?",
    });
    expect(targetOf("https://[::1]?k=1")).toEqual({ authority: "[::1]", path: "/", query: "k=1" });
    expect(targetOf("//evil/x")).toEqual({ authority: undefined, path: "//evil/x", query: "" });
    expect(targetOf("*")).toEqual({ authority: undefined, path: "*", query: "" });
  });

  it("is refused where it cannot be decoded", () => {
    for (const path of ["/%", "/%4", "/%zz", "/%ff", "/%c3", "/%ed%a0%80", "/a#b"]) {
      expect(pathProblem(targetOf(path)), path).toMatchObject({ status: 400, errors: [{ field: "path" }] });
    }
  });
});

describe("a query", () => {
  const known = ["k", "exclude_ids", "after"];
  const problem = (query: string, names: ReadonlyArray<string> = known) => queryProblem(targetOf(`/x?${query}`), names);
  const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, "?");
  const encoded = (text: string) => encodeURIComponent(wellFormed(text));

  it("may hold what is known, however often and in any order, and nothing else", () => {
    const pair = fc.tuple(
      fc.oneof(fc.constantFrom(...known), fc.string({ unit: "binary", maxLength: 12 })),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 15 }), (pairs) => {
        const found = problem(pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&"));
        const unknown = pairs.map(([name]) => wellFormed(name)).filter((name) => !known.includes(name));
        expect(found?.errors.map(({ field }) => field) ?? []).toEqual(unknown);
      }),
    );
    for (const query of ["", "&&", "k", "k=1&&after=", "k=a%3Db=c"]) expect(problem(query), query).toBeUndefined();
  });

  it("has its misspelt parameters named with the nearest, and with all where none is near", () => {
    const misspelt = { K: "k", exclude_id: "exclude_ids", "exclude%2Dids": "exclude_ids", atfer: "after" };
    for (const [sent, meant] of Object.entries(misspelt)) {
      expect(problem(`k=1&${sent}=2`)?.errors, sent).toMatchObject([
        { field: decodeURIComponent(sent), value: "2", detail: expect.stringContaining(`did you mean ${meant}?`) },
      ]);
    }
    expect(problem("limit=5")?.detail).toBe("limit: there is no such parameter; there are k, exclude_ids, after");
    expect(problem("k=5", [])?.detail).toBe("k: this route takes no parameter: leave it out");
  });

  it("is refused where it cannot be decoded", () => {
    for (const query of ["k=%", "exclude_ids=a&k=%FF", "%c3=1", "k=1#x", "k=%ED%A0%80"]) {
      expect(problem(query), query).toMatchObject({ errors: [{ detail: expect.stringContaining("%25") }] });
    }
  });
});

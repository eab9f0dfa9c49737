import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import * as fc from "fast-check";
import { Answer } from "../../src/serving/Answer.ts";
import { expectProblem, fieldsOf, inShop, type Reply, served } from "./Served.ts";
import { makeShop } from "./Shop.ts";

describe("GET /recommend/{user_id}", () => {
  it.live("answers as the schema declares, by id and by index", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const reply = yield* ask("/recommend/2?k=3");
        expect(reply.status).toBe(200);
        expect(reply.type).toBe("application/json");
        const answer = Schema.decodeUnknownSync(Answer, { onExcessProperty: "error" })(reply.body);
        expect(answer).toMatchObject({ user: "u2", source: "personalized", model: "a" });
        expect(answer.recommendations.length).toBe(3);
        const unknown = yield* ask("/recommend/no%2Fsuch%20ä");
        expect(Schema.decodeUnknownSync(Answer)(unknown.body)).toMatchObject({
          user: "no/such ä",
          source: "trending_now",
        });
        expect((yield* ask("/recommend/u2")).body.recommendations).toHaveLength(10);
        const filtered = yield* ask(
          "/recommend/u2?k=50&product_type=Hat&exclude_groups=Shoes,%20Accessories&exclude_ids=",
        );
        const { recommendations } = Schema.decodeUnknownSync(Answer)(filtered.body);
        expect(recommendations.length).toBeGreaterThan(0);
        for (const { metadata } of recommendations) {
          expect(metadata).toMatchObject({ product_type_name: "Hat", product_group_name: "Garment Upper body" });
        }
      }),
    ),
  );

  it.live("answers the plain forms, which take the fast path, as the declared route does", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const users = ["u1", "3", "nobody", "a~b.c-d_e", "x".repeat(256), "x".repeat(257)];
        const queries = ["", "k=1", "k=9", "k=10", "k=49", "k=50", "k=0", "k=51", "k=07", "k=100", "k=", "k"];
        const stable = ({ status, type, body }: Reply) => ({ status, type, body: { ...body, request_id: "" } });
        for (const user of users) {
          for (const query of queries) {
            const plain = yield* ask(`/recommend/${user}${query === "" ? "" : `?${query}`}`);
            const routed = yield* ask(`/recommend/${user}?${query}&unread=1`);
            expect(stable(plain), `${user} ${query}`).toEqual(stable(routed));
            expect([...plain.headers.keys()]).toEqual([...routed.headers.keys()]);
          }
        }
      }),
    ),
  );

  it.live("names each wrong parameter, its value and the remedy", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        for (const k of ["0", "51", "1.5", "x", "", "-1", "1e1000", "1&k=2"]) {
          const reply = yield* ask(`/recommend/u1?k=${k}`);
          expectProblem(reply, 400, /send a whole number from 1 to 50/);
          expect(fieldsOf(reply)).toEqual(["k"]);
        }
        const both = yield* ask("/recommend/u1?k=99&after=bogus");
        expectProblem(both, 400, /token/);
        expect(both.body.errors).toMatchObject([
          { field: "k", value: "99" },
          { field: "after", value: "bogus" },
        ]);
        expectProblem(yield* ask("/recommend/a%00b"), 400, /control characters/);
        expectProblem(yield* ask("/recommend/50%"), 400, /percent/);
        expectProblem(yield* ask(`/recommend/${"x".repeat(257)}`), 400, /256/);
      }),
    ),
  );

  it.live("answers 503 while there is nothing to answer with", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      yield* served(shop, undefined, (ask) =>
        Effect.gen(function* () {
          const reply = yield* ask("/recommend/u1");
          expectProblem(reply, 503, /batch/);
          expect(reply.headers.get("retry-after")).toBe("1");
        }),
      );
    }),
  );

  it.live("never fails at any query, path or body", () =>
    inShop((ask) =>
      Effect.promise(() => {
        const name = fc.constantFrom(
          "k",
          "after",
          "product_group",
          "product_type",
          "exclude_ids",
          "exclude_types",
          "x",
        );
        const pair = fc.tuple(
          fc.oneof(name, fc.string()),
          fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.nat()),
        );
        const encoded = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, "?"));
        const query = fc.oneof(
          fc.array(pair).map((pairs) => pairs.map(([n, v]) => `${encoded(n)}=${encoded(String(v))}`).join("&")),
          fc.string({ unit: fc.constantFrom(..."k=&%?;#+1a[]/\\0Ff".split("")) }),
        );
        const path = fc.oneof(
          fc.constant("u1"),
          fc.string({ unit: "binary" }).map(encoded),
          fc.stringMatching(/^[!-~]*$/),
        );
        return fc.assert(
          fc.asyncProperty(path, query, async (path, query) => {
            const reply = await Effect.runPromise(ask(`/recommend/${path}?${query}`));
            expect([200, 400, 404, 405]).toContain(reply.status);
            if (reply.status !== 200) expectProblem(reply, reply.status);
          }),
          { numRuns: 100 },
        );
      }),
    ),
  );

  it.live("hides a defect behind a request id", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.control.dies = true;
        expectProblem(yield* ask("/recommend/u1"), 500, /request id/);
        const named = yield* ask("/recommend/u1", { headers: { "x-request-id": "mine-1" } });
        expectProblem(named, 500);
        expect(named.body.request_id).toBe("mine-1");
        shop.control.dies = false;
        expect((yield* ask("/recommend/u1")).status).toBe(200);
      }),
    ),
  );

  it.live("answers every request through changes of the model, each of one version", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const seen = new Set<unknown>();
        const shopper = Effect.repeatN(
          Effect.map(ask("/recommend/u1?k=20"), (reply) => {
            const answer = Schema.decodeUnknownSync(Answer)(reply.body);
            seen.add(answer.model);
            const models = new Set(answer.recommendations.map(({ metadata }) => metadata?.prod_name.split(" ")[0]));
            expect([...models]).toEqual([answer.model]);
          }),
          25,
        );
        const switcher = Effect.forEach(
          Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? "b" : "a")),
          (model) => Effect.zipRight(shop.serve(model), ask("/health/live")),
        );
        yield* Effect.all([...Array.from({ length: 8 }, () => shopper), switcher], { concurrency: "unbounded" });
        expect(seen).toEqual(new Set(["a", "b"]));
      }),
    ),
  );
});

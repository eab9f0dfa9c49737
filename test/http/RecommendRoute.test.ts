import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import * as fc from "fast-check";
import { Answer } from "../../src/serving/recommend/Answer.ts";
import { encodeToken } from "../../src/serving/Token.ts";
import { makeShop } from "../serving/Shop.ts";
import { expectProblem, fieldsOf, inShop, post, type Reply, served } from "./Served.ts";

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

  it.live("answers alike by the fast path and by the declared route", () =>
    inShop((ask) =>
      Effect.promise(() => {
        const user = fc.oneof(
          fc.constantFrom("u1", "u4", "3", "nobody", "x".repeat(256), "x".repeat(257)),
          fc.stringMatching(/^[\w~-][\w.~-]{0,20}$/),
        );
        const k = fc.constantFrom("", "1", "9", "10", "99", "100", "0", "101", "07", "1000", "+5", "1e1", "0x5", "5.0");
        // The same path and value in a spelling that only the declared route reads.
        const encoded = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join("");
        const stable = ({ body, headers, status, type }: Reply) => ({
          status,
          type,
          headers: [...headers.keys()].filter((name) => name !== "date"),
          body: { ...body, request_id: "", instance: "", recommendation_id: typeof body.recommendation_id },
        });
        const filter = fc.oneof(
          fc.constantFrom("", " ", "price < 30", "a = 1 + 2", "%", "%zz", "é😀"),
          fc.string({ unit: "grapheme", maxLength: 20 }),
        );
        return fc.assert(
          fc.asyncProperty(user, fc.option(k), fc.option(filter), fc.boolean(), async (user, k, filter, isLast) => {
            // As a form has it, a percent sign that stands for nothing among it.
            const form = (text: string) => new URLSearchParams({ filter: text.replace(/\p{Cs}/gu, "?") }).toString();
            const written = filter === null ? [] : [filter.startsWith("%") ? `filter=${filter}` : form(filter)];
            const queried = (number: ReadonlyArray<string>) => {
              const all = isLast ? [...number, ...written] : [...written, ...number];
              return all.length === 0 ? "" : `?${all.join("&")}`;
            };
            const plain = await Effect.runPromise(ask(`/recommend/${user}${queried(k === null ? [] : [`k=${k}`])}`));
            const spelt = k === null ? [] : [`k=${k === "+5" ? k : encoded(k)}`];
            const routed = await Effect.runPromise(ask(`/recommend/${encoded(user)}${queried(spelt)}`));
            expect(stable(plain)).toEqual(stable(routed));
          }),
          { numRuns: 150 },
        );
      }),
    ),
  );

  it.live("reads a list parameter given once as a list, and given more than once as whole values", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const { metadata } = shop.catalogues.get("a")!;
        // A group and a type with commas in their names, as shops have them.
        for (const [row, item] of metadata.entries()) {
          if (row % 3 === 0) Object.assign(item, { product_group_name: "Socks, Tights" });
          if (row % 4 === 0) Object.assign(item, { product_type_name: " a,b" });
        }
        const left = (query: string) =>
          Effect.map(ask(`/recommend/u1?k=50&${query}`), ({ body, status }) => {
            expect(status).toBe(200);
            const { recommendations } = Schema.decodeUnknownSync(Answer)(body);
            expect(recommendations.length).toBeGreaterThan(0);
            return {
              groups: new Set(recommendations.map(({ metadata }) => metadata?.product_group_name)),
              types: new Set(recommendations.map(({ metadata }) => metadata?.product_type_name)),
              items: new Set(recommendations.map(({ item_idx }) => item_idx)),
            };
          });
        const socks = encodeURIComponent("Socks, Tights");
        expect((yield* left(`exclude_groups=${socks}`)).groups).toContain("Socks, Tights");
        for (const repeated of [`&exclude_groups=`, `&exclude_groups=${socks}`, "&exclude_groups=Accessories"]) {
          const { groups } = yield* left(`exclude_groups=${socks}${repeated}`);
          expect(groups, repeated).not.toContain("Socks, Tights");
          expect(groups.has("Accessories"), repeated).toBe(!repeated.includes("Accessories"));
        }
        expect((yield* left("exclude_types=%20a,b&exclude_types=Hat")).types).toEqual(new Set(["T-shirt", "Scarf"]));
        expect((yield* left("exclude_types=a,b&exclude_types=Hat")).types).toEqual(
          new Set([" a,b", "T-shirt", "Scarf"]),
        );
        const once = yield* left("exclude_ids=1,0100000002");
        const twice = yield* left("exclude_ids=1&exclude_ids=0100000002");
        expect(once.items).toEqual(twice.items);
        expect([1, 2].some((item) => once.items.has(item))).toBe(false);
        expect((yield* left(`product_group=${socks}&product_group=Accessories`)).groups).toEqual(
          new Set(["Socks, Tights", "Accessories"]),
        );
        expect((yield* left(`product_group=${socks}&product_group=`)).groups).toEqual(new Set(["Socks, Tights"]));
        expect((yield* left("product_type=Hat&product_type=Scarf&product_type=%20a,b")).types).toEqual(
          new Set(["Hat", "Scarf", " a,b"]),
        );
      }),
    ),
  );

  it.live("holds at most so many items of one product while there are others, as asked or as configured", () =>
    Effect.forEach(["blend", "ema"], (LEARNER) =>
      inShop(
        (ask, shop) =>
          Effect.gen(function* () {
            const { metadata } = shop.catalogues.get("a")!;
            for (const [row, item] of metadata.entries()) {
              if (row % 2 === 0) Object.assign(item, { prod_name: "Cap", product_type_name: "Hat" });
              else Object.assign(item, { product_type_name: "Boots" });
            }
            const hats = ({ body, status }: Reply): number => {
              expect(status).toBe(200);
              const { recommendations } = Schema.decodeUnknownSync(Answer)(body);
              expect(new Set(recommendations.map(({ item_idx }) => item_idx)).size).toBe(10);
              return recommendations.filter(({ metadata }) => metadata?.product_type_name === "Hat").length;
            };
            const all = hats(yield* ask("/recommend/u1?variants=0"));
            expect(all).toBeGreaterThan(2);
            expect(hats(yield* ask("/recommend/u1?variants=2"))).toBe(2);
            expect(hats(yield* ask("/recommend/u1"))).toBe(1);
            expect(hats(yield* ask("/recommend/u1?product_type=Hat"))).toBe(10);
            const visit = { context: [{ item_idx: 1 }] };
            expect(hats(yield* ask("/recommend", post({ ...visit, variants: 2 })))).toBe(2);
            expect(hats(yield* ask("/recommend", post(visit)))).toBe(1);
            expect(hats(yield* ask("/recommend/u1?variants=1&diversity_lambda=0.5"))).toBe(1);
            const wrong = yield* ask("/recommend/u1?variants=-1");
            expectProblem(wrong, 400, /variants: send a whole number from 0 to 100/);
          }),
        { LEARNER, MAX_VARIANTS: "1" },
      ),
    ),
  );

  it.live("names each wrong parameter, its value and the remedy", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const wrong = [
          "0",
          "101",
          "1.5",
          "x",
          "",
          "-1",
          "1e1000",
          "1&k=2",
          "0x5",
          "1e1",
          "+5",
          "%2B5",
          "%205",
          "5%20",
          "05",
        ];
        for (const k of [...wrong, "5.0", "1_0", "٥", "Infinity"]) {
          const reply = yield* ask(`/recommend/u1?k=${k}`);
          expectProblem(reply, 400, /send a whole number from 1 to 100/);
          expect(fieldsOf(reply)).toEqual(["k"]);
        }
        const unknown = yield* ask("/recommend/u1?limit=5&exclude_id=7");
        expectProblem(unknown, 400, /did you mean exclude_ids/);
        expect(fieldsOf(unknown)).toEqual(["limit", "exclude_id"]);
        const undecodable = yield* ask("/recommend/u1?product_type=%FF");
        expectProblem(undecodable, 400, /percent/);
        expect(fieldsOf(undecodable)).toEqual(["product_type"]);
        const both = yield* ask("/recommend/u1?k=101&after=bogus");
        expectProblem(both, 400, /token/);
        expect(both.body.errors).toMatchObject([
          { field: "k", value: "101" },
          { field: "after", value: "bogus" },
        ]);
        for (const score of ["", "x", "1,5", "+1", "1e999", "NaN", "0x1", "1.", "--1"]) {
          const reply = yield* ask(`/recommend/u1?min_score=${score}`);
          expectProblem(reply, 400, /send a number/);
          expect(fieldsOf(reply)).toEqual(["min_score"]);
        }
        expectProblem(yield* ask("/recommend/u1?rotation=1.5"), 400, /rotation: send a number from 0 to 1/);
        const page = String((yield* ask("/recommend/u1?k=2")).body.next_page);
        expect((yield* ask(`/recommend/u1?page=${page}`)).status).toBe(200);
        for (const path of [`u2?page=${page}`, `u1?page=${page}&min_score=0`, `u1?page=x`, `u1?page=${page}!`]) {
          const reply = yield* ask(`/recommend/${path}`);
          expectProblem(reply, 400, /begin anew/);
          expect(fieldsOf(reply)).toEqual(["page"]);
        }
        const token = encodeToken({ log: "shop", positions: [{ partition: 1, offset: 7n }] });
        const beyond = yield* ask(`/recommend/u1?after=${token}`);
        expectProblem(beyond, 400, /POST \/events/);
        expect(beyond.body.errors).toMatchObject([{ field: "after", value: token }]);
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
          "filter",
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

import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import * as fc from "fast-check";
import { Item, ItemsPage, ItemsTaken } from "../../src/serving/items/ItemSchema.ts";
import { rawAt } from "./Raw.ts";
import { expectProblem, fieldsOf, inShop, post, type Reply } from "./Served.ts";

const sent = (method: string, body: unknown, type = "application/json"): RequestInit => ({
  ...post(body, { "content-type": type }),
  method,
});
const lines = (...items: ReadonlyArray<unknown>) =>
  post(items.map((item) => `${typeof item === "string" ? item : JSON.stringify(item)}\n`).join(""), {
    "content-type": "application/x-ndjson",
  });
const decoded = <A, I>(schema: Schema.Schema<A, I>, { body }: Reply) =>
  Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(body);

const shirt = { title: "Linen shirt", attributes: { colour: "Black", price: 29.99, tags: ["linen"] } };

describe("/items", () => {
  it.live("puts, finds, patches and removes an item", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const created = yield* ask("/items/a%2Fb", sent("PUT", shirt));
        expect(created.status).toBe(201);
        expect(decoded(Item, created)).toMatchObject({ item_id: "a/b", available: true, ...shirt });
        expect(Math.abs(Date.parse(String(created.body.changed_at)) - Date.now())).toBeLessThan(60_000);
        expect((yield* ask("/items/a%2Fb", sent("PUT", created.text))).status).toBe(200);
        for (const type of ["application/merge-patch+json", "application/json; charset=utf-8"]) {
          const patched = yield* ask(
            "/items/a%2Fb",
            sent("PATCH", { available: false, attributes: { tags: null } }, type),
          );
          expect(patched.status, patched.text).toBe(200);
          expect(decoded(Item, patched).attributes).toEqual({ colour: "Black", price: 29.99 });
        }
        const found = yield* ask("/items/a%2Fb");
        expect(decoded(Item, found)).toMatchObject({ available: false, title: "Linen shirt" });
        const page = decoded(ItemsPage, yield* ask("/items?query=LINEN%20sh&filter=price%20%3C%2030&limit=1"));
        expect(page).toMatchObject({ items: [{ item_id: "a/b" }], next_cursor: null });
        const removed = yield* ask("/items/a%2Fb", { method: "DELETE" });
        expect([removed.status, removed.text]).toEqual([204, ""]);
        for (const init of [{ method: "DELETE" }, { method: "GET" }, sent("PATCH", {})]) {
          expectProblem(yield* ask("/items/a%2Fb", init), 404, /no item a\/b/);
        }
        expect((yield* ask("/items")).body).toEqual({ items: [], next_cursor: null });
      }),
    ),
  );

  it.live("takes a list as a whole, and lines one by one", () =>
    inShop((ask, { catalogue }) =>
      Effect.gen(function* () {
        const wrong = yield* ask("/items", post([{ item_id: "a" }, { item_id: "b", available: 1 }, {}]));
        expectProblem(wrong, 400, /nothing was changed/);
        expect(fieldsOf(wrong)).toEqual(["[1].available", "[2].item_id"]);
        expect(yield* catalogue.service.size).toBe(0);
        const list = yield* ask("/items", post([{ item_id: "a" }, { item_id: "b", ...shirt }]));
        expect([list.status, decoded(ItemsTaken, list)]).toEqual([200, { accepted: 2, rejected: 0, rejects: [] }]);
        const reply = yield* ask("/items", lines({ item_id: "c" }, "{", { item_id: "d", title: 4 }, { item_id: "e" }));
        expect(reply.status).toBe(200);
        expect(decoded(ItemsTaken, reply)).toMatchObject({
          accepted: 2,
          rejected: 2,
          rejects: [
            { line: 2, field: "line" },
            { line: 3, field: "title", value: 4, detail: expect.stringMatching(/^send text/) },
          ],
        });
        const ids = decoded(ItemsPage, yield* ask("/items?limit=3"));
        expect(ids.items.map(({ item_id }) => item_id)).toEqual(["a", "b", "c"]);
        const rest = decoded(ItemsPage, yield* ask(`/items?cursor=${ids.next_cursor}`));
        expect([rest.items.map(({ item_id }) => item_id), rest.next_cursor]).toEqual([["e"], null]);
      }),
    ),
  );

  it.live("streams lines of any length in all, each up to MAX_BODY_BYTES", () =>
    inShop(
      (ask, { catalogue }) =>
        Effect.gen(function* () {
          const count = 5_000;
          const text = Array.from({ length: count }, (_, n) => JSON.stringify({ item_id: `i${n}`, attributes: { n } }));
          text[7] = JSON.stringify({ item_id: "long", title: "x".repeat(2048) });
          const reply = yield* ask("/items", lines(...text));
          expect(reply.body).toMatchObject({ accepted: count - 1, rejected: 1, rejects: [{ line: 8, field: "line" }] });
          expect(yield* catalogue.service.size).toBe(count - 1);
        }),
      { MAX_BODY_BYTES: "2048" },
    ),
  );

  it.live("answers 400, 405, 413, 415, 403 and 503 as all routes do, and changes nothing", () =>
    inShop(
      (ask, { catalogue }, base) =>
        Effect.gen(function* () {
          const raw = rawAt(base);
          expectProblem(yield* ask("/items/a", sent("PUT", "{")), 400, /JSON/);
          expectProblem(yield* ask("/items/NULL", sent("PUT", {})), 400, /stands for no value/);
          expectProblem(yield* ask("/items/NULL"), 404);
          expectProblem(yield* ask("/items/a%00", sent("PUT", {})), 400, /control characters/);
          expectProblem(yield* ask(`/items/${"x".repeat(257)}`, sent("PUT", {})), 400, /256/);
          expectProblem(yield* ask("/items/a", sent("PUT", { item_id: "b" })), 400, /in the path/);
          expectProblem(yield* ask("/items/a", sent("PATCH", [])), 400, /JSON object/);
          expectProblem(yield* ask("/items?limit=201&cursor=x"), 400, /1 to 200.*next_cursor|next_cursor.*1 to 200/);
          expectProblem(yield* ask("/items?filter=price%20%3C"), 400, /The filter is wrong at character/);
          expectProblem(yield* ask("/items?word=x"), 400, /no such parameter/);
          expectProblem(yield* ask("/items/a?x=1", { method: "DELETE" }), 400, /takes no parameter/);
          expectProblem(yield* ask("/items", post({ item_id: "a" })), 400, /1 to 1000/);
          const method = yield* raw("/items/a", { method: "POST" });
          expect([method.status, method.headers.allow]).toEqual([405, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"]);
          expect((yield* raw("/items", { method: "OPTIONS" })).headers.allow).toBe("GET, HEAD, POST, OPTIONS");
          expectProblem(yield* ask("/items/a", sent("PUT", { title: "x".repeat(3000) })), 413, /MAX_BODY_BYTES/);
          expectProblem(yield* ask("/items/a", sent("PUT", {}, "text/plain")), 415, /application\/json/);
          expectProblem(yield* ask("/items", sent("POST", "", "text/csv")), 415, /application\/x-ndjson/);
          const packed = post('{"item_id":"a"}', { "content-type": "application/x-ndjson", "content-encoding": "br" });
          expectProblem(yield* ask("/items", packed), 415, /content-encoding: br/);
          const foreign = { origin: "https://evil.example", "content-type": "application/json" };
          for (const [path, method] of [
            ["/items/a", "PUT"],
            ["/items/a", "PATCH"],
            ["/items/a", "DELETE"],
            ["/items", "POST"],
          ]) {
            expect((yield* raw(path, { method, headers: foreign, body: "{}" })).status).toBe(403);
          }
          expect(yield* catalogue.service.size).toBe(0);
          yield* catalogue.setAway(true);
          for (const init of [sent("PUT", {}), { method: "DELETE" }, { method: "GET" }, sent("PATCH", {})]) {
            const reply = yield* ask("/items/a", init);
            expectProblem(reply, 503, /does not answer/);
            expect(reply.headers.get("retry-after")).toBe("1");
          }
          const stopped = yield* ask("/items", lines("{", { item_id: "a" }));
          expectProblem(stopped, 503, /first 0 lines are done with/);
          expect(stopped.body).toMatchObject({ lines: 0, accepted: 0, rejected: 0, rejects: [] });
          yield* catalogue.setAway(false);
          expect((yield* ask("/items/a", sent("PUT", {}))).status).toBe(201);
        }),
      { MAX_BODY_BYTES: "2048" },
    ),
  );

  it.live("answers alike by the fast path and by the declared route", () =>
    inShop(
      (ask) =>
        Effect.promise(() => {
          // The same path in a spelling that only the declared route reads.
          const encoded = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join("");
          const stable = (name: string, { headers, status, text, type }: Reply) => ({
            status,
            type,
            headers: [...headers.keys()].filter((header) => header !== "date"),
            // Two items are told of: what each is called, its index and when it was changed are its own.
            text: text
              .replaceAll(name, "")
              .replace(/"(item_idx|changed_at|request_id|instance)":("[^"]*"|\d+)/g, '"$1":0'),
          });
          const value = fc.oneof(
            fc.constantFrom("Black", 3, true, null, ["a", "b"], "2026-12-01T00:00:00Z"),
            fc.jsonValue(),
          );
          const item = fc.record(
            {
              title: fc.oneof(fc.constantFrom("Linen shirt", "é😀", null), fc.jsonValue()),
              available: fc.constantFrom(true, false, null, 1),
              valid_from: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01", null),
              valid_until: fc.constantFrom("2025-01-01T00:00:00Z", "2027-01-01T00:00:00+01:00", null),
              attributes: fc.oneof(
                fc.dictionary(fc.constantFrom("colour", "price", "tags", "title", "__proto__"), value),
                value,
              ),
              nonsense: fc.boolean(),
            },
            { requiredKeys: [] },
          );
          const body = fc.oneof(
            { weight: 4, arbitrary: fc.oneof(item, fc.jsonValue()).map((value) => JSON.stringify(value)) },
            fc.constantFrom("", "{", "\ufeff{}", JSON.stringify({ title: "x".repeat(3000) })),
          );
          const type = fc.oneof(
            {
              weight: 9,
              arbitrary: fc.constantFrom("application/json", "application/merge-patch+json; charset=utf-8"),
            },
            fc.constantFrom("text/plain", ""),
          );
          const call = fc.record({
            id: fc.constantFrom("a", "b", "b", "0042", "x".repeat(240), "x".repeat(260)),
            method: fc.constantFrom("PUT", "PUT", "PATCH", "GET", "DELETE", "HEAD"),
            bytes: fc.oneof(
              { weight: 9, arbitrary: body.map((text) => Buffer.from(text)) },
              fc.constant(Buffer.from('{"title":"\xff"}', "latin1")),
            ),
            type,
          });
          let round = 0;
          return fc.assert(
            fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 6 }), async (calls) => {
              // The one item has all calls by the fast path, the other by the declared route.
              const [one, other] = [`one-${++round}-`, `two-${round}-`];
              for (const { bytes, id, method, type } of calls) {
                const said = method === "PUT" || method === "PATCH";
                const init = { method, ...(said ? { headers: { "content-type": type }, body: bytes } : {}) };
                const plain = await Effect.runPromise(ask(`/items/${one}${id}`, init));
                const routed = await Effect.runPromise(ask(`/items/${encoded(`${other}${id}`)}`, init));
                expect(stable(one, plain)).toEqual(stable(other, routed));
              }
            }),
            { numRuns: 60 },
          );
        }),
      { MAX_BODY_BYTES: "2048" },
    ),
  );

  it.live("lets pages of allowed origins change items", () =>
    inShop(
      (_, __, base) =>
        Effect.gen(function* () {
          const origin = "https://shop.example";
          const headers = { origin, "content-type": "application/json" };
          const reply = yield* rawAt(base)("/items/a", { method: "PUT", headers, body: "{}" });
          expect([reply.status, reply.headers["access-control-allow-origin"]]).toEqual([201, origin]);
          const asked = yield* rawAt(base)("/items/a", { method: "OPTIONS", headers: { origin } });
          expect(asked.headers["access-control-allow-methods"]).toBe("GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
        }),
      { ALLOWED_ORIGINS: "https://shop.example" },
    ),
  );

  it.live("never fails at any JSON", () =>
    inShop((ask) =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.oneof(
              fc.json(),
              fc
                .record(
                  {
                    title: fc.jsonValue(),
                    available: fc.jsonValue(),
                    valid_from: fc.jsonValue(),
                    attributes: fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())),
                  },
                  { requiredKeys: [] },
                )
                .map((value) => JSON.stringify(value)),
              fc.constant(`${"[".repeat(50_000)}${"]".repeat(50_000)}`),
            ),
            fc.constantFrom("PUT", "PATCH"),
            async (body, method) => {
              const reply = await Effect.runPromise(ask("/items/a", sent(method, body)));
              if (reply.status >= 300) expectProblem(reply, reply.status === 404 ? 404 : 400);
              else decoded(Item, reply);
            },
          ),
          { numRuns: 150 },
        ),
      ),
    ),
  );
});

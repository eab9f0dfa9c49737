/** Who may ask what: every route with its scope, over HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { routes } from "../../src/http/Routes.ts";
import { allows, digestOf, entryOf, type Scope, scopes } from "../../src/keys/Key.ts";
import { type Ask, expectProblem, inShop, type Reply } from "./Served.ts";

const entry = (name: string, text: string, allowed: ReadonlyArray<Scope>) =>
  entryOf({ name, scopes: allowed, digest: digestOf(text), made: "" });

/** A key for each scope, called by it. */
const API_KEYS = [
  ...scopes.map((scope) => entry(scope, `key-${scope}`, [scope])),
  entry("both", "key-both", ["read", "write"]),
].join(",");

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
/** What would go on without an end is asked for once. */
const example = (path: string) => (path === "/live" ? "/live?states=1" : path.replace(/:\w+/g, "108775015"));

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "slipstream-keys-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
);

/** Asks until the answer is as it should be; the test's own limit ends it. */
const until = (ask: Effect.Effect<Reply>, is: (reply: Reply) => boolean) => Effect.repeat(ask, { until: is });

describe("the routes", () => {
  it("each say which scope they need", () => {
    const needs = Object.fromEntries(routes.map(({ method, need, path }) => [`${method} ${path}`, need]));
    expect(needs).toEqual({
      "GET /": "open",
      "GET /snippet.js": "open",
      "GET /console": "open",
      "GET /console/assets/:file": "open",
      "DELETE /users/:user_id": "admin",
      "GET /receipts/:receipt": "admin",
      "GET /users/:user_id/export": "admin",
      "GET /console/shop": "admin",
      "GET /console/shoppers": "admin",
      "GET /console/items": "admin",
      "POST /console/simulation": "admin",
      "GET /models": "admin",
      "GET /models/:model_id": "admin",
      "POST /models/:model_id/use": "admin",
      "DELETE /models/:model_id": "admin",
      "GET /batch": "admin",
      "POST /batch": "admin",
      "GET /tuning": "admin",
      "POST /tuning": "admin",
      "GET /evaluation": "admin",
      "POST /evaluation": "admin",
      "GET /live": "admin",
      "GET /dead-letters": "admin",
      "POST /dead-letters/replay": "admin",
      "DELETE /dead-letters": "admin",
      "GET /docs": "open",
      "GET /openapi.json": "open",
      "GET /health/live": "open",
      "GET /health/ready": "open",
      "GET /metrics": "read",
      "GET /recommend/:user_id": "read",
      "POST /recommend/:user_id": "read",
      "POST /recommend": "read",
      "POST /recommend/batch": "read",
      "POST /trace": "admin",
      "POST /events": "events",
      "POST /events/purchase": "write",
      "GET /users/:user_id/profile": "read",
      "GET /users/:user_id/history": "read",
      "GET /items": "read",
      "POST /items": "write",
      "GET /items/:item_id": "read",
      "GET /map": "admin",
      "GET /map/columns": "admin",
      "GET /items/:item_id/card": "admin",
      "GET /items/:item_id/similar": "read",
      "GET /items/:item_id/bought-together": "read",
      "GET /trending": "read",
      "PUT /items/:item_id": "write",
      "PATCH /items/:item_id": "write",
      "DELETE /items/:item_id": "write",
    });
  });

  it.live("let in nobody without a key of their scope, and whoever has one", () =>
    inShop(
      (ask) =>
        Effect.gen(function* () {
          for (const { method, need, path } of routes) {
            const asked = (headers: Record<string, string> = {}) => ask(example(path), { method, headers });
            const without = yield* asked();
            if (need === "open" || need === undefined) {
              expect(without.status, path).toBe(path === "/console/assets/:file" ? 404 : 200);
              continue;
            }
            expectProblem(without, 401, new RegExp(`scope ${need}.*Authorization: Bearer`));
            expect(without.headers.get("www-authenticate")).toBe(`Bearer realm="slipstream", scope="${need}"`);
            const unknown = yield* asked(bearer("key-nobody"));
            expectProblem(unknown, 401, /not known/);
            expect(unknown.headers.get("www-authenticate")).toContain('error="invalid_token"');
            for (const scope of scopes) {
              for (const headers of [bearer(`key-${scope}`), { "x-api-key": `key-${scope}` }]) {
                const reply = yield* asked(headers);
                if (allows([scope], need)) expect([401, 403], `${method} ${path}`).not.toContain(reply.status);
                else {
                  expectProblem(reply, 403, new RegExp(`needs a key with the scope ${need}; the key ${scope} has`));
                  expect(reply.headers.get("www-authenticate")).toContain(
                    `error="insufficient_scope", scope="${need}"`,
                  );
                }
              }
            }
          }
        }),
      { API_KEYS },
    ),
  );

  it.live("take a key of the fast path and of the declared route alike, by either header, in one spelling", () =>
    inShop(
      (ask) =>
        Effect.gen(function* () {
          for (const path of ["/recommend/u1", "/recommend/u1?k=3", "/recommend/u1?seen=none"]) {
            expect((yield* ask(path)).status, path).toBe(401);
            expect((yield* ask(path, { method: "HEAD" })).status, path).toBe(401);
            const good = [
              bearer("key-both"),
              { authorization: "bearer key-both" },
              { "x-api-key": "key-both" },
              // What a gateway sends for itself is not ours.
              { "x-api-key": "key-both", authorization: "Bearer of-the-gateway" },
              { "x-api-key": "key-both", authorization: "Basic eDp5" },
            ];
            for (const headers of good) expect((yield* ask(path, { headers })).status, path).toBe(200);
            const bad = [
              bearer("key-both2"),
              bearer(""),
              bearer("x".repeat(5000)),
              { "x-api-key": "nobody", authorization: "Bearer key-both" },
              { "x-api-key": "key-read, key-read" },
              { authorization: "key-both" },
              { authorization: "Basic a2V5LWJvdGg=" },
              { cookie: "key=key-both" },
            ];
            for (const headers of bad)
              expect((yield* ask(path, { headers })).status, JSON.stringify(headers)).toBe(401);
          }
          expect((yield* ask("/events", { method: "OPTIONS" })).status).toBe(204);
          expect((yield* ask("/nothing")).status).toBe(404);
          const text = (yield* ask("/metrics", { headers: bearer("key-read") })).text;
          expect(text).toMatch(/^slipstream_key_requests_total\{key="both"\} 15$/m);
          expect(text).not.toContain("key-both");
        }),
      { API_KEYS },
    ),
  );
});

describe("the document", () => {
  type Paths = Record<string, Record<string, { readonly security: ReadonlyArray<unknown> }>>;

  const both: ReadonlyArray<readonly [keys: string, first: ReadonlyArray<unknown>]> = [
    [API_KEYS, []],
    ["", [{}]],
  ];

  it.live.each([...both])(
    "lists each route's scope, and says that nobody needs a key where that is so",
    ([API_KEYS, first]) =>
      inShop(
        (ask) =>
          Effect.gen(function* () {
            const document = (yield* ask("/openapi.json")).body;
            const paths = document.paths as Paths;
            for (const { method, need, path } of routes) {
              const operation = paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
              const security = need === "open" ? [] : [...first, { bearer: [need] }, { apiKey: [need] }];
              if (operation !== undefined) expect(operation.security, path).toEqual(security);
            }
            expect(document.components).toMatchObject({
              securitySchemes: { bearer: {}, apiKey: { name: "X-API-Key" } },
            });
          }),
        { API_KEYS },
      ),
  );
});

describe("the file of keys", () => {
  const inFolder = <A, E>(use: (ask: Ask, path: string) => Effect.Effect<A, E>) =>
    Effect.scoped(
      Effect.flatMap(folder, (dataDir) => inShop((ask) => use(ask, join(dataDir, "keys")), { DATA_DIR: dataDir })),
    );
  const asks = (ask: Ask, key?: string) => ask("/recommend/u1", { headers: key === undefined ? {} : bearer(key) });

  it.live("is read again: keys come and go without a restart, the first one closes the API", () =>
    inFolder((ask, path) =>
      Effect.gen(function* () {
        expect((yield* asks(ask)).status).toBe(200);
        writeFileSync(path, `# made by hand\n\n${entry("one", "first", ["read"])} # the shop\n`);
        yield* until(asks(ask), ({ status }) => status === 401);
        expect((yield* asks(ask, "first")).status).toBe(200);
        writeFileSync(path, `${entry("one", "first", ["read"])}\r\n${entry("two", "second", ["read"])}\r\n`);
        yield* until(asks(ask, "second"), ({ status }) => status === 200);
        expect((yield* asks(ask, "first")).status).toBe(200);
        writeFileSync(path, entry("two", "second", ["read"]));
        yield* until(asks(ask, "first"), ({ status }) => status === 401);
        expect((yield* asks(ask, "second")).status).toBe(200);
      }),
    ),
  );
});

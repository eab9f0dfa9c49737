import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import * as fc from "fast-check";
import { makeHosts } from "../../src/http/middleware/Hosts.ts";
import { exchange, rawAt } from "./Raw.ts";
import { inShop } from "./Served.ts";

const policy = (
  listening: string,
  allowedHosts: ReadonlyArray<string> = [],
  allowedOrigins: ReadonlyArray<string> = [],
) =>
  makeHosts({
    listening: [listening, listening === "shop.local" ? "127.0.0.1" : listening],
    allowedHosts,
    allowedOrigins,
  });

const own = [
  "localhost",
  "LOCALHOST:1",
  "localhost.",
  "a.b.localhost:8000",
  "127.0.0.1:8000",
  "127.9.8.7",
  "[::1]:8000",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
];
const foreign = [
  "evil.example",
  "evil.example:8000",
  "localhost.evil.example",
  "notlocalhost",
  "127.0.0.1.nip.io",
  "127.0.0.1.evil.example:8000",
  "128.0.0.1",
  "10.0.0.1",
  "0.0.0.0:8000",
  "[::2]",
  "[fe80::1]",
];
const malformed = [
  "",
  " ",
  ":8000",
  "a b",
  "localhost, evil.example",
  "me@localhost",
  "localhost/x",
  "localhost:x",
  "[::1",
  "a[b]",
  "\\",
];

const statusOf = (host: string | undefined, { hostProblem }: ReturnType<typeof policy>) =>
  hostProblem(host)?.status ?? 200;

describe("the Host that is taken", () => {
  it("is a name of this machine while it listens on loopback, or what it listens on, or what is allowed", () => {
    for (const listening of ["127.0.0.1", "::1", "localhost", "shop.local"]) {
      const hosts = policy(listening);
      for (const host of own) expect(statusOf(host, hosts), host).toBe(200);
      for (const host of foreign) expect(statusOf(host, hosts), host).toBe(421);
      for (const host of malformed) expect(statusOf(host, hosts), host).toBe(400);
      expect(statusOf(undefined, hosts)).toBe(421);
      expect(hosts.hostProblem("evil.example")?.detail).toMatch(/evil\.example.*ALLOWED_HOSTS/);
    }
    expect(statusOf("Shop.Local:9", policy("shop.local"))).toBe(200);
    const allowing = policy("127.0.0.1", ["Shop.example", "*.shop.example", "[2001:db8::1]", "10.0.0.1"]);
    for (const host of ["shop.example:1", "a.SHOP.example", "[2001:DB8:0::1]:5", "10.0.0.1", ...own]) {
      expect(statusOf(host, allowing), host).toBe(200);
    }
    for (const host of ["example", "xshop.example", "shop.example.evil", "10.0.0.2"]) {
      expect(statusOf(host, allowing), host).toBe(421);
    }
  });

  it("is any off loopback, unless some are named", () => {
    for (const hosts of [policy("0.0.0.0"), policy("192.168.1.5"), policy("::"), policy("127.0.0.1", ["*"])]) {
      for (const host of [...own, ...foreign, undefined]) expect(statusOf(host, hosts), host).toBe(200);
      for (const host of malformed) expect(statusOf(host, hosts), host).toBe(400);
    }
    const named = policy("192.168.1.5", ["shop.example"]);
    for (const host of ["shop.example", "192.168.1.5:8000", ...own]) expect(statusOf(host, named), host).toBe(200);
    for (const host of [...foreign, undefined]) expect(statusOf(host, named), host).toBe(421);
  });

  it("is judged by itself, whatever was asked before", () => {
    const hosts = policy("127.0.0.1");
    const all = [...own, ...foreign, ...malformed, undefined];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all)), (asked) => {
        for (const host of asked) expect(statusOf(host, hosts)).toBe(statusOf(host, policy("127.0.0.1")));
      }),
    );
  });
});

describe("the Origin that may write", () => {
  it("is the page's own server, or an allowed one", () => {
    const may = (origin: string, host: string, allowed: ReadonlyArray<string> = []) =>
      policy("127.0.0.1", [], allowed).originProblem(origin, host) === undefined;
    expect(may("http://localhost:8000", "localhost:8000")).toBe(true);
    expect(may("http://LOCALHOST", "localhost:80")).toBe(true);
    // What ends TLS in front of this server passes the Host on.
    expect(may("https://shop.example", "shop.example")).toBe(true);
    expect(may("https://shop.example", "shop.example:443")).toBe(true);
    for (const origin of [
      "http://localhost:8001",
      "http://127.0.0.1:8000",
      "http://evil.example",
      "null",
      "",
      "x",
      "a, b",
    ]) {
      expect(may(origin, "localhost:8000"), origin).toBe(false);
    }
    expect(may("chrome-extension://localhost:8000", "localhost:8000")).toBe(false);
    const allowed = ["https://Shop.example:443", "null", "app://shop"];
    for (const origin of ["https://shop.example", "null", "app://shop"]) {
      expect(may(origin, "localhost:8000", allowed), origin).toBe(true);
      expect(may(origin, "localhost:8000"), origin).toBe(false);
    }
    expect(may("http://shop.example", "localhost:8000", allowed)).toBe(false);
  });
});

describe("a request", () => {
  const click = JSON.stringify({ user_id: "u1", item_id: "1", event_type: "click" });

  it.live("of a page whose name was made to mean this machine is refused; probes are not", () =>
    inShop((_, shop, base) =>
      Effect.gen(function* () {
        const ask = rawAt(base);
        const json = { "content-type": "application/json" };
        const rebound = { host: "evil.example", origin: "http://evil.example" };
        for (const path of ["/recommend/u1", "/recommend/u1?k=3", "/", "/docs", "/openapi.json", "/nothing"]) {
          const refused = yield* ask(path, { headers: rebound });
          expect([refused.status, refused.headers["content-type"]], path).toEqual([421, "application/problem+json"]);
          expect(refused.body.detail).toMatch(/evil\.example.*ALLOWED_HOSTS/);
          expect(refused.headers["x-content-type-options"]).toBe("nosniff");
        }
        const written = yield* ask("/events", { method: "POST", headers: { ...json, ...rebound }, body: click });
        expect(written.status).toBe(421);
        expect((yield* ask(base.replace("127.0.0.1", "evil.example"), {})).status).toBe(421);
        for (const path of ["/health/live", "/health/ready", "/metrics"]) {
          expect((yield* ask(path, { headers: { host: "10.1.2.3:8000" } })).status, path).toBe(200);
        }
        expect(shop.appended).toEqual([]);
      }),
    ),
  );

  it.live("of a foreign page may read, which its browser hides from it, and not write", () =>
    inShop(
      (_, shop, base) =>
        Effect.gen(function* () {
          const ask = rawAt(base);
          const post = (origin?: string) => {
            const headers = { "content-type": "application/json", ...(origin === undefined ? {} : { origin }) };
            return ask("/events", { method: "POST", headers, body: click });
          };
          for (const origin of ["http://evil.example", "null", base.replace("127.0.0.1", "localhost")]) {
            const refused = yield* post(origin);
            expect([refused.status, refused.headers["access-control-allow-origin"]], origin).toEqual([403, undefined]);
            expect(refused.body.detail).toMatch(/ALLOWED_ORIGINS/);
            const read = yield* ask("/recommend/u1", { headers: { origin } });
            expect([read.status, read.headers["access-control-allow-origin"]]).toEqual([200, undefined]);
          }
          expect(shop.appended).toEqual([]);
          const twice = { "content-type": "application/json", origin: [base, "http://evil.example"] };
          expect((yield* ask("/events", { method: "POST", headers: twice, body: click })).status).toBe(403);
          expect((yield* post(base)).status).toBe(202);
          expect((yield* post()).status).toBe(202);
          // An allowed origin's pages are let through by their browser, too.
          const shopOrigin = "https://shop.example";
          const preflight = yield* ask("/events", { method: "OPTIONS", headers: { origin: shopOrigin } });
          expect([preflight.status, preflight.headers]).toMatchObject([
            204,
            {
              "access-control-allow-origin": shopOrigin,
              "access-control-allow-methods": "POST, OPTIONS",
              "access-control-allow-headers": "authorization, content-type, idempotency-key, x-api-key, x-request-id",
              "access-control-max-age": "7200",
              vary: "origin",
            },
          ]);
          const allowed = yield* post(shopOrigin);
          expect([allowed.status, allowed.headers["access-control-allow-origin"]]).toEqual([202, shopOrigin]);
          expect(allowed.headers["access-control-expose-headers"]).toMatch(/ratelimit.*retry-after.*x-request-id/);
          expect(allowed.headers["access-control-max-age"]).toBeUndefined();
        }),
      { ALLOWED_ORIGINS: "https://shop.example" },
    ),
  );

  it.live("has one Host; HTTP/1.0 may do without where any is taken", () =>
    inShop((_, __, base) =>
      Effect.gen(function* () {
        const get = (path: string, headers: string, version = "1.1") =>
          exchange(base, `GET ${path} HTTP/${version}\r\n${headers}connection: close\r\n\r\n`);
        for (const headers of ["", "host:\r\n", "host: localhost\r\nhost: evil.example\r\n", "host: a b\r\n"]) {
          for (const path of ["/recommend/u1", "/health/live"]) {
            const reply = yield* get(path, headers);
            expect(reply, headers).toMatch(/^HTTP\/1\.1 400 .*content-type: application\/problem\+json/is);
            expect(reply).toMatch(/"field":"host"/);
          }
        }
        expect(yield* get("/health/live", "", "1.0")).toMatch(/^HTTP\/1\.1 200/);
        expect(yield* get("/recommend/u1", "", "1.0")).toMatch(/^HTTP\/1\.1 421/);
      }),
    ),
  );

  it.live("is taken by any name where any is allowed", () =>
    inShop(
      (_, __, base) =>
        Effect.gen(function* () {
          const ask = rawAt(base);
          expect((yield* ask("/recommend/u1", { headers: { host: "shop.example" } })).status).toBe(200);
          expect((yield* ask("/recommend/u1", { headers: { host: "other.example" } })).status).toBe(421);
        }),
      { ALLOWED_HOSTS: "shop.example, *.shop.example" },
    ),
  );
});

import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { expectProblem, inShop } from "./Served.ts";

const browser = { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }, redirect: "manual" } as const;

describe("the console's routes", () => {
  it.live("lead a browser to the page, and anybody else to the text", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const seen = yield* ask("/", browser);
        expect([seen.status, seen.headers.get("location"), seen.headers.get("vary")]).toEqual([
          303,
          "/console",
          "accept",
        ]);
        const text = yield* ask("/", { headers: { accept: "*/*" } });
        expect([text.status, text.headers.get("vary")]).toEqual([200, "accept"]);
        expect(text.text).toContain("/console");
      }),
    ),
  );

  it.live("give a page that may load and ask of this host alone, and is asked for anew each time", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const page = yield* ask("/console");
        expect([page.status, page.type, page.headers.get("cache-control")]).toEqual([
          200,
          "text/html; charset=utf-8",
          "no-cache",
        ]);
        const policy = page.headers.get("content-security-policy") ?? "";
        expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
        expect(policy).not.toMatch(/unsafe|https?:|\*/);
        const head = yield* ask("/console", { method: "HEAD" });
        expect([head.status, head.text]).toEqual([200, ""]);
      }),
    ),
  );

  it.live("give the page's files, to be kept for good, packed for whoever takes it", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const { text } = yield* ask("/console");
        const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
        expect(files.length).toBeGreaterThanOrEqual(3);
        for (const path of files) {
          const packed = yield* ask(path, { headers: { "accept-encoding": "gzip" } });
          expect([packed.status, packed.headers.get("cache-control"), packed.headers.get("content-encoding")]).toEqual([
            200,
            "public, max-age=31536000, immutable",
            "gzip",
          ]);
          const plain = yield* ask(path, { headers: { "accept-encoding": "gzip;q=0, identity" } });
          expect(plain.headers.get("content-encoding")).toBe(null);
          expect(plain.text).toBe(packed.text);
          expect(plain.headers.get("vary")).toBe("accept-encoding");
        }
        expectProblem(yield* ask("/console/assets/other.js"), 404, /no \/console\/assets\/other\.js/);
        expectProblem(yield* ask("/console/assets/..%2Findex.html"), 404, /There is no/);
        expectProblem(yield* ask("/console/"), 404, /There is no/);
        expectProblem(yield* ask("/console", { method: "POST" }), 405, /use GET/);
      }),
    ),
  );
});

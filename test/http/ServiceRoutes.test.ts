import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { Ready } from "../../src/http/api/Service.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { makeShop } from "../serving/Shop.ts";
import { expectProblem, inShop, post, served } from "./Served.ts";

describe("the routes of the service itself", () => {
  it.live("tells whether it is ready, with each store and its latency", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        expect((yield* ask("/health/live")).body).toEqual({ status: "live" });
        const up = yield* ask("/health/ready");
        expect(up.status).toBe(200);
        const ready = Schema.decodeUnknownSync(Ready, { onExcessProperty: "error" })(up.body);
        expect(ready.model).toBe("a");
        expect(Object.keys(ready.checks).sort()).toEqual([
          "catalogue",
          "event_log",
          "item_index",
          "model_registry",
          "popular",
          "user_states",
        ]);
        for (const { latency_ms } of Object.values(ready.checks)) expect(latency_ms).toBeGreaterThanOrEqual(0);
        const names = {
          users: "user_states",
          index: "item_index",
          popular: "popular",
          log: "event_log",
          registry: "model_registry",
        };
        for (const [store, name] of Object.entries(names)) {
          shop.control.down.add(store as keyof typeof names);
          const reply = yield* ask("/health/ready");
          expectProblem(reply, 503, new RegExp(`down: ${name}`));
          expect(reply.body.checks).toMatchObject({ [name]: { status: "down", detail: "the test says so" } });
          shop.control.down.delete(store as keyof typeof names);
        }
        yield* shop.catalogue.setAway(true);
        const reply = yield* ask("/health/ready");
        expectProblem(reply, 503, /down: catalogue/);
        yield* shop.catalogue.setAway(false);
        expect((yield* ask("/health/ready")).status).toBe(200);
      }),
    ),
  );

  it.live("stays ready where something beside it cannot be written, and says what and why", () =>
    Effect.gen(function* () {
      const vitals = makeVitals();
      let full = true;
      const detail = "/data/delta: the disk is full; free some space or set DATA_DIR to another disk";
      const trial = Effect.suspend(() => (full ? Effect.fail({ message: detail }) : Effect.void));
      yield* inShop((ask, shop) =>
        Effect.gen(function* () {
          const warnings = Effect.map(ask("/health/ready"), ({ body, status }) => [status, body.warnings]);
          expect(yield* warnings).toEqual([200, []]);
          vitals.writes.set("tables", { role: "archiver", trial });
          expect(yield* warnings).toEqual([200, [{ role: "archiver", store: "tables", detail }]]);
          yield* vitals.waiting("archiver").begin("partition 1", { store: "tables", reason: "told already" });
          expect(yield* warnings).toEqual([200, [{ role: "archiver", store: "tables", detail: "told already" }]]);
          expect((yield* ask("/metrics")).text).toContain('slipstream_outage{role="archiver",store="tables"} 1');
          yield* vitals.waiting("archiver").end("partition 1");
          full = false;
          expect(yield* warnings).toEqual([200, []]);
          expect((yield* ask("/metrics")).text).not.toContain("slipstream_outage");

          shop.control.down.add("log");
          const event = post({ user_id: "u1", item_id: "1", event_type: "click" });
          expectProblem(yield* ask("/events", event), 503, /event log/);
          expect((yield* ask("/recommend/u1")).status).toBe(200);
          const unready = yield* ask("/health/ready");
          expectProblem(unready, 503, /down: event_log/);
          expect(unready.body.warnings).toEqual([{ role: "api", store: "event log", detail: "the test says so" }]);
          shop.control.down.delete("log");
          expect((yield* ask("/events", event)).status).toBe(202);
          expect(yield* warnings).toEqual([200, []]);
        }),
      ).pipe(Effect.provideService(Vitals, vitals));
    }),
  );

  it.live("is live but not ready without a model", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      yield* served(shop, undefined, (ask) =>
        Effect.gen(function* () {
          expect((yield* ask("/health/live")).status).toBe(200);
          const reply = yield* ask("/health/ready");
          expectProblem(reply, 503, /no model serves/);
          expect(reply.body.model).toBeNull();
          expectProblem(
            yield* ask("/events", post({ user_idx: 1, item_id: "1", event_type: "click" })),
            503,
            /user_id/,
          );
        }),
      );
    }),
  );

  it.live("answers what is not there with problem details, and knows HEAD and OPTIONS", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        expectProblem(yield* ask("/nothing/here"), 404, /\/nothing\/here/);
        expectProblem(yield* ask("/recommend/"), 404);
        for (const path of ["/", "/metrics", "/health/live", "/health/ready", "/docs", "/openapi.json"]) {
          const unknown = yield* ask(`${path}?verbose=1`);
          expectProblem(unknown, 400, /verbose: this route takes no parameter/);
          expect((yield* ask(`${path}?`)).status).toBe(200);
        }
        const put = yield* ask("/recommend/u1", { ...post({}), method: "PUT" });
        expectProblem(put, 405, /GET/);
        expect(put.headers.get("allow")).toBe("GET, HEAD, POST, OPTIONS");
        const got = yield* ask("/events");
        expectProblem(got, 405);
        expect(got.headers.get("allow")).toBe("POST, OPTIONS");
        const options = yield* ask("/events", { method: "OPTIONS" });
        expect([options.status, options.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
        const head = yield* ask("/recommend/u1", { method: "HEAD" });
        const full = yield* ask("/recommend/u1");
        expect([head.status, head.text]).toEqual([200, ""]);
        expect(head.headers.get("content-length")).toBe(full.headers.get("content-length"));
        expect((yield* ask("/recommend/u1?k=0", { method: "HEAD" })).status).toBe(400);
      }),
    ),
  );

  it.live("welcomes, and sends no cross-origin permission but the headers that keep a browser safe", () =>
    inShop((ask, _, base) =>
      Effect.gen(function* () {
        const welcome = yield* ask("/");
        expect(welcome.type).toMatch(/^text\/plain/);
        expect(welcome.text).toContain(`curl '${base}/recommend/newcomer?k=10'`);
        const said = /-d '(\{.*\})'/.exec(welcome.text)?.[1] ?? "";
        expect((yield* ask("/events", post(said))).status).toBe(202);
        for (const path of ["/", "/recommend/u1", "/nothing", "/docs", "/openapi.json"]) {
          const { headers } = yield* ask(path, { headers: { origin: "http://elsewhere.example" } });
          expect(headers.get("access-control-allow-origin")).toBeNull();
          expect(headers.get("x-content-type-options")).toBe("nosniff");
          expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
          expect(headers.get("x-request-id")).toMatch(/^[\w.-]+$/);
        }
      }),
    ),
  );
});

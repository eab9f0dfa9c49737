/** What a request that comes again under its Idempotency-Key does: nothing a second time. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber } from "effect";
import * as fc from "fast-check";
import { digestOf, entryOf } from "../../src/keys/Key.ts";
import { idsFrom } from "../../src/serving/EventIds.ts";
import { makeShop, type Shop } from "../serving/Shop.ts";
import { exchange } from "./Raw.ts";
import { type Ask, expectProblem, inShop, post, served } from "./Served.ts";

const click = (item: string) => ({ user_id: "u1", item_id: item, event_type: "click" });
const send = (ask: Ask, key: string, body: unknown, headers: Record<string, string> = {}) =>
  ask("/events", post(body, { "idempotency-key": key, ...headers }));

const idsOf = (shop: Shop) => shop.appended.map(({ event }) => event.eventId);

describe("ids of events", () => {
  it("are the same for the same seed and words, and each event's own", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.constantFrom(click("1"), click("2"), click("3"))), (seed, events) => {
        const ids = events.map(idsFrom(seed));
        expect(events.map(idsFrom(seed))).toEqual(ids);
        expect(new Set(ids).size).toBe(events.length);
        const others = new Set(events.map(idsFrom(`${seed}x`)));
        expect(ids.filter((id) => others.has(id))).toEqual([]);
      }),
    );
  });
});

describe("events under an Idempotency-Key", () => {
  it.live("count once: the same answer again, and other words are refused", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const events = [click("1"), click("1"), { ...click("2"), event_id: "mine" }];
        const first = yield* send(ask, "k1", events);
        expect(first.status, first.text).toBe(202);
        expect(first.headers.get("idempotent-replayed")).toBeNull();
        expect(new Set(idsOf(shop)).size).toBe(3);
        expect(idsOf(shop)).toEqual(first.body.event_ids);
        for (const key of ["k1", '"k1"']) {
          const again = yield* send(ask, key, events);
          expect([again.status, again.text]).toEqual([202, first.text]);
          expect(again.headers.get("idempotent-replayed")).toBe("true");
        }
        expectProblem(yield* send(ask, "k1", [click("3")]), 422, /Another request/);
        // Nobody sent all of it.
        expectProblem(yield* send(ask, "k1", JSON.stringify(events).slice(0, -1)), 422);
        const skipping = post(events, { "idempotency-key": "k1" });
        expectProblem(yield* ask("/events?on_error=skip", skipping), 422, /Another request/);
        expect(shop.appended).toHaveLength(3);
        expect((yield* send(ask, "k2", events)).status).toBe(202);
        expect(shop.appended).toHaveLength(6);
        expectProblem(yield* send(ask, "a b", events), 400, /visible ASCII/);
        expectProblem(yield* send(ask, "x".repeat(256), events), 400);
        expect(shop.appended).toHaveLength(6);
      }),
    ),
  );

  it.live("count once as CloudEvents whose attributes are headers, which tell one from another", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const attributes = { "ce-specversion": "1.0", "ce-source": "/shop", "ce-id": "1", "ce-type": "click" };
        const data = { user_id: "u1", item_id: "1" };
        for (const _ of [1, 2]) expect((yield* send(ask, "k1", data, attributes)).status).toBe(202);
        expectProblem(yield* send(ask, "k1", data, { ...attributes, "ce-type": "purchase" }), 422, /Another request/);
        expect(shop.appended.map(({ event }) => event.eventType)).toEqual(["click"]);
      }),
    ),
  );

  it.live("have the ids of the first time after a failure, in another process and after a restart", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      shop.addModel("a");
      const ids: Array<unknown> = [];
      for (const round of [1, 2]) {
        yield* served(shop, "a", (ask) =>
          Effect.gen(function* () {
            if (round === 1) {
              shop.control.down.add("log");
              expectProblem(yield* send(ask, "k1", click("1")), 503);
              shop.control.down.delete("log");
              expectProblem(yield* send(ask, "k1", { ...click("1"), event_type: "nothing" }), 400);
            }
            const reply = yield* send(ask, "k1", click("1"));
            expect(reply.headers.get("idempotent-replayed")).toBeNull();
            ids.push(reply.body.event_ids);
          }),
        );
      }
      expect(ids[0]).toEqual([expect.stringMatching(/^[\da-f]{32}$/)]);
      expect(ids[1]).toEqual(ids[0]);
      expect(shop.appended).toHaveLength(2);
    }),
  );

  it.live("are each caller's own", () => {
    const entry = (name: string) => entryOf({ name, scopes: ["write"], digest: digestOf(name), made: "" });
    return inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          for (const name of ["one", "two"]) {
            expect((yield* send(ask, "k1", click("1"), { "x-api-key": name })).status).toBe(202);
          }
          expect(new Set(idsOf(shop)).size).toBe(2);
        }),
      { API_KEYS: [entry("one"), entry("two")].join(",") },
    );
  });
});

describe("items under an Idempotency-Key", () => {
  it.live("are put once, and asked for again while they are under way, refused", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const item = (title: string) => JSON.stringify({ item_id: "a1", title });
        const lines = (body: BodyInit): RequestInit & { duplex: "half" } => ({
          method: "POST",
          headers: { "content-type": "application/x-ndjson", "idempotency-key": "k1" },
          body,
          duplex: "half",
        });
        let end = () => {};
        const slow = new ReadableStream({
          start: (controller) => {
            controller.enqueue(new TextEncoder().encode(`${item("One")}\n`));
            end = () => controller.close();
          },
        });
        const first = yield* Effect.fork(ask("/items", lines(slow)));
        yield* Effect.repeat(ask("/items/a1"), { until: ({ status }) => status === 200 });
        const busy = yield* ask("/items", lines(`${item("One")}\n`));
        expectProblem(busy, 409, /under way/);
        expect(busy.headers.get("retry-after")).toBe("1");
        end();
        const done = yield* Fiber.join(first);
        expect([done.status, done.body.accepted], done.text).toEqual([200, 1]);
        const two = { ...post({ title: "Two" }), method: "PUT" };
        expect((yield* ask("/items/a1", two)).status).toBe(200);
        const again = yield* ask("/items", lines(`${item("One")}\n`));
        expect([again.text, again.headers.get("idempotent-replayed")]).toEqual([done.text, "true"]);
        expect((yield* ask("/items/a1")).body.title).toBe("Two");
        expectProblem(yield* ask("/items", lines(`${item("Three")}\n`)), 422);
      }),
    ),
  );

  it.live("leave a connection as it was where a body is refused unread", () =>
    inShop(
      (_, __, base) =>
        Effect.gen(function* () {
          const body = "x".repeat(200_000);
          const head = `POST /events HTTP/1.1\r\nhost: localhost\r\nidempotency-key: k1\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n`;
          const next = "GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
          const replies = yield* exchange(base, head + body + next);
          expect(replies.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 415", "HTTP/1.1 200"]);
        }),
      { BODY_TIMEOUT: "1 hour" },
    ),
  );

  it.live("of other routes pass unseen", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const headers = { "idempotency-key": "k1" };
        expect((yield* ask("/recommend/u1", { headers })).status).toBe(200);
        expect((yield* ask("/recommend/u2", { headers })).headers.get("idempotent-replayed")).toBeNull();
      }),
    ),
  );
});

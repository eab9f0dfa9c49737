import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import * as fc from "fast-check";
import { EventsAnswer } from "../../src/http/api/Events.ts";
import { decodeToken } from "../../src/serving/Token.ts";
import { expectProblem, fieldsOf, inShop, post } from "./Served.ts";

const click = { user_id: "u1", item_id: "0100000003", event_type: "click" };

describe("POST /events", () => {
  it.live("takes one event or a list, and gives a token that the answer can wait for", () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          const before = Date.now() / 1000;
          const one = yield* ask("/events", post(click));
          expect(one.status).toBe(202);
          const accepted = Schema.decodeUnknownSync(EventsAnswer, { onExcessProperty: "error" })(one.body);
          expect(accepted.accepted).toBe(1);
          expect(shop.appended).toHaveLength(1);
          expect(shop.appended[0].key).toBe("u1");
          expect(shop.appended[0].event).toMatchObject({
            userId: "u1",
            itemId: "0100000003",
            eventType: "click",
            quantity: 1,
            eventId: accepted.event_ids[0],
          });
          expect(shop.appended[0].event.timestamp).toBeGreaterThanOrEqual(before);
          const many = yield* ask(
            "/events",
            post([
              {
                user_idx: 2,
                item_idx: 5,
                event_type: "purchase",
                quantity: 3,
                timestamp: 31_536_017.5,
                event_id: "mine",
              },
              { user_id: "newcomer", item_id: "brand new", event_type: "add_to_cart", price: 3 },
            ]),
          );
          expect(many.body).toMatchObject({
            accepted: 2,
            event_ids: ["mine", expect.stringMatching(/^[0-9a-f-]{36}$/)],
          });
          expect(shop.appended.slice(1).map(({ event }) => event)).toMatchObject([
            { userId: "u2", itemId: "0100000005", quantity: 3, timestamp: 31_536_017.5, eventId: "mine" },
            { userId: "newcomer", itemId: "brand new", eventType: "add_to_cart" },
          ]);
          expect(decodeToken(String(many.body.token))).toEqual({
            log: "shop",
            positions: [
              { partition: 0, offset: 0n },
              { partition: 2, offset: 1n },
            ],
          });
          const early = yield* ask(`/recommend/u2?after=${accepted.token}`);
          expect(early.body.caught_up).toBe(false);
          shop.positions.set("a/2", 1n);
          expect((yield* ask(`/recommend/u2?after=${accepted.token}`)).body.caught_up).toBe(true);
          expect((yield* ask("/recommend/u2")).body).not.toHaveProperty("caught_up");
        }),
      { WAIT_AFTER: "30 millis" },
    ),
  );

  it.live("takes the id of an answer, whole and no other text", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const id = String((yield* ask("/recommend/u1?k=50")).body.recommendation_id);
        expect((yield* ask("/events", post({ ...click, recommendation_id: id }))).status).toBe(202);
        expect(shop.appended[0].event.recommendationId).toBe(id);
        const cut = { ...click, recommendation_id: id.slice(0, -1) };
        const refused = yield* ask("/events", post([click, cut]));
        expectProblem(refused, 400);
        expect(refused.body.errors).toEqual([
          {
            field: "[1].recommendation_id",
            value: `${id.slice(0, 100)}…`,
            detail: "send the recommendation_id of an answer as it stands there, or nothing",
          },
        ]);
        expect(shop.appended).toHaveLength(1);
      }),
    ),
  );

  it.live("accepts nothing of a list with a wrong event, and names every fault", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const tomorrow = Date.now() / 1000 + 2 * 86_400;
        const cases: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
          [{ ...click, event_type: "stare" }, ["event_type"]],
          [{ user_id: "u1", item_id: "1" }, ["event_type"]],
          [{ event_type: "click" }, ["user_id", "item_id"]],
          [{ ...click, quantity: 0, timestamp: -1 }, ["timestamp", "quantity"]],
          [{ ...click, quantity: 1.5 }, ["quantity"]],
          [{ ...click, quantity: "2" }, ["quantity"]],
          [{ ...click, timestamp: tomorrow }, ["timestamp"]],
          [{ ...click, timestamp: 0 }, ["timestamp"]],
          [{ ...click, timestamp: 31_535_999.9 }, ["timestamp"]],
          [{ ...click, event_id: "x".repeat(129) }, ["event_id"]],
          [{ ...click, user_id: 7 }, ["user_id"]],
          [{ ...click, user_id: "a\u0000b" }, ["user_id"]],
          [{ ...click, item_id: "" }, ["item_id"]],
          [{ ...click, user_id: "NULL" }, ["user_id"]],
          [{ ...click, item_id: "nan" }, ["item_id"]],
          [{ ...click, recommendation_id: "of no answer" }, ["recommendation_id"]],
          [{ ...click, recommendation_id: "x".repeat(513) }, ["recommendation_id"]],
          [{ ...click, recommendation_id: null }, ["recommendation_id"]],
          [
            [click, { ...click, quantity: 1001 }, 5],
            ["[1].quantity", "[2]"],
          ],
          [[], ["body"]],
          [Array.from({ length: 10_001 }, () => click), ["body"]],
          [null, ["body"]],
          ["text", ["body"]],
        ];
        for (const [body, fields] of cases) {
          const reply = yield* ask("/events", post(JSON.stringify(body)));
          expectProblem(reply, 400);
          expect([...fieldsOf(reply)].sort(), reply.text).toEqual([...fields].sort());
        }
        expectProblem(
          yield* ask("/events", post({ ...click, event_type: "stare" })),
          400,
          /click, add_to_cart, purchase/,
        );
        expectProblem(yield* ask("/events", post('{"user_id": ')), 400, /JSON/);
        expectProblem(yield* ask("/events", post("")), 400, /JSON/);
        expect(shop.appended).toEqual([]);
      }),
    ),
  );

  it.live("takes UTF-8, with or without a byte order mark, and nothing else, however the body is sent", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const bytes = (user: string, encoding: BufferEncoding = "utf8") =>
          Buffer.from(JSON.stringify({ ...click, user_id: user }), encoding);
        const mark = Buffer.from([0xef, 0xbb, 0xbf]);
        const cut = Buffer.from(bytes("aé").filter((byte) => byte !== 0xa9));
        const bodies: ReadonlyArray<readonly [Buffer, string | undefined]> = [
          [bytes("Jürgen 語 😀"), "Jürgen 語 😀"],
          [Buffer.concat([mark, bytes("Jürgen")]), "Jürgen"],
          [bytes("\ufffd"), "\ufffd"],
          [bytes("a\ufeffb"), "a\ufeffb"],
          [bytes("Jürgen", "latin1"), undefined],
          [cut, undefined],
          [Buffer.concat([mark, mark, bytes("a")]), undefined],
          [Buffer.from(`\ufeff${bytes("a")}`, "utf16le"), undefined],
          [Buffer.from([...bytes("a").subarray(0, 12), 0xed, 0xa0, 0x80, ...bytes("a").subarray(12)]), undefined],
        ];
        for (const [body, user] of bodies) {
          for (const chunked of [false, true]) {
            const before = shop.appended.length;
            const sent = chunked ? new Blob([new Uint8Array(body)]).stream() : new Uint8Array(body);
            const reply = yield* ask("/events", { ...post(""), body: sent, duplex: "half" } as RequestInit);
            if (user === undefined) {
              expectProblem(reply, 400, /UTF-8|JSON/);
              expect(shop.appended.length).toBe(before);
            } else {
              expect(reply.status).toBe(202);
              expect(shop.appended.at(-1)?.key).toBe(user);
            }
          }
        }
        const latin = yield* ask("/events", { ...post(""), body: new Uint8Array(bytes("Jürgen", "latin1")) });
        expectProblem(latin, 400, /send JSON text in UTF-8/);
        expect(fieldsOf(latin)).toEqual(["body"]);
        expectProblem(yield* ask("/events?dry_run=1", post(click)), 400, /there is no such parameter/);
      }),
    ),
  );

  it.live("answers 404 for an unknown index, 413, 415 and 503, and keeps nothing", () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          const unknown = yield* ask("/events", post([click, { user_idx: 99, item_idx: 10_000, event_type: "click" }]));
          expectProblem(unknown, 404);
          expect(fieldsOf(unknown)).toEqual(["[1].user_idx", "[1].item_idx"]);
          const large = JSON.stringify({ ...click, padding: "x".repeat(3000) });
          expectProblem(yield* ask("/events", post(large)), 413, /MAX_BODY_BYTES/);
          const chunked = new Blob([large]).stream();
          const init = { ...post(""), body: chunked, duplex: "half" } as RequestInit;
          expectProblem(yield* ask("/events", init), 413, /2048/);
          expectProblem(yield* ask("/events", post(click, { "content-type": "text/plain" })), 415, /application\/json/);
          for (const type of ["application/json", "application/x-ndjson", "application/cloudevents+json"]) {
            const compressed = post(click, { "content-type": type, "content-encoding": "gzip" });
            expectProblem(
              yield* ask("/events", compressed),
              415,
              /compressed \(content-encoding: gzip\): send it as it is/,
            );
          }
          shop.control.down.add("log");
          const refused = yield* ask("/events", post(click));
          expectProblem(refused, 503, /Try again/);
          expect(refused.headers.get("retry-after")).toBe("1");
          yield* shop.serve(undefined);
          expect(shop.appended).toEqual([]);
          shop.control.down.delete("log");
          const small = new Blob([JSON.stringify(click)]).stream();
          expect((yield* ask("/events", { ...post(""), body: small, duplex: "half" } as RequestInit)).status).toBe(202);
        }),
      { MAX_BODY_BYTES: "2048" },
    ),
  );

  it.live("looks all users of a list up at once, each once, and none that a name was given for", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const act = (user: Readonly<Record<string, unknown>>) => ({ ...user, item_idx: 1, event_type: "click" });
        const users = [{ user_idx: 3 }, { user_idx: 1 }, { user_id: "u0", user_idx: 4 }, { user_idx: 3 }];
        const reply = yield* ask("/events", post(users.map(act)));
        expect(reply.status).toBe(202);
        expect(shop.appended.map(({ event }) => event.userId)).toEqual(["u3", "u1", "u0", "u3"]);
        expect(shop.control.idReads).toEqual([[3, 1]]);
        expect((yield* ask("/events", post(act({ user_id: "u1" })))).status).toBe(202);
        shop.control.down.add("users");
        expect((yield* ask("/events", post(act({ user_id: "u1" })))).status).toBe(202);
        expectProblem(yield* ask("/events", post(act({ user_idx: 1 }))), 503, /send user_id/);
        expect(shop.control.idReads).toHaveLength(1);
        yield* shop.serve(undefined);
      }),
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
                .record({
                  user_id: fc.jsonValue(),
                  item_id: fc.jsonValue(),
                  event_type: fc.jsonValue(),
                  quantity: fc.jsonValue(),
                })
                .map((v) => JSON.stringify(v)),
              fc.constant(`${"[".repeat(50_000)}${"]".repeat(50_000)}`),
            ),
            async (body) => {
              const reply = await Effect.runPromise(ask("/events", post(body)));
              if (reply.status !== 202) expectProblem(reply, 400);
            },
          ),
          { numRuns: 80 },
        ),
      ),
    ),
  );
});

/** The other forms in which POST /events takes events: lines, CloudEvents, and lists of which wrong ones are passed over. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import * as fc from "fast-check";
import { EventsAnswer } from "../../src/http/api/Events.ts";
import { expectProblem, fieldsOf, inShop, post } from "./Served.ts";

const click = { user_id: "u1", item_id: "0100000003", event_type: "click" };
const lines = { "content-type": "application/x-ndjson; charset=utf-8" };
const cloud = { "content-type": "application/cloudevents+json" };
const clouds = { "content-type": "application/cloudevents-batch+json" };
const envelope = { specversion: "1.0", id: "7", source: "/shop", type: "com.example.click" };
const data = { user_id: "u1", item_id: "0100000003" };

describe("POST /events", () => {
  it.live("takes lines of JSON, and names the line where one is wrong", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const text = `${JSON.stringify(click)}\r\n\n${JSON.stringify({ ...click, user_id: "u2" })}`;
        const taken = yield* ask("/events", post(text, lines));
        expect(taken.status).toBe(202);
        expect(shop.appended.map(({ key }) => key)).toEqual(["u1", "u2"]);
        const wrong = yield* ask("/events", post(`${JSON.stringify(click)}\n{"a":\n{"event_type":"click"}\n`, lines));
        expectProblem(wrong, 400);
        expect(fieldsOf(wrong)).toEqual(["line 2", "line 3.user_id", "line 3.item_id"]);
        expectProblem(yield* ask("/events", post("\n \n", lines)), 400, /1 to 10000/);
        expect(shop.appended).toHaveLength(2);
      }),
    ),
  );

  it.live("passes over wrong ones where it is asked to, and tells what became of each", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const body = [
          { ...click, event_id: "one" },
          { ...click, event_type: "stare" },
          { ...click, user_id: undefined, user_idx: 99 },
          { ...click, event_id: "four" },
        ];
        const reply = yield* ask("/events?on_error=skip", post(body));
        expect(reply.status).toBe(202);
        const answer = Schema.decodeUnknownSync(EventsAnswer, { onExcessProperty: "error" })(reply.body);
        expect(answer).toMatchObject({ accepted: 2, rejected: 2, event_ids: ["one", "four"] });
        expect(answer.results).toMatchObject([
          { event_id: "one" },
          { errors: [{ field: "[1].event_type", value: "stare" }] },
          { errors: [{ field: "[2].user_idx", value: 99 }] },
          { event_id: "four" },
        ]);
        expect(shop.appended.map(({ event }) => event.eventId)).toEqual(["one", "four"]);
        expectProblem(yield* ask("/events?on_error=skip", post([{ ...click, event_type: "stare" }])), 400);
        expectProblem(yield* ask("/events?on_error=skip", post([{ ...click, user_id: undefined, user_idx: 99 }])), 404);
        expectProblem(yield* ask("/events?on_error=ignore", post([click])), 400, /refuse or skip/);
        expect(shop.appended).toHaveLength(2);
      }),
    ),
  );

  it.live("accepts of any list what is right, in its order", () =>
    inShop((ask, shop) =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (rights) => {
            const before = shop.appended.length;
            const body = rights.map((isRight, i) => ({
              ...click,
              event_id: `e${i}`,
              ...(isRight ? {} : { quantity: 0 }),
            }));
            const wanted = rights.flatMap((isRight, i) => (isRight ? [`e${i}`] : []));
            const reply = await Effect.runPromise(ask("/events?on_error=skip", post(body)));
            expect(reply.status).toBe(wanted.length === 0 ? 400 : 202);
            expect(shop.appended.slice(before).map(({ event }) => event.eventId)).toEqual(wanted);
            if (wanted.length > 0) {
              const results = reply.body.results as ReadonlyArray<object>;
              expect(results.map((result) => "event_id" in result)).toEqual(rights);
            }
          }),
          { numRuns: 30 },
        ),
      ),
    ),
  );

  it.live("takes CloudEvents: one, several, or with headers for the envelope", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const time = "2020-09-22T12:00:00.5+02:00";
        expect((yield* ask("/events", post({ ...envelope, time, data }, cloud))).status).toBe(202);
        const full = { ...data, event_type: "purchase", event_id: "mine", timestamp: 1_600_000_000, quantity: 2 };
        const several = [
          { ...envelope, id: "x".repeat(200), type: "add_to_cart", data },
          { ...envelope, data: full },
        ];
        expect((yield* ask("/events", post(several, clouds))).status).toBe(202);
        const headers = { "ce-specversion": "1.0", "ce-id": "9", "ce-source": "/caf%C3%A9", "ce-type": "click" };
        expect((yield* ask("/events", post(data, headers))).status).toBe(202);
        expect(shop.appended.map(({ event }) => event)).toMatchObject([
          { userId: "u1", eventType: "click", eventId: "/shop 7", timestamp: 1_600_768_800.5 },
          { eventType: "add_to_cart", eventId: expect.stringMatching(/^[\da-f]{64}$/) },
          { eventType: "purchase", eventId: "mine", timestamp: 1_600_000_000, quantity: 2 },
          { eventType: "click", eventId: "/café 9" },
        ]);
      }),
    ),
  );

  it.live("says what is wrong with a CloudEvent, in the envelope or in its data", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const cases: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
          [{}, ["specversion", "id", "source", "type", "data"]],
          [{ ...envelope, specversion: "0.3", data }, ["specversion"]],
          [{ ...envelope, time: "yesterday", data }, ["time"]],
          [{ ...envelope, data: "text" }, ["data"]],
          [{ ...envelope, type: "com.example.stare", data }, ["data.event_type"]],
          [{ ...envelope, data: { item_id: "1", quantity: 0 } }, ["data.user_id", "data.quantity"]],
          ["text", ["body"]],
        ];
        for (const [body, fields] of cases) {
          const reply = yield* ask("/events", post(JSON.stringify(body), cloud));
          expectProblem(reply, 400);
          expect([...fieldsOf(reply)].sort(), reply.text).toEqual([...fields].sort());
        }
        const second = yield* ask(
          "/events",
          post(
            [
              { ...envelope, data },
              { ...envelope, data: {} },
            ],
            clouds,
          ),
        );
        expect([...fieldsOf(second)].sort()).toEqual(["[1].data.item_id", "[1].data.user_id"]);
        expect(shop.appended).toEqual([]);
      }),
    ),
  );
});

import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { makeShop } from "../serving/Shop.ts";
import { everyRole, everyType } from "../support/EventTypes.ts";
import { expectProblem, fieldsOf, inShop, post, served } from "./Served.ts";

const event = { user_id: "u1", item_id: "0100000003" };

describe("the API of a shop that names its own types of events", () => {
  it.live("takes each of them and no other, and its document names them", () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          const all = everyType.names.map((event_type) => ({ ...event, event_type }));
          expect((yield* ask("/events", post(all))).status).toBe(202);
          expect(shop.appended.map((one) => one.event.eventType)).toEqual(everyType.names);
          for (const wrong of [{ ...event, event_type: "click" }, event]) {
            const reply = yield* ask("/events", post(wrong));
            expect(fieldsOf(reply)).toEqual(["event_type"]);
            expectProblem(reply, 400, /view, add_to_cart, purchase, sample, return, swap, dislike, impression, search/);
          }
          const { components } = (yield* ask("/openapi.json")).body as {
            components: { schemas: Record<string, { properties: Record<string, unknown> }> };
          };
          for (const schema of ["Event", "ContextItem"]) {
            expect(components.schemas[schema]?.properties.event_type).toMatchObject({ enum: everyType.names });
          }
        }),
      { EVENT_TYPES: everyRole },
    ),
  );

  it.live("passes over what the serving model does not know of a visit", () =>
    inShop(
      (ask) =>
        Effect.gen(function* () {
          const visit = (types: ReadonlyArray<string | undefined>) =>
            post({
              context: types.map((event_type, item_idx) => ({ item_idx, ...(event_type && { event_type }) })),
              k: 5,
            });
          // The model that serves was made by the default types.
          const unknown = yield* ask("/recommend", visit(["view", "dislike", "impression"]));
          expect(unknown.body).toMatchObject({ source: "trending_now" });
          const known = yield* ask("/recommend", visit([undefined, "purchase"]));
          expect(known.body).toMatchObject({ source: "personalized" });
          const { recommendations } = known.body as { recommendations: ReadonlyArray<{ item_idx: number }> };
          expect(recommendations.map(({ item_idx }) => item_idx)).not.toContain(1);
          expectProblem(yield* ask("/recommend", visit(["click"])), 400, /view, add_to_cart/);
        }),
      { EVENT_TYPES: everyRole },
    ),
  );

  it.live("takes those of the model that serves where none are set, and hints at them", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      shop.addModel("a");
      shop.addModel("b");
      shop.control.eventTypes.set("b", [
        { name: "look", weight: 0.2 },
        { name: "order", weight: 1, role: "buys" },
      ]);
      yield* served(shop, "b", (ask) =>
        Effect.gen(function* () {
          expect((yield* ask("/events", post({ ...event, event_type: "look" }))).status).toBe(202);
          expectProblem(yield* ask("/events", post({ ...event, event_type: "click" })), 400, /send one of look, order/);
          const visit = (event_type: string) => post({ context: [{ item_idx: 3, event_type }] });
          expect((yield* ask("/recommend", visit("order"))).status).toBe(200);
          expectProblem(yield* ask("/recommend", visit("click")), 400, /send one of look, order/);
          expect((yield* ask("/")).text).toContain('"event_type":"order"');
          yield* shop.serve("a");
          yield* Effect.repeat(ask("/health/ready"), { until: ({ body }) => body.model === "a" });
          expect((yield* ask("/events", post({ ...event, event_type: "click" }))).status).toBe(202);
        }),
      );
    }),
  );
});

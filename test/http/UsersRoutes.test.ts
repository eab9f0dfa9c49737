/** GET /users/{user_id}/profile and /history, POST /events/purchase, over HTTP. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { History, Profile } from "../../src/serving/users/PastSchema.ts";
import { expectProblem, fieldsOf, inShop, post, type Reply } from "./Served.ts";

const profileIn = ({ body }: Reply): Profile => Schema.decodeUnknownSync(Profile, { onExcessProperty: "error" })(body);
const historyIn = ({ body }: Reply): History => Schema.decodeUnknownSync(History, { onExcessProperty: "error" })(body);

const [click, purchase] = [0, 2];
/** Items 0, 3 and 6 are Shoes; 0 and 4 Boots; 1 a T-shirt, 2 a Scarf. */
const interactions = [
  { itemIdx: 0, type: purchase, time: 100 },
  { itemIdx: 1, type: click, time: 150 },
  { itemIdx: 3, type: purchase, time: 200 },
  { itemIdx: 4, type: purchase, time: 300.5 },
  { itemIdx: 2, type: click, time: 400 },
];
const buyer = { ...emptyUserState, bought: Uint32Array.of(0, 3, 4, 9), interactions };

describe("what a user did", () => {
  it.live("is told by the kept purchases: how many, when, of which kinds", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.users.set("a/u1", buyer);
        const profile = profileIn(yield* ask("/users/u1/profile"));
        expect(profile).toMatchObject({
          user: "u1",
          model: "a",
          total_purchases: 3,
          items_bought: 4,
          first_purchase: 100,
          last_purchase: 300.5,
          top_product_groups: [
            { name: "Shoes", purchases: 2, percentage: 66.7 },
            { name: "Garment Upper body", purchases: 1, percentage: 33.3 },
          ],
          top_product_types: [
            { name: "Boots", purchases: 2, percentage: 66.7 },
            { name: "Hat", purchases: 1, percentage: 33.3 },
          ],
        });
        expect(
          profile.recent_purchases.map(({ event_type, item_idx, timestamp }) => [item_idx, event_type, timestamp]),
        ).toEqual([
          [4, "purchase", 300.5],
          [3, "purchase", 200],
          [0, "purchase", 100],
        ]);
        expect(profile.recent_purchases[0]?.metadata).toMatchObject({
          prod_name: "a item 4",
          product_type_name: "Boots",
        });
        const short = profileIn(yield* ask("/users/1/profile?recent_limit=1&top_categories=1"));
        expect(short.recent_purchases).toEqual(profile.recent_purchases.slice(0, 1));
        expect(short.top_product_types).toEqual(profile.top_product_types.slice(0, 1));
        expect(short.total_purchases).toBe(3);
      }),
    ),
  );

  it.live("is told of a year alone, and of the newest 20, whether a batch or an event came last", () => {
    const year = 365 * 86_400;
    const bought = (times: ReadonlyArray<number>) => ({
      ...buyer,
      interactions: times.map((time, n) => ({ itemIdx: n % 5, type: purchase, time })),
    });
    const recently = Array.from({ length: 25 }, (_, n) => 2 * year + n);
    return inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.users.set("a/u1", bought([0, 1, ...recently]));
        const profile = profileIn(yield* ask("/users/u1/profile"));
        expect(profile).toMatchObject({ total_purchases: 25, first_purchase: 2 * year, last_purchase: 2 * year + 24 });
        expect(historyIn(yield* ask("/users/u1/history")).total).toBe(25);
        shop.users.set("a/u1", bought([0, ...recently.slice(0, 19)]));
        expect(profileIn(yield* ask("/users/u1/profile"))).toMatchObject({ total_purchases: 20, first_purchase: 0 });
      }),
    );
  });

  it.live("is told in full by the history, the newest first", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.users.set("a/u1", buyer);
        const history = historyIn(yield* ask("/users/u1/history"));
        expect(history).toMatchObject({ user: "u1", model: "a", total: 5 });
        expect(history.history.map(({ event_type, item_idx }) => `${event_type} ${item_idx}`)).toEqual([
          "click 2",
          "purchase 4",
          "purchase 3",
          "click 1",
          "purchase 0",
        ]);
        const newest = historyIn(yield* ask("/users/u1/history?limit=2"));
        expect(newest).toMatchObject({ total: 5, history: history.history.slice(0, 2) });
      }),
    ),
  );

  it.live("of who bought nothing has no purchases; of strangers and of who was forgotten there is nothing", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        expect(profileIn(yield* ask("/users/u2/profile"))).toMatchObject({
          total_purchases: 0,
          first_purchase: null,
          last_purchase: null,
          recent_purchases: [],
          top_product_groups: [],
        });
        // All that is left is how far the log was applied.
        shop.users.set("a/gone", { ...emptyUserState, next: new Map([[0, 7n]]) });
        for (const path of ["profile", "history"]) {
          for (const user of ["nobody", "gone", "77"]) {
            expectProblem(yield* ask(`/users/${user}/${path}`), 404, /Nothing is known of a user/);
          }
          shop.control.down.add("users");
          expectProblem(yield* ask(`/users/u1/${path}`), 503, /try again/);
          shop.control.down.clear();
        }
        const wrong = yield* ask("/users/u1/profile?recent_limit=101&top_categories=0");
        expectProblem(wrong, 400);
        expect(fieldsOf(wrong)).toEqual(["recent_limit", "top_categories"]);
        expectProblem(yield* ask("/users/u1/history?limit=161"), 400, /from 1 to 160/);
      }),
    ),
  );
});

describe("POST /events/purchase", () => {
  it.live("publishes the purchase of a user and an item that are named by index", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const reply = yield* ask("/events/purchase", post({ user_idx: 2, item_idx: 7, event_id: "mine" }));
        expect(reply.status, reply.text).toBe(202);
        expect(reply.body).toMatchObject({ accepted: 1, event_ids: ["mine"], token: expect.any(String) });
        expect(shop.appended.map(({ event }) => event)).toMatchObject([
          { userId: "u2", itemId: "0100000007", eventType: "purchase", quantity: 1 },
        ]);
        expect(
          (yield* ask("/events/purchase", post({ user_id: "new", item_id: "x", event_type: "purchase" }))).status,
        ).toBe(202);
      }),
    ),
  );

  it.live("refuses what it does not know, and everything while the log is away", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const sent = (body: unknown) => ask("/events/purchase", post(body));
        expectProblem(yield* sent({ user_idx: 99, item_idx: 7 }), 404, /user_idx/);
        expectProblem(yield* sent({ user_idx: 2, item_idx: 999 }), 404, /item_idx/);
        expectProblem(yield* sent({ user_idx: 2 }), 400, /item_id or item_idx/);
        expectProblem(yield* sent({ user_idx: -1, item_idx: 7 }), 400, /user_idx/);
        expectProblem(yield* sent({ user_idx: 2, item_idx: 7, event_type: "click" }), 400, /POST \/events/);
        expectProblem(yield* sent([{ user_idx: 2, item_idx: 7 }]), 400, /one purchase/);
        expectProblem(yield* sent("{"), 400);
        shop.control.down.add("log");
        expectProblem(yield* sent({ user_idx: 2, item_idx: 7 }), 503, /event log/);
        expect(shop.appended).toEqual([]);
      }),
    ),
  );
});

import { expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { saltedHash } from "../../src/domain/Forgotten.ts";
import { nothingShown, withShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { Held } from "../../src/http/api/Forgetting.ts";
import { salt } from "../support/MemoryForgotten.ts";
import { inShop, type Reply } from "./Served.ts";

const deletion = { method: "DELETE" };
const hash = saltedHash(salt, "anna-7");
/** Every partition beyond what the test appends. */
const caughtUp = (positions: Map<string, bigint>) => {
  for (const model of ["a", "b"]) for (let p = 0; p < 4; p++) positions.set(`${model}/${p}`, 9n);
};

const stepsOf = ({ body }: Reply): ReadonlyMap<string, string> =>
  new Map((body.steps as ReadonlyArray<{ step: string; state: string }>).map(({ state, step }) => [step, state]));

it.live("forgets a user: a word in the log, every model emptied, and a receipt that names nobody", () =>
  inShop((ask, shop) =>
    Effect.gen(function* () {
      const known = shop.users.get("a/u2") ?? emptyUserState;
      for (const model of ["a", "b"]) shop.users.set(`${model}/anna-7`, { ...known, bought: Uint32Array.of(3) });
      caughtUp(shop.positions);
      expect((yield* ask("/recommend/anna-7")).body.source).toBe("personalized");
      const told = yield* ask("/users/anna-7", deletion);
      expect(told.status).toBe(202);
      expect(told.body).toMatchObject({
        receipt: hash,
        state: "forgotten",
        kept: expect.stringContaining("shop's own files"),
      });
      expect(told.text).not.toContain("anna-7");
      expect(JSON.stringify([...shop.tombstones.values()], (_, value) => String(value))).not.toContain("anna-7");
      expect(shop.forgotten).toEqual(["anna-7"]);
      expect(shop.control.forgets).toEqual(["a/anna-7 2 1", "b/anna-7 2 1"]);
      expect((yield* ask("/recommend/anna-7")).body.source).toBe("trending_now");
      const steps = stepsOf(told);
      expect(steps.get("states")).toBe("done");
      expect(steps.get("transactions")).toBe("pending");
      expect(steps.get("event_log")).toBe("by_retention");
      expect(steps.get("store_file")).toBe("pending");

      const again = yield* ask(`/receipts/${hash}`);
      expect([again.status, again.body]).toEqual([200, told.body]);
    }),
  ),
);

it.live("takes an index for whoever has it, where no customer's id is a number", () =>
  inShop((ask, shop) =>
    Effect.gen(function* () {
      caughtUp(shop.positions);
      expect((yield* ask("/users/1/export")).body).toMatchObject({ user_id: "u1", state: { model: "a" } });
      expect((yield* ask("/users/1", deletion)).body.receipt).toBe(saltedHash(salt, "u1"));
      expect(shop.forgotten).toEqual(["u1"]);
      shop.control.down.add("users");
      expect((yield* ask("/users/1", deletion)).status).toBe(503);
    }),
  ),
);

it.live("takes an id for itself once it was forgotten, though it is the index of another", () =>
  inShop((ask, shop) =>
    Effect.gen(function* () {
      shop.users.set("a/1", { ...emptyUserState, bought: Uint32Array.of(3) });
      caughtUp(shop.positions);
      const own = saltedHash(salt, "1");
      expect((yield* ask("/users/1", deletion)).body.receipt).toBe(own);
      expect((yield* ask("/users/1/export")).body).toMatchObject({ user_id: "1", state: null });
      // Asked again, whoever has the index is not forgotten in their place.
      expect((yield* ask("/users/1", deletion)).body.receipt).toBe(own);
      expect(shop.forgotten).toEqual(["1", "1"]);
      expect((yield* ask("/recommend/u1")).body.source).toBe("personalized");
    }),
  ),
);

it.live("tells all that is held of a user, and nothing of what is forgotten", () =>
  inShop((ask, shop) =>
    Effect.gen(function* () {
      const letter = {
        log: "of before",
        consumer: "archiver",
        partition: 2,
        reason: "unknown_item",
        detail: "nobody knows it",
        appendedAt: 1,
        keptAt: 2,
        replay: undefined,
      } as const;
      const value = (user_id: string) => new TextEncoder().encode(JSON.stringify({ user_id }));
      shop.control.letters = [
        { ...letter, offset: 0n, value: value("u2") },
        { ...letter, offset: 1n, value: value("u3") },
      ];
      const state = shop.users.get("a/u2") ?? emptyUserState;
      const shown = withShown(withShown(nothingShown, 5, 1_600_000_000.5, 1), 5, 1_600_000_100, 2);
      shop.users.set("a/u2", { ...state, bought: Uint32Array.of(3), hidden: Uint32Array.of(4), shown });
      const held = yield* ask("/users/u2/export");
      expect(held.status).toBe(200);
      expect(Schema.decodeUnknownSync(Held)(held.body)).toEqual({
        user_id: "u2",
        exported_at: expect.stringMatching(/^20.*Z$/),
        state: {
          model: "a",
          history: [{ item_id: "0100000002", event_type: "click", timestamp: 0 }],
          bought: ["0100000003"],
          hidden: ["0100000004"],
          shown: [{ item_id: "0100000005", times: 2, last: 1_600_000_100 }],
          vector: Array.from(state.vector ?? []),
        },
        dead_letters: [{ reason: "unknown_item", detail: "nobody knows it", value: '{"user_id":"u2"}' }],
        customers: [],
        transactions: [],
        events: [],
      });
      caughtUp(shop.positions);
      yield* ask("/users/u2", deletion);
      expect((yield* ask("/users/u2/export")).body).toMatchObject({ state: null, dead_letters: [] });
      shop.control.damaged.add("u3");
      expect(yield* ask("/users/u3/export")).toMatchObject({
        status: 503,
        body: {
          detail: "What is stored of shopper u3 in model a cannot be decoded: run the batch, which makes a model anew.",
        },
      });
      shop.control.down.add("users");
      expect((yield* ask("/users/u2/export")).body).toMatchObject({
        status: 503,
        detail:
          "What is held cannot be told just now: a store that is needed does not answer (user states). Ask again.",
      });
    }),
  ),
);

it.live("says that a model is behind, and that it has come to the word once it has", () =>
  inShop(
    (ask, shop) =>
      Effect.gen(function* () {
        caughtUp(shop.positions);
        shop.positions.set("b/2", 0n);
        expect(stepsOf(yield* ask("/users/anna-7", deletion)).get("states")).toBe("pending");
        expect(stepsOf(yield* ask(`/receipts/${hash}`)).get("states")).toBe("pending");
        shop.positions.set("b/2", 1n);
        const emptied = shop.control.forgets.length;
        expect(stepsOf(yield* ask(`/receipts/${hash}`)).get("states")).toBe("done");
        // What the model left, coming to the word, is a key with the id.
        expect(shop.control.forgets.slice(emptied)).toEqual(["a/anna-7 2 1", "b/anna-7 2 1"]);
        expect(shop.tombstones.get(hash)?.done.states).toBeGreaterThan(1.7e9);
        // Asked again: all begins anew, under the same receipt.
        shop.positions.set("b/2", 1n);
        const again = yield* ask("/users/anna-7", deletion);
        expect(again.body.receipt).toBe(hash);
        expect(stepsOf(again).get("states")).toBe("pending");
      }),
    { WAIT_AFTER: "20 millis" },
  ),
);

it.live(
  "says that the log has let go of the user once it has, and has the store's file compacted when nothing else is left",
  () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          caughtUp(shop.positions);
          yield* ask("/users/anna-7", deletion);
          const before = shop.tombstones.get(hash);
          const place = before?.place ?? { partition: 0, offset: 0n };
          const stateOf = (step: string) => Effect.map(ask(`/receipts/${hash}`), (reply) => stepsOf(reply).get(step));
          shop.starts[place.partition] = place.offset;
          expect(yield* stateOf("event_log")).toBe("by_retention");
          shop.starts[place.partition] = place.offset + 1n;
          expect(yield* stateOf("event_log")).toBe("done");
          expect(shop.control.compactions, "the batch has removed nothing yet").toBe(0);
          shop.tombstones.set(hash, { ...before!, done: { states: 1, user_map: 1, models: 1, dead_letters: 1 } });
          expect(yield* stateOf("event_log")).toBe("done");
          expect(shop.control.compactions).toBe(1);
          expect(yield* stateOf("store_file")).toBe("pending");
          shop.control.compactedAt = shop.tombstones.get(hash)?.done.event_log;
          expect(yield* stateOf("store_file")).toBe("done");
        }),
      { RETENTION: "0 seconds" },
    ),
);

it.live("refuses what is no id or no receipt, and says 503 where the log takes nothing", () =>
  inShop((ask, shop) =>
    Effect.gen(function* () {
      expect((yield* ask("/users/NULL", deletion)).status).toBe(400);
      expect((yield* ask("/receipts/anna-7")).status).toBe(400);
      expect((yield* ask(`/receipts/${"0".repeat(64)}`)).status).toBe(404);
      shop.control.down.add("log");
      const down = yield* ask("/users/anna-7", deletion);
      expect([down.status, down.body.detail]).toEqual([503, expect.stringContaining("Ask again")]);
      expect(shop.forgotten).toEqual([]);
      shop.control.down.clear();
      caughtUp(shop.positions);
      expect(stepsOf(yield* ask("/users/anna-7", deletion)).get("states")).toBe("done");
    }),
  ),
);

/** Models over HTTP: listed, told of, put to use, deleted. */
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { type Ask, expectProblem, fieldsOf, inShop, type Reply } from "./Served.ts";

const use = { method: "POST" };
const deletion = { method: "DELETE" };
const until = (ask: Effect.Effect<Reply>, is: (reply: Reply) => boolean) => Effect.repeat(ask, { until: is });
/** Its end: the test's own limit is the patience. */
const ended = (ask: Ask, id: string) =>
  Effect.map(
    until(ask(`/models/${id}`), ({ body }) => (body.use as { ended: unknown } | null)?.ended !== null),
    ({ body }) => body.use,
  );

describe("models", () => {
  it.live("are listed, and told of, with what serves", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.ends[1] = 3n;
        shop.positions.set("b/1", 1n);
        const { body, status } = yield* ask("/models");
        expect(status).toBe(200);
        expect(body).toMatchObject({
          serving: "a",
          models: [
            { id: "a", serves: true, status: "live", rank: 8, loss: null, behind_by: 3, beyond_log: false },
            { id: "b", serves: false, behind_by: 2 },
          ],
        });
        const card = yield* ask("/models/b");
        expect(card.body).toMatchObject({
          id: "b",
          event_types: ["click", "add_to_cart", "purchase"],
          learnt_from: null,
          evidence: null,
          popularity_half_life_seconds: 86_400,
          use: null,
        });
        expect(card.body.settings).toContainEqual({ name: "ALS_RANK", value: "8", why: null });
        shop.positions.set("b/1", 9n);
        expect((yield* ask("/models/b")).body).toMatchObject({ behind_by: null, beyond_log: true });
      }),
    ),
  );

  it.live("switch over and back, though two ask at once, and serve what was chosen", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const replies = yield* Effect.all([ask("/models/b/use", use), ask("/models/b/use", use)], { concurrency: 2 });
        for (const { body, status } of replies) {
          expect(status).toBe(202);
          expect(body.model).toBe("b");
        }
        expect(yield* ended(ask, "b")).toMatchObject({ model: "b", state: "done", step: null, detail: null });
        yield* until(ask("/recommend/u1"), ({ body }) => body.model === "b");
        expect((yield* ask("/models/a/use", use)).status).toBe(202);
        yield* until(ask("/recommend/u1"), ({ body }) => body.model === "a");
      }),
    ),
  );

  it.live("tell how far one has caught up; meanwhile no other is put to use, and it is not deleted", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.ends[0] = 4n;
        shop.positions.set("b/0", 1n);
        expect((yield* ask("/models/b/use", use)).body).toMatchObject({ state: "running", ended: null });
        const step = { name: "replaying events", done: 2, of: 3, unit: "events" };
        yield* until(ask("/models/b"), ({ body }) => (body.use as { step: unknown }).step !== null);
        shop.positions.set("b/0", 3n);
        const at = yield* until(ask("/models/b"), ({ text }) => text.includes('"done":2'));
        expect(at.body.use).toMatchObject({ state: "running", step });
        expectProblem(yield* ask("/models/a/use", use), 409, /Model b is on its way.*GET \/models\/b/);
        expectProblem(yield* ask("/models/b", deletion), 409, /on its way/);
        expect((yield* ask("/models")).body.serving).toBe("a");
        shop.positions.set("b/0", 4n);
        expect(yield* ended(ask, "b")).toMatchObject({ state: "done" });
      }),
    ),
  );

  it.live("stay as they were where one cannot be used, and say why", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        shop.ends[0] = 4n;
        shop.catalogues.delete("b");
        expect((yield* ask("/models/b/use", use)).status).toBe(202);
        expect(yield* ended(ask, "b")).toMatchObject({ state: "failed", detail: "there is no model b" });
        shop.control.down.add("log");
        expectProblem(yield* ask("/models"), 503, /Ask again/);
        shop.control.down.clear();
        expect((yield* ask("/models")).body.serving).toBe("a");
        shop.control.down.add("registry");
        expectProblem(yield* ask("/models/b"), 503);
        expectProblem(yield* ask("/models/b/use", use), 503);
        expectProblem(yield* ask("/models/b", deletion), 503);
      }),
    ),
  );

  it.live("are deleted, but for the one that serves", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        expectProblem(yield* ask("/models/a", deletion), 409, /Model a serves: put another to use first/);
        expect((yield* ask("/models/b", deletion)).status).toBe(204);
        expect(shop.dropped).toEqual(["b"]);
        const again = yield* ask("/models/b", deletion);
        expectProblem(again, 404, /GET \/models lists, such as a/);
        expect(fieldsOf(again)).toEqual(["model_id"]);
        expectProblem(yield* ask("/models/b/use", use), 404);
        expectProblem(yield* ask("/models/b%20c"), 400, /whole id/);
        expect((yield* ask("/models")).body.models).toHaveLength(1);
      }),
    ),
  );
});

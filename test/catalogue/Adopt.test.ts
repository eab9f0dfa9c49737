import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, TestClock } from "effect";
import * as Adopt from "../../src/catalogue/Adopt.ts";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { Catalogue } from "../../src/ports/Catalogue.ts";
import { makeShop, type Shop } from "../serving/Shop.ts";

const idOf = (itemIdx: number): string => String(100_000_000 + itemIdx).padStart(10, "0");

const layerOf = (shop: Shop) =>
  LiveCatalogue.layer.pipe(Layer.provideMerge(Adopt.layer), Layer.provideMerge(shop.layer));

const shopOf = (...models: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(2500);
    for (const model of models) shop.addModel(model);
    const last = models.at(-1);
    if (last !== undefined) yield* shop.serve(last);
    return shop;
  });

describe("A catalogue that is younger than the models", () => {
  it.scoped("has the items of the newest before anything else is said, each with a word that any other wins over", () =>
    Effect.gen(function* () {
      const shop = yield* shopOf("old", "new");
      const available = new Uint8Array(2500).fill(1);
      available[7] = 0;
      shop.catalogues.set("new", { ...shop.catalogues.get("new")!, available });
      yield* Effect.gen(function* () {
        const live = yield* LiveCatalogue;
        const [put] = yield* live.change([{ itemId: "first told", kind: "replace", fields: { title: "New" } }]);
        expect(put?.itemIdx).toBe(2500);
        yield* live.whenReady;
        expect(live.size()).toBe(2501);
        expect([live.idOf(0), live.idOf(2499)]).toEqual([idOf(0), idOf(2499)]);
        expect(live.itemOf(3)).toEqual({
          itemId: idOf(3),
          itemIdx: 3,
          title: "new item 3",
          available: true,
          validFrom: undefined,
          validUntil: undefined,
          attributes: {
            product_type_name: "Hat",
            product_group_name: "Shoes",
            graphical_appearance_name: "Solid",
            index_group_name: "Ladieswear",
          },
          changedAt: 0,
        });
        // The model that serves tells.
        expect([live.isOpen(6, 0), live.isOpen(7, 0)]).toEqual([true, undefined]);
        yield* live.change([{ itemId: idOf(7), kind: "patch", at: 0, fields: { available: true } }]);
        expect(live.isOpen(7, 0)).toBe(true);
      }).pipe(Effect.provide(layerOf(shop)));
    }),
  );

  it.scoped("waits for the models' store, and refuses changes until then", () =>
    Effect.gen(function* () {
      const shop = yield* shopOf("a");
      shop.control.down.add("registry");
      yield* Effect.gen(function* () {
        const live = yield* LiveCatalogue;
        const refused = yield* Effect.flip(live.change([{ itemId: "x", kind: "replace", fields: {} }]));
        expect(refused.reason).toBe("Unavailable");
        expect(live.isReady()).toBe(false);
        shop.control.down.delete("registry");
        yield* TestClock.adjust("1 minute");
        yield* live.whenReady;
        expect(live.size()).toBe(2500);
      }).pipe(Effect.provide(layerOf(shop)));
    }),
  );

  it.scoped(
    "stays as it is where it has the items, where another order of indices was given, and where there is no model",
    () =>
      Effect.gen(function* () {
        const shop = yield* shopOf("a");
        yield* shop.catalogue.service.allot(["another", idOf(0)]);
        yield* Effect.gen(function* () {
          const live = yield* LiveCatalogue;
          yield* live.whenReady;
          expect([live.size(), live.idOf(0)]).toEqual([2, "another"]);
          expect((yield* (yield* Catalogue).allot(["x"]))[0]).toBe(2);
        }).pipe(Effect.provide(layerOf(shop)));
        const none = yield* shopOf();
        const size = Effect.flatMap(LiveCatalogue, (live) => Effect.as(live.whenReady, live.size()));
        expect(yield* Effect.provide(size, layerOf(none))).toBe(0);
      }),
  );

  it.scoped("has them again where its store lost them, before another change is taken", () =>
    Effect.gen(function* () {
      const shop = yield* shopOf("a");
      yield* Effect.gen(function* () {
        const live = yield* LiveCatalogue;
        yield* live.whenReady;
        yield* live.change([{ itemId: "put", kind: "replace", fields: {} }]);
        yield* Effect.repeatN(Effect.yieldNow(), 50);
        yield* shop.catalogue.lose;
        yield* Effect.repeatN(Effect.yieldNow(), 200);
        const [again] = yield* live.change([{ itemId: "put later", kind: "replace", fields: {} }]);
        expect(again?.itemIdx).toBe(2500);
        yield* Effect.repeatN(Effect.yieldNow(), 50);
        expect([live.size(), live.idOf(2499), live.isOpen(2499, 0)]).toEqual([2501, idOf(2499), true]);
        expect([live.idxOf("put"), live.idOf(2500)]).toEqual([undefined, "put later"]);
      }).pipe(Effect.provide(layerOf(shop)));
    }),
  );
});

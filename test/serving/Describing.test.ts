import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Logger } from "effect";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import * as Describing from "../../src/serving/Describing.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";
import { settings } from "../http/Served.ts";
import { makeShop } from "./Shop.ts";

const turns = Effect.repeatN(Effect.yieldNow(), 200);

describe("Describing", () => {
  it.scoped("tells the index of all items for each model that comes to serve, and of each change", () =>
    Effect.gen(function* () {
      const shop = yield* makeShop();
      shop.addModel("a");
      shop.addModel("b");
      yield* shop.catalogue.service.change([{ itemId: "x", kind: "replace", fields: {} }]);
      yield* shop.serve("a");
      yield* Layer.build(
        Describing.layer.pipe(
          Layer.provide(ServingModel.layer),
          Layer.provide(LiveCatalogue.layer),
          Layer.provide([shop.layer, settings(), Logger.remove(Logger.defaultLogger)]),
        ),
      );
      yield* turns;
      expect(shop.described).toEqual([["a", "x"]]);
      yield* shop.catalogue.service.change([{ itemId: "y", kind: "replace", fields: {} }]);
      yield* turns;
      expect(shop.described.splice(0)).toEqual([
        ["a", "x"],
        ["a", "y"],
      ]);
      yield* shop.serve("b");
      yield* turns;
      yield* shop.catalogue.service.change([{ itemId: "y", kind: "remove" }]);
      yield* turns;
      expect(shop.described).toEqual([
        ["b", "x"],
        ["b", "y"],
        ["b", "y"],
      ]);
    }),
  );
});

import { expect, it } from "@effect/vitest";
import { Chunk, Effect, Fiber, Layer, Stream, TestClock } from "effect";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { Live, mostConsoles } from "../../../src/serving/live/Live.ts";
import { Models } from "../../../src/serving/Models.ts";
import { makeShop, type Shop } from "../Shop.ts";

const noModels = Layer.succeed(Models, {
  list: Effect.succeed([]),
  card: () => Effect.dieMessage("not asked"),
  use: () => Effect.dieMessage("not asked"),
  underWay: () => undefined,
  remove: () => Effect.dieMessage("not asked"),
});

const inShop = <A, E>(use: (shop: Shop) => Effect.Effect<A, E, Live>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    yield* shop.serve("a");
    const layer = Live.layer.pipe(Layer.provide([LiveCatalogue.layer, noModels]), Layer.provide(shop.layer));
    return yield* Effect.provide(use(shop), layer);
  });

const second = TestClock.adjust("1 second");

it.effect("looks once a second for all consoles together, and not at all without any", () =>
  inShop(({ control }) =>
    Effect.gen(function* () {
      const { watch } = yield* Live;
      yield* Effect.repeatN(second, 10);
      expect(control.endReads).toBe(0);
      const consoles = yield* Effect.forEach(Array.from({ length: 20 }), () =>
        Effect.fork(Stream.runCollect(Stream.unwrap(watch(3)))),
      );
      yield* Effect.repeatN(second, 4);
      for (const console of consoles) {
        const text = Chunk.join(yield* Fiber.join(console), "");
        expect(text.match(/^event: state$/gm)).toHaveLength(3);
      }
      const looked = control.endReads;
      expect(looked).toBeLessThanOrEqual(5);
      yield* Effect.repeatN(second, 10);
      expect(control.endReads).toBeLessThanOrEqual(looked + 1);
    }),
  ),
);

it.effect("begins anew after a while without consoles, and compares with no second of long ago", () =>
  inShop(() =>
    Effect.gen(function* () {
      const { watch } = yield* Live;
      const once = Effect.map(Stream.runCollect(Stream.unwrap(watch(1))), (texts) => Chunk.join(texts, ""));
      expect(yield* once).toContain('"appended":null');
      yield* Effect.repeatN(second, 10);
      const later = yield* Effect.fork(once);
      yield* second;
      expect(yield* Fiber.join(later)).toContain('"appended":null');
    }),
  ),
);

it.effect("has room for so many consoles", () =>
  inShop(() =>
    Effect.gen(function* () {
      const { end, watch } = yield* Live;
      const opened = yield* Effect.forEach(Array.from({ length: mostConsoles }), () =>
        Effect.fork(Stream.runDrain(Stream.unwrap(watch()))),
      );
      yield* second;
      expect(yield* Effect.flip(watch())).toMatchObject({ _tag: "NotNow" });
      yield* end;
      yield* Fiber.joinAll(opened);
      yield* watch();
    }),
  ),
);

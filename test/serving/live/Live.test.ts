import { text } from "node:stream/consumers";
import { expect, it } from "@effect/vitest";
import { Effect, Fiber, Layer, TestClock } from "effect";
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

/** All that is told. */
const told = (states?: number) =>
  Effect.gen(function* () {
    const { watch } = yield* Live;
    const texts = yield* watch(states);
    return yield* Effect.promise(() => text(texts));
  }).pipe(Effect.scoped);

/** So that streams of Node have their turn, too. */
const second = Effect.zipRight(
  TestClock.adjust("1 second"),
  Effect.promise(() => new Promise((resolve) => setImmediate(resolve))),
);

it.effect("looks once a second for all consoles together, and not at all without any", () =>
  inShop(({ control }) =>
    Effect.gen(function* () {
      yield* Effect.repeatN(second, 10);
      expect(control.endReads).toBe(0);
      const consoles = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.fork(told(3)));
      yield* Effect.repeatN(second, 4);
      for (const console of consoles) {
        expect((yield* Fiber.join(console)).match(/^event: state$/gm)).toHaveLength(3);
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
      const once = told(1);
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
      const opened = yield* Effect.forEach(Array.from({ length: mostConsoles }), () => Effect.fork(told()));
      yield* second;
      expect(yield* Effect.flip(Effect.scoped(watch()))).toMatchObject({ _tag: "NotNow" });
      yield* end;
      yield* Fiber.joinAll(opened);
      expect(yield* told()).toMatch(/^retry: 2000\n\nevent: state\n.*\n\n$/);
    }),
  ),
);

it.effect("tells how the partitions of a model are while the registry is away, too", () =>
  inShop(({ control }) =>
    Effect.gen(function* () {
      const console = yield* Effect.fork(told(3));
      yield* second;
      control.down.add("registry");
      yield* Effect.repeatN(second, 3);
      const states = (yield* Fiber.join(console)).match(/^data: \{.*$/gm) ?? [];
      const last = JSON.parse(states.at(-1)?.slice("data: ".length) ?? "");
      expect(last.models.serving).toBe("a");
      expect(last.groups).toContainEqual(expect.objectContaining({ role: "updater", model: "a", serves: true }));
    }),
  ),
);

it.effect("tells of the partitions that there were while the log is away, however long nobody looked", () =>
  inShop(({ control }) =>
    Effect.gen(function* () {
      const first = yield* Effect.fork(told(1));
      yield* second;
      yield* Fiber.join(first);
      yield* Effect.repeatN(second, 10);
      control.down.add("log");
      const later = yield* Effect.fork(told(1));
      yield* second;
      const text = yield* Fiber.join(later);
      const { events, groups } = JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? "");
      expect(events.lag).toBeNull();
      expect(groups[0].partitions.length).toBeGreaterThan(0);
      for (const { lag } of groups[0].partitions) expect(lag).toBeNull();
    }),
  ),
);

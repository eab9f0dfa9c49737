import { expect, it } from "@effect/vitest";
import { Context, Effect, Layer, Stream, TestClock } from "effect";
import { describe, vi } from "vitest";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { Catalogue, type ItemChange } from "../../src/ports/Catalogue.ts";
import { makeMemoryCatalogue } from "../support/MemoryCatalogue.ts";

const replace = (itemId: string, fields: Record<string, string | number | boolean> = {}): ItemChange => ({
  itemId,
  kind: "replace",
  fields,
});

const setUp = Effect.gen(function* () {
  const store = yield* makeMemoryCatalogue;
  /** Another process. */
  const start = Effect.map(Layer.build(Layer.provide(LiveCatalogue.layer, store.layer)), (context) =>
    Context.get(context, LiveCatalogue),
  );
  return { store, start };
});

const turns = Effect.repeatN(Effect.yieldNow(), 50);

describe("the live catalogue", () => {
  it.scoped("knows what was there when it began, with ids and indices", () =>
    Effect.gen(function* () {
      const { start, store } = yield* setUp;
      yield* store.service.allot(["a"]);
      yield* store.service.change([replace("b", { title: "Strap top", "attributes.price": 9 })]);
      const live = yield* start;
      yield* live.whenReady;
      expect([live.size(), live.number()]).toEqual([2, 2]);
      expect([live.idOf(0), live.idOf(1), live.idOf(2)]).toEqual(["a", "b", undefined]);
      expect([live.idxOf("a"), live.idxOf("b"), live.idxOf("c")]).toEqual([0, 1, undefined]);
      expect(live.itemOf(0)).toBeUndefined();
      expect(live.itemOf(1)).toEqual({
        itemId: "b",
        itemIdx: 1,
        title: "Strap top",
        available: true,
        validFrom: undefined,
        validUntil: undefined,
        attributes: { price: 9 },
        changedAt: 0,
      });
      expect([live.isOpen(0, 0), live.isOpen(1, 0), live.isOpen(2, 0)]).toEqual([undefined, true, undefined]);
      expect([0, 1, 2].map(live.isSaid)).toEqual([false, true, false]);
    }),
  );

  it.scoped("knows its own changes when the call returns, and tells those who listen before", () =>
    Effect.gen(function* () {
      const { start } = yield* setUp;
      const live = yield* start;
      yield* live.whenReady;
      const told: Array<number> = [];
      const stop = live.onChange((itemIdxs) => told.push(...itemIdxs));
      yield* live.change([replace("a"), replace("b", { available: false })]);
      expect([live.isOpen(0, 0), live.isOpen(1, 0)]).toEqual([true, false]);
      expect(told).toEqual([0, 1]);
      yield* live.change([{ itemId: "a", kind: "remove" }]);
      expect([live.isOpen(0, 0), live.itemOf(0), live.idOf(0), live.isSaid(0)]).toEqual([false, undefined, "a", true]);
      yield* turns;
      expect(told).toEqual([0, 1, 0]);
      stop();
      yield* live.change([replace("a")]);
      expect([live.isOpen(0, 0), told.length]).toEqual([true, 3]);
    }),
  );

  it.scoped("follows what other processes change", () =>
    Effect.gen(function* () {
      const { start } = yield* setUp;
      const [live, other] = [yield* start, yield* start];
      yield* other.whenReady;
      yield* live.change([replace("a", { "attributes.colour": "Black" })]);
      yield* live.change([{ itemId: "a", kind: "patch", fields: { "attributes.colour": "White" } }]);
      yield* turns;
      expect(other.columns.valueOf("colour", 0)).toBe("White");
      expect(other.number()).toBe(2);
    }),
  );

  it.scoped("knows, after a standstill, all that was changed meanwhile before anybody answers", () =>
    Effect.gen(function* () {
      const { store } = yield* setUp;
      yield* store.service.change([replace("a")]);
      let followers = 0;
      // The follower hears nothing after its first page, as if what it asked before the standstill were still under way.
      const deaf = Layer.succeed(Catalogue, {
        ...store.service,
        pages: (after) =>
          followers++ === 0
            ? Stream.concat(Stream.take(store.service.pages(after), 1), Stream.never)
            : store.service.pages(after),
      });
      const live = Context.get(yield* Layer.build(Layer.provide(LiveCatalogue.layer, deaf)), LiveCatalogue);
      yield* live.whenReady;
      yield* store.service.change([{ itemId: "a", kind: "remove" }, replace("b")]);
      yield* turns;
      yield* live.current;
      expect([live.isOpen(0, 0), live.isOpen(1, 0)]).toEqual([true, undefined]);
      const now = Date.now() + 2000;
      yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(Date, "now").mockReturnValue(now)),
        (clock) => Effect.sync(() => clock.mockRestore()),
      );
      yield* live.current;
      expect([live.isOpen(0, 0), live.isOpen(1, 0), followers]).toEqual([false, true, 2]);
    }),
  );

  it.scoped("opens and closes items as their validity begins and ends, and tells of it", () =>
    Effect.gen(function* () {
      const { start } = yield* setUp;
      const live = yield* start;
      yield* live.whenReady;
      const [from, until] = ["1970-01-01T00:00:10Z", "1970-01-01T00:00:20Z"];
      yield* live.change([
        replace("a", { valid_from: from, valid_until: until }),
        replace("b", { valid_until: until }),
      ]);
      expect([0, 9_999, 10_000, 19_999, 20_000].map((now) => live.isOpen(0, now))).toEqual([
        false,
        false,
        true,
        true,
        false,
      ]);
      const told: Array<ReadonlyArray<number>> = [];
      live.onChange((itemIdxs) => told.push([...itemIdxs].sort()));
      for (const now of [9_999, 10_000, 15_000, 20_000, 30_000]) live.advance(now);
      expect(told).toEqual([[0], [0, 1]]);
    }),
  );

  it.scoped("keeps what it knew while the store is away, and catches up", () =>
    Effect.gen(function* () {
      const { start, store } = yield* setUp;
      const live = yield* start;
      yield* live.change([replace("a", { available: false })]);
      yield* store.setAway(true);
      yield* turns;
      expect((yield* Effect.flip(live.change([replace("a")]))).reason).toBe("Unavailable");
      expect(live.isOpen(0, 0)).toBe(false);
      yield* store.setAway(false);
      yield* store.service.change([replace("a"), replace("b")]);
      yield* TestClock.adjust("1 minute");
      yield* turns;
      expect([live.isOpen(0, 0), live.isOpen(1, 0)]).toEqual([true, true]);
    }),
  );

  it.scoped("is ready only once it has read the catalogue", () =>
    Effect.gen(function* () {
      const { start, store } = yield* setUp;
      yield* store.setAway(true);
      const live = yield* start;
      yield* turns;
      expect(live.isReady()).toBe(false);
      yield* store.setAway(false);
      yield* TestClock.adjust("1 minute");
      yield* live.whenReady;
      expect(live.isReady()).toBe(true);
    }),
  );

  it.scoped("forgets what a store lost, and takes in what it has then, whatever the numbers", () =>
    Effect.gen(function* () {
      const { start, store } = yield* setUp;
      const live = yield* start;
      yield* live.change([replace("a", { colour: "red" }), replace("b"), replace("c", { available: false })]);
      yield* live.change([replace("a", { colour: "blue" })]);
      yield* turns;
      const told: Array<number> = [];
      live.onChange((itemIdxs) => told.push(...itemIdxs));
      yield* store.lose;
      yield* turns;
      expect([live.idOf(0), live.idxOf("a"), live.isOpen(1, 0), live.isOpen(2, 0)]).toEqual(Array(4).fill(undefined));
      expect(told).toEqual([0, 1, 2]);
      expect([live.number(), live.columns.seen.get("colour")?.get("text")]).toEqual([0, 0]);
      // Said by another process: its number is smaller than that of what was known.
      yield* store.service.change([replace("b", { available: false }), replace("a")]);
      yield* turns;
      expect([live.idxOf("b"), live.idxOf("a"), live.isOpen(0, 0), live.isOpen(1, 0)]).toEqual([0, 1, false, true]);
      expect([live.itemOf(1)?.attributes, live.idOf(2)]).toEqual([{}, undefined]);
    }),
  );
});

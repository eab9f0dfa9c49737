import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, Layer, Stream, TestClock } from "effect";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { slotOf } from "../../src/domain/AppliedLogs.ts";
import type { Position } from "../../src/ports/EventLog.ts";
import { type Applied, makeApplied } from "../../src/serving/Applied.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";
import { settings } from "../http/Served.ts";
import { makeShop, partitions, type Shop } from "./Shop.ts";

/** A log of ten events per partition, of which model "a" has applied five. */
const inShop = <A, E>(use: (applied: Applied, shop: Shop) => Effect.Effect<A, E, ServingModel>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    shop.addModel("b");
    yield* shop.serve("a");
    for (let partition = 0; partition < partitions; partition++) {
      shop.ends[partition] = 10n;
      shop.positions.set(`a/${partition}`, 5n);
    }
    return yield* until("a").pipe(
      Effect.zipRight(makeApplied),
      Effect.flatMap((applied) => use(applied, shop)),
      Effect.provide(ServingModel.layer.pipe(Layer.provide(LiveCatalogue.layer), Layer.provideMerge(shop.layer))),
      Effect.provide(settings({ WAIT_AFTER: "200 millis", MAX_WAITERS: "100" })),
      Effect.scoped,
    );
  });

const until = (model: string | undefined) =>
  Effect.flatMap(ServingModel, ({ changes }) =>
    Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model)),
  );

const of = (...positions: ReadonlyArray<Position>) => ({ log: "shop", positions });
const at = (partition: number, offset: bigint) => of({ partition, offset });

describe("Applied", () => {
  it.effect("answers 2,000 forged tokens at once, with one look at the log's end, and lets the rest pass", () =>
    inShop((applied, shop) =>
      Effect.gen(function* () {
        shop.control.beforeEnd = Effect.sleep("3 millis");
        const forged = yield* Effect.forEach(
          Array.from({ length: 2000 }, (_, n) => at(n % (2 * partitions), 10n + BigInt(n) ** 4n)),
          (after) => Effect.fork(Effect.flip(applied(after))),
        );
        const honest = yield* Effect.fork(applied(at(1, 4n)));
        yield* TestClock.adjust("6 millis");
        expect(yield* Fiber.join(honest)).toMatchObject({ model: "a" });
        const problems = yield* Effect.forEach(forged, Fiber.join);
        expect(problems.filter(({ _tag }) => _tag === "InvalidInput").length).toBe(2000);
        expect(problems[0]).toMatchObject({
          errors: [{ field: "after", detail: expect.stringContaining("POST /events") }],
        });
        expect(shop.control.endReads).toBeLessThanOrEqual(2);
        expect(shop.control.positionReads).toBeLessThanOrEqual(partitions);
      }),
    ),
  );

  it.effect("reads each position once for all who wait, however many they are", () =>
    inShop((applied, shop) =>
      Effect.gen(function* () {
        const waiting = yield* Effect.forEach(Array.from({ length: 100 }), (_, n) =>
          Effect.fork(applied(of({ partition: n % 2, offset: 9n }, { partition: 3, offset: 2n }))),
        );
        yield* TestClock.adjust("100 millis");
        // Three partitions, every five milliseconds, and not the fourth.
        expect(shop.control.positionReads).toBeLessThanOrEqual(3 * 21);
        expect(shop.control.positionReads).toBeGreaterThan(3 * 15);
        shop.positions.set("a/0", 10n);
        yield* TestClock.adjust("10 millis");
        const half = yield* Effect.forEach(waiting, (fiber) => Fiber.poll(fiber));
        expect(half.map(({ _tag }) => _tag)).toEqual(half.map((_, n) => (n % 2 === 0 ? "Some" : "None")));
        shop.positions.set("a/1", 10n);
        yield* TestClock.adjust("10 millis");
        for (const fiber of waiting) expect(yield* Fiber.join(fiber)).toMatchObject({ model: "a" });
        const { positionReads } = shop.control;
        yield* TestClock.adjust("100 millis");
        expect(shop.control.positionReads).toBe(positionReads);
        // What is known to be applied is not read again.
        expect(yield* applied(at(0, 9n))).toMatchObject({ model: "a" });
        expect(shop.control.positionReads).toBe(positionReads);
      }),
    ),
  );

  it.effect("refuses a crowd beyond MAX_WAITERS, and takes others again when some have gone", () =>
    inShop((applied, shop) =>
      Effect.gen(function* () {
        const waiting = yield* Effect.forEach(Array.from({ length: 100 }), () => Effect.fork(applied(at(2, 7n))));
        yield* TestClock.adjust("5 millis");
        expect(yield* Effect.flip(applied(at(2, 7n)))).toMatchObject({
          _tag: "NotNow",
          message: expect.stringContaining("MAX_WAITERS"),
        });
        expect(yield* applied(at(2, 4n))).toMatchObject({ model: "a" });
        yield* Fiber.interrupt(waiting[0]);
        const next = yield* Effect.fork(applied(at(2, 7n)));
        yield* TestClock.adjust("190 millis");
        shop.positions.set("a/2", 8n);
        yield* TestClock.adjust("10 millis");
        for (const fiber of [...waiting.slice(1), next]) expect(yield* Fiber.join(fiber)).toMatchObject({ model: "a" });
      }),
    ),
  );

  it.effect("starts over with the positions of a model that takes over", () =>
    inShop((applied, shop) =>
      Effect.gen(function* () {
        const waiting = yield* Effect.fork(applied(of({ partition: 0, offset: 4n }, { partition: 1, offset: 5n })));
        yield* TestClock.adjust("10 millis");
        shop.positions.set("b/0", 3n);
        shop.positions.set("b/1", 6n);
        yield* shop.serve("b");
        yield* until("b");
        yield* TestClock.adjust("10 millis");
        expect(yield* Fiber.poll(waiting)).toMatchObject({ _tag: "None" });
        shop.positions.set("b/0", 5n);
        yield* TestClock.adjust("10 millis");
        expect(yield* Fiber.join(waiting)).toMatchObject({ model: "b" });
      }),
    ),
  );

  it.effect("looks at the positions of the token's log alone, once the model knows that log", () =>
    inShop((applied, shop) =>
      Effect.gen(function* () {
        shop.control.logs = [{ identity: "before", partitions }];
        const waiting = yield* Effect.fork(applied(at(1, 2n)));
        yield* TestClock.adjust("10 millis");
        // Offset 2 of the log before is applied, that of this log is not.
        shop.control.logs = [...shop.control.logs, { identity: "shop", partitions }];
        yield* TestClock.adjust("10 millis");
        expect(yield* Fiber.poll(waiting)).toMatchObject({ _tag: "None" });
        shop.positions.set(`a/${slotOf(1, 1)}`, 3n);
        yield* TestClock.adjust("10 millis");
        expect(yield* Fiber.join(waiting)).toMatchObject({ model: "a" });
        expect(yield* applied({ log: "before", positions: [{ partition: 1, offset: 2n }] })).toBeUndefined();
      }),
    ),
  );

  it.effect(
    "waits in vain while the log does not tell its end or the store its positions, and no longer than it may",
    () =>
      inShop((applied, shop) =>
        Effect.gen(function* () {
          shop.control.down.add("log").add("users");
          const waiting = yield* Effect.fork(applied(at(0, 99n)));
          yield* TestClock.adjust("199 millis");
          expect(yield* Fiber.poll(waiting)).toMatchObject({ _tag: "None" });
          yield* TestClock.adjust("1 millis");
          expect(yield* Fiber.join(waiting)).toBeUndefined();
          shop.control.down.clear();
          const next = yield* Effect.fork(applied(at(0, 4n)));
          yield* TestClock.adjust("5 millis");
          expect(yield* Fiber.join(next)).toMatchObject({ model: "a" });
        }),
      ),
  );
});

import { describe, expect, it } from "@effect/vitest";
import { Clock, ConfigProvider, Effect, Layer, TestClock } from "effect";
import { layer } from "../../../layers/DeadLetters/Embedded.ts";
import { layerAt, Store } from "../../../layers/engines/lmdb/Store.ts";
import { DeadLetters } from "../../../src/ports/DeadLetters.ts";
import { deadLettersContract, letter } from "../../contracts/DeadLetters.ts";
import { temporaryFolder, temporaryStore } from "../engines/lmdb/temporary.ts";

deadLettersContract("embedded", () => Layer.provide(layer, temporaryStore));

const settings = (of: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(of))));

const offsets = Effect.flatMap(DeadLetters, ({ list }) =>
  Effect.map(list(1000), (letters) => letters.map(({ offset }) => Number(offset))),
);

/** What one letter of these tests takes. */
const letterBytes = Effect.flatMap(DeadLetters, ({ append, drop, stats }) =>
  Effect.gen(function* () {
    yield* append([letter("updater-m", 0, 0n)]);
    const { bytes = 0 } = yield* stats;
    yield* drop([letter("updater-m", 0, 0n)]);
    return bytes;
  }),
);

describe("embedded dead letters", () => {
  it.scoped("go when they are too old", () =>
    Effect.gen(function* () {
      const { append, stats } = yield* DeadLetters;
      const began = (yield* Clock.currentTimeMillis) / 1000;
      yield* append([letter("updater-m", 0, 1n), letter("archiver", 0, 1n)]);
      yield* TestClock.adjust("6 hours");
      yield* append([letter("updater-m", 0, 2n)]);
      yield* TestClock.adjust("17 hours");
      expect(yield* offsets).toEqual([1, 1, 2]);
      // The next turns of the sweep; each needs a commit, which the test's clock does not move.
      yield* Effect.repeat(
        Effect.zipRight(
          TestClock.adjust("30 minutes"),
          Effect.promise(() => new Promise((done) => setTimeout(done, 20))),
        ),
        { times: 9 },
      );
      expect(yield* offsets).toEqual([2]);
      const { bytes, count, oldest } = yield* stats;
      expect([count, bytes! > 0, oldest]).toEqual([1, true, began + 6 * 3600]);
    }).pipe(Effect.provide(Layer.provide(layer, temporaryStore)), settings({ DEAD_LETTER_RETENTION: "1 day" })),
  );

  it.scoped("never take more than their bytes, the oldest going first", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const within = (bytes: number) => settings({ DEAD_LETTER_MAX_BYTES: String(bytes) });
      const opened = Layer.provide(layer, layerAt(folder));
      const size = yield* letterBytes.pipe(Effect.provide(opened), within(1e9));
      const room = 10 * size + 200;
      yield* Effect.gen(function* () {
        const { append, mark, stats } = yield* DeadLetters;
        for (let i = 1; i <= 25; i++) yield* append([letter("updater-m", 0, BigInt(i))]);
        const kept = yield* offsets;
        expect(kept.at(-1)).toBe(25);
        expect(kept).toEqual(kept.map((_, i) => 25 - kept.length + 1 + i));
        const { bytes = 0, count } = yield* stats;
        expect(count).toBe(kept.length);
        expect(bytes).toBeLessThanOrEqual(room);
        expect(bytes).toBeGreaterThan(room - 2 * size);
        yield* mark([letter("updater-m", 0, 25n)], { state: "begun", ends: [1n, 2n], begunAt: 0 });
        expect((yield* stats).bytes).toBeGreaterThan(bytes);
        yield* append(Array.from({ length: 40 }, (_, i) => letter("archiver", 1, BigInt(i))));
        expect((yield* stats).bytes).toBeLessThanOrEqual(room);
        expect((yield* offsets).at(-1)).toBe(39);
      }).pipe(Effect.provide(opened), within(room));
    }),
  );

  it.scoped("of version 0.1 are kept, and get their places in time", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const head = Buffer.from('{"reason":"undecodable","detail":"no JSON"}');
      const stored = Buffer.concat([Buffer.from([head.length, 0, 0, 0]), head, Buffer.from("{")]);
      const place = Buffer.from(
        "updater\u0000\u0000\u0000\u0000\u0003\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0007",
      );
      yield* Effect.flatMap(Store, ({ tables, write }) => write(() => tables.letters.put(place, stored))).pipe(
        Effect.provide(layerAt(folder)),
      );
      const opened = (yield* Clock.currentTimeMillis) / 1000;
      for (const _ of ["once", "again"]) {
        yield* Effect.gen(function* () {
          const { list, stats } = yield* DeadLetters;
          expect(yield* list(10)).toEqual([
            {
              log: "",
              consumer: "updater",
              partition: 3,
              offset: 7n,
              reason: "undecodable",
              detail: "no JSON",
              appendedAt: opened,
              keptAt: opened,
              replay: undefined,
              value: Buffer.from("{"),
            },
          ]);
          expect(yield* stats).toMatchObject({ count: 1, oldest: opened });
        }).pipe(Effect.provide(Layer.provide(layer, layerAt(folder))));
        yield* TestClock.adjust("1 hour");
      }
    }),
  );
});

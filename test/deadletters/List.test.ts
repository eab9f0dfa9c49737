import { expect, it } from "@effect/vitest";
import { Effect, Layer, TestClock } from "effect";
import { worded } from "../../src/deadletters/Configured.ts";
import { findLetters } from "../../src/deadletters/Described.ts";
import { dropLetters } from "../../src/deadletters/Drop.ts";
import { listLetters } from "../../src/deadletters/List.ts";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { letter } from "../contracts/DeadLetters.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { MemoryLetters } from "../support/MemoryStores.ts";

const stores = (tombstones?: Map<string, Tombstone>) =>
  Layer.merge(
    memoryForgotten(tombstones),
    Layer.sync(DeadLetters, () => new MemoryLetters().service),
  );

it.effect("dead letters are listed by event, the newest last, and dropped", () =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const all = listLetters({ reason: undefined, limit: 2 });
    expect(yield* all).toBe("no dead letters");
    yield* TestClock.setTime(Date.UTC(2026, 8, 21, 10, 15, 30));
    yield* letters.append([letter("updater-m", 0, 1n, "one"), letter("updater-m", 0, 2n, "two\u001b[2J")]);
    yield* letters.append([
      letter("archiver", 0, 2n, "two\u001b[2J"),
      { ...letter("updater-m", 3, 7n, "x".repeat(500)), reason: "unknown_item" },
    ]);
    yield* letters.mark([letter("updater-m", 3, 7n)], { state: "counted" });
    expect(yield* all).toBe(
      [
        "2026-09-21 10:15:30  undecodable  partition 0 offset 2  updater-m, archiver",
        "  event is not JSON: two\uFFFD[2J",
        "  two\uFFFD[2J",
        "2026-09-21 10:15:30  unknown_item  partition 3 offset 7  updater-m  (counted)",
        `  event is not JSON: ${"x".repeat(500)}`,
        `  ${"x".repeat(400)}… (500 bytes)`,
        "3 events given up: 2 undecodable, 1 unknown_item; 1 replayed or counted since; the last 2 are shown (--limit)",
      ].join("\n"),
    );
    expect(yield* listLetters({ reason: "unknown_type", limit: 9 })).toBe("no dead letters of reason unknown_type");
    expect(yield* dropLetters({ reason: undefined, done: true })).toBe(1);
    expect(yield* dropLetters({ reason: "unknown_item", done: false })).toBe(0);
    expect(yield* dropLetters({ reason: "undecodable", done: false })).toBe(2);
    expect(yield* letters.list(10)).toEqual([]);
  }).pipe(Effect.provide(stores())),
);

it.effect(
  "dead letters of whoever is forgotten, of before, are told no more, whether they are removed yet or not",
  () => {
    const tombstones = new Map<string, Tombstone>();
    return Effect.gen(function* () {
      const letters = yield* DeadLetters;
      const of = (user: string, offset: bigint) => letter("updater-m", 0, offset, JSON.stringify({ user_id: user }));
      yield* letters.append([of("ann", 1n), of("bob", 2n), of("ann", 9n), letter("updater-m", 0, 3n, "no JSON")]);
      const offsets = Effect.map(findLetters({ reason: undefined, limit: 1 }), ({ letters: [last], total }) => [
        total,
        last?.offset,
      ]);
      expect(yield* offsets).toEqual([4, "3"]);
      const hash = saltedHash(salt, "ann");
      const place = { log: of("ann", 0n).log, partition: 0, offset: 5n };
      tombstones.set(hash, { hash, forgottenAt: 2e9, done: { dead_letters: 1 }, place });
      const told = yield* findLetters({ reason: undefined, limit: 9 });
      expect(told.letters.map(({ offset }) => offset)).toEqual(["2", "9", "3"]);
      expect([told.total, told.byReason.get("undecodable")]).toEqual([3, 3]);
    }).pipe(Effect.provide(stores(tombstones)));
  },
);

it("a replay tells what it did, the commonest obstacle first", () => {
  expect(worded({ replayed: 0, counted: 0, unusable: new Map() })).toBe("nothing to replay");
  const unusable = new Map(Array.from({ length: 30 }, (_, i) => [`reason ${i}`, i + 1]));
  const lines = worded({ replayed: 1, counted: 2, unusable }).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "replayed 1 event",
    "2 events counted already: models were trained on them, or read them since",
    "30 events cannot be used yet: reason 29",
  ]);
  expect(lines.at(-1)).toBe("55 events more cannot be used yet");
});

/** Forgotten in memory. */
import { Effect, Layer } from "effect";
import type { Tombstone } from "../../src/domain/Forgotten.ts";
import { Forgotten } from "../../src/ports/Forgotten.ts";

export const salt = "5a".repeat(32);

export const memoryForgotten = (tombstones = new Map<string, Tombstone>()): Layer.Layer<Forgotten> =>
  Layer.succeed(Forgotten, {
    salt: Effect.succeed(salt),
    find: (hash) => Effect.sync(() => tombstones.get(hash)),
    change: (hash, change) =>
      Effect.sync(() => {
        const next = change(tombstones.get(hash));
        tombstones.set(hash, next);
        return next;
      }),
    all: Effect.sync(() => [...tombstones.values()]),
  });

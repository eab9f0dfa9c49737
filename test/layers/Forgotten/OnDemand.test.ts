/** Who is forgotten, asked of a store that is opened for each question. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Option } from "effect";
import { onDemand } from "../../../layers/Forgotten/OnDemand.ts";
import type { Tombstone } from "../../../src/domain/Forgotten.ts";
import { memoryForgotten, salt } from "../../support/MemoryForgotten.ts";

const tombstone: Tombstone = { hash: "ab", forgottenAt: 1, done: {} };

describe("onDemand", () => {
  it.effect("opens the store for each question, and closes it after it", () =>
    Effect.gen(function* () {
      const told: Array<string> = [];
      const opened = Layer.scopedDiscard(
        Effect.acquireRelease(
          Effect.sync(() => told.push("open")),
          () => Effect.sync(() => told.push("close")),
        ),
      );
      const stored = new Map([[tombstone.hash, tombstone]]);
      const service = onDemand(
        Effect.sync(() => Option.some(Layer.merge(memoryForgotten(stored), Layer.fresh(opened)))),
      );
      expect(yield* service.all).toEqual([tombstone]);
      expect(yield* service.salt).toBe(salt);
      expect(yield* service.find("ab")).toEqual(tombstone);
      expect(yield* service.change("ab", () => ({ ...tombstone, forgottenAt: 2 }))).toMatchObject({ forgottenAt: 2 });
      expect(told).toEqual(["open", "close", "open", "close", "open", "close", "open", "close"]);
    }),
  );

  it.effect("knows of nobody where there is no store, and says so where the store cannot be asked", () =>
    Effect.gen(function* () {
      const none = onDemand(Effect.succeedNone);
      expect(yield* none.all).toEqual([]);
      expect(yield* none.find("ab")).toBeUndefined();
      expect(yield* Effect.flip(none.salt)).toMatchObject({ reason: "Unavailable", message: "there is no store yet" });
      const away = onDemand(Effect.succeedSome(Layer.fail(new Error("it is away"))));
      expect(yield* Effect.flip(away.all)).toMatchObject({
        _tag: "ForgottenError",
        reason: "Unavailable",
        message: "who is forgotten cannot be told: it is away",
      });
    }),
  );
});

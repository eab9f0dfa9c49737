/** What every Forgotten promises. `layer` is empty at first. */
import { expect, it } from "@effect/vitest";
import { Effect, type Layer } from "effect";
import { placedAt, saltedHash, type Tombstone, withStep } from "../../src/domain/Forgotten.ts";
import { Forgotten } from "../../src/ports/Forgotten.ts";

const place = { log: "log/a", partition: 3, offset: 2n ** 60n };

/** `spoil` stores a text in the tombstone's place. */
export const forgottenContract = <R>(
  name: string,
  layer: () => Layer.Layer<Forgotten | R, unknown>,
  spoil: (hash: string, text: string) => Effect.Effect<unknown, unknown, R>,
): void => {
  it.layer(layer() as Layer.Layer<Forgotten | R>, { timeout: "60 seconds" })(`${name}: Forgotten`, (it) => {
    it.effect("has one salt for ever, and nobody at first", () =>
      Effect.gen(function* () {
        const forgotten = yield* Forgotten;
        const salts = yield* Effect.all([forgotten.salt, forgotten.salt, forgotten.salt], { concurrency: 3 });
        expect(salts[0]).toMatch(/^[0-9a-f]{64}$/);
        expect(new Set([...salts, yield* forgotten.salt]).size).toBe(1);
        expect(yield* forgotten.all).toEqual([]);
        expect(yield* forgotten.find(saltedHash(salts[0], "anna"))).toBeUndefined();
      }),
    );

    it.effect("keeps what was changed last, whoever changes at once", () =>
      Effect.gen(function* () {
        const forgotten = yield* Forgotten;
        const [one, other] = ["a".repeat(64), "b".repeat(64)];
        const first: Tombstone = { hash: one, forgottenAt: 7.25, done: {} };
        expect(yield* forgotten.change(one, () => first)).toEqual(first);
        const placed = yield* forgotten.change(one, (before) => placedAt(before, one, 7.5, place));
        expect(placed).toEqual({ ...first, forgottenAt: 7.5, place });
        yield* forgotten.change(other, () => ({ ...first, hash: other }));
        const steps = ["states", "events", "models", "rejected"] as const;
        yield* Effect.forEach(
          steps,
          (step, i) => forgotten.change(one, (before) => withStep(before as Tombstone, step, 100 + i)),
          { concurrency: "unbounded" },
        );
        const all = { ...placed, done: { states: 100, events: 101, models: 102, rejected: 103 } };
        expect(yield* forgotten.find(one)).toEqual(all);
        const found = yield* forgotten.all;
        expect([...found].sort((a, b) => (a.hash < b.hash ? -1 : 1))).toEqual([all, { ...first, hash: other }]);
      }),
    );

    it.effect("says that a tombstone is damaged", () =>
      Effect.gen(function* () {
        const forgotten = yield* Forgotten;
        const hash = "c".repeat(64);
        for (const text of ["", "{", '{"hash":"c"}']) {
          yield* spoil(hash, text);
          for (const asked of [forgotten.find(hash), forgotten.all]) {
            const told = yield* Effect.flip(asked as Effect.Effect<unknown, { readonly message: string }>);
            expect(told.message).toMatch(/cannot be decoded: restore the store/);
          }
        }
      }),
    );
  });
};

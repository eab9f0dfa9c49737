/** What every Popular promises. `layer` is empty at first. */
import { expect, it } from "@effect/vitest";
import { Effect, type Layer } from "effect";
import { Popular } from "../../src/ports/Popular.ts";

/** `spoil` stores a text in the list's place. */
export const popularContract = <R>(
  name: string,
  layer: () => Layer.Layer<Popular | R, unknown>,
  spoil: (text: string) => Effect.Effect<unknown, unknown, R>,
): void => {
  it.layer(layer() as Layer.Layer<Popular | R>, { timeout: "60 seconds" })(`${name}: Popular`, (it) => {
    it.effect("is unset before the first batch, then what was put last, whole", () =>
      Effect.gen(function* () {
        const popular = yield* Popular;
        expect(yield* popular.get).toBeUndefined();
        const first = {
          asOf: 1600732800.5,
          windowDays: 30,
          items: [
            { itemIdx: 4, buyers: 90 },
            { itemIdx: 1, buyers: 2 },
          ],
        };
        yield* popular.put(first);
        expect(yield* popular.get).toEqual(first);
        const second = { asOf: 1600819200, windowDays: 7, items: [] };
        yield* popular.put(second);
        expect(yield* popular.get).toEqual(second);
      }),
    );

    it.effect("says that the list is damaged, until it is put again", () =>
      Effect.gen(function* () {
        const popular = yield* Popular;
        const list = { asOf: 1600819200, windowDays: 7, items: [] };
        for (const text of ["", "{", "[]", JSON.stringify({ ...list, items: [{ itemIdx: "4" }] })]) {
          yield* spoil(text);
          const told = yield* Effect.flip(popular.get);
          expect(told._tag).toBe("PopularError");
          expect(told.message).toMatch(/cannot be decoded: run `batch popular` again/);
          yield* popular.put(list);
          expect(yield* popular.get).toEqual(list);
        }
      }),
    );
  });
};

/** What every Popular promises. `layer` is empty at first. */
import { expect, it } from "@effect/vitest";
import { Effect, type Layer } from "effect";
import { Popular } from "../../src/ports/Popular.ts";

export const popularContract = (name: string, layer: () => Layer.Layer<Popular, unknown>): void => {
  it.layer(layer() as Layer.Layer<Popular>, { timeout: "60 seconds" })(`${name}: Popular`, (it) => {
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
  });
};

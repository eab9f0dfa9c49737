import { describe, expect, it } from "@effect/vitest";
import { Effect, Either } from "effect";
import { matcherOf } from "../../src/catalogue/filter/Match.ts";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { Items } from "../../src/serving/items/Items.ts";
import { isWorded, wordedBy } from "../../src/serving/Metadata.ts";
import { conditionOf } from "../../src/serving/recommend/Eligibility.ts";
import { onShelf } from "./items/Shelf.ts";

const types = ["5", 5, "5.0", 0, -0, "0", true, "true", false, 1e21, "Shoe", "", "2026-01-05T00:00:00Z", 0.1];

describe("an item as answers word it", () => {
  it.effect("is asked for, and left out, by those words, whatever they are of", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const items = yield* Items;
        const live = yield* LiveCatalogue;
        yield* items.put("none", {});
        for (const [at, type] of types.entries())
          yield* items.put(`i${at}`, { attributes: { product_type_name: type } });
        const all = [...types.keys()].map((at) => at + 1);
        const wordsOf = (itemIdx: number) => wordedBy(live, itemIdx).product_type_name;
        expect(all.map(wordsOf)).toEqual(types.map((type) => String(type)));
        for (const words of new Set(["6", "1e21", ...all.map(wordsOf)])) {
          const has = matcherOf(isWorded("product_type_name", words), live.columns);
          expect(all.filter(has), words).toEqual(all.filter((itemIdx) => wordsOf(itemIdx) === words));
          const without = conditionOf(
            { excludeGroups: [], excludeIds: [], excludeTypes: [words] } as Parameters<typeof conditionOf>[0],
            live.columns.seen,
          );
          const where = Either.getOrThrow(without);
          if (where === undefined) return expect.fail("nothing is asked");
          expect(all.filter(matcherOf(where, live.columns)), words).toEqual(
            all.filter((itemIdx) => wordsOf(itemIdx) !== words),
          );
        }
      }),
    ),
  );
});

import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import type { ModelItems } from "../../src/ports/ItemIndex.ts";
import { makeItemIdOf } from "../../src/serving/LostZeros.ts";
import { inShop, post, type Reply } from "../http/Served.ts";

const catalogueOf = (ids: ReadonlyArray<string>) =>
  ({
    metadata: ids.map((article_id) => ({ article_id })),
    rowOf: (id: string) => [...ids, undefined].indexOf(id) + 1 || undefined,
  }) as unknown as ModelItems;

describe("An item's id without its leading zeros", () => {
  it("is the shop's where ids are numbers of one length, and no other", () => {
    const padded = makeItemIdOf(catalogueOf(["0108775015", "0000000007", "1234567890"]));
    expect(["108775015", "7", "0007", "0108775015", "8", "x7", "01234567890", ""].map(padded)).toEqual([
      "0108775015",
      "0000000007",
      "0000000007",
      "0108775015",
      "8",
      "x7",
      "01234567890",
      "",
    ]);
    for (const ids of [["007", "12"], ["100", "200"], ["007", "abc"], []]) {
      expect(makeItemIdOf(catalogueOf(ids))("7")).toBe("7");
    }
  });

  it("is the shop's though a few items are called otherwise, which stay as they are", () => {
    const own = Array.from({ length: 298 }, (_, n) => String(n + 8).padStart(10, "0"));
    const first = makeItemIdOf(catalogueOf(["test-item", "7", "0000000007", ...own.slice(0, 297)]));
    expect(["8", "7", "test-item", "9000"].map(first)).toEqual(["0000000008", "7", "test-item", "9000"]);
    const many = makeItemIdOf(catalogueOf(["test-item", "7", "77", "777", ...own.slice(0, 296)]));
    expect(many("8")).toBe("8");
  });

  it.live("is taken by the API for the item that it is", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const event = { user_id: "u1", item_id: "100000003", event_type: "click" };
        expect((yield* ask("/events", post(event))).status).toBe(202);
        expect(shop.appended.map(({ event: { itemId } }) => itemId)).toEqual(["0100000003"]);
        const ids = ({ body }: Reply) =>
          (body.recommendations as ReadonlyArray<{ readonly item_idx: number }>).map(({ item_idx }) => item_idx);
        const [first, ...rest] = ids(yield* ask("/recommend/u9?k=3"));
        const without = ids(yield* ask(`/recommend/u9?k=2&exclude_ids=${100_000_000 + (first as number)}`));
        expect(without).toEqual(rest);
      }),
    ),
  );
});

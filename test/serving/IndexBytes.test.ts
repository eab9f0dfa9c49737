import { describe, expect, it } from "@effect/vitest";
import { makeLoadedModel } from "../../layers/ItemIndex/embedded/LoadedModel.ts";
import { makeLiveItems } from "../../src/catalogue/LiveItems.ts";
import { indexBytes } from "../../src/serving/IndexBytes.ts";
import { makeServingItems } from "../../src/serving/ServingItems.ts";

/** Each of the rows follows the next `kept` ones. */
const loaded = (rows: number, rank: number, kept: number) =>
  makeLoadedModel({
    rank,
    metric: "dot",
    itemIdx: Uint32Array.from({ length: rows }, (_, row) => row),
    vectors: Float32Array.from({ length: rows * rank }, (_, at) => 1 + (at % 7)),
    metadata: Array.from({ length: rows }, (_, row) => ({
      article_id: `item ${row}`,
      prod_name: "",
      product_type_name: "",
      product_group_name: "",
      graphical_appearance_name: "",
      index_group_name: "",
    })),
    attributes: undefined,
    available: new Uint8Array(rows).fill(1),
    isNew: new Uint8Array(rows),
    buyers: new Uint32Array(rows),
    popularity: new Float32Array(rows),
    followers: {
      pointers: Uint32Array.from({ length: rows + 1 }, (_, row) => kept * row),
      items: Uint32Array.from({ length: rows * kept }, (_, at) => at % rows),
      counts: new Float64Array(rows * kept),
      totals: new Float64Array(rows),
    },
  }).catalogue;

const bytesOf = (rows: number, rank: number, kept: number): number => {
  const model = loaded(rows, rank, kept);
  return indexBytes(
    model,
    makeServingItems(model, makeLiveItems(), 0, () => expect.fail("it was not full")),
  );
};

describe("the bytes of an index", () => {
  it("grow by what each follower takes, once", () => {
    expect(bytesOf(5_000, 16, 30) - bytesOf(5_000, 16, 10)).toBe(5_000 * 20 * (4 + 8));
  });

  it("hold vectors as they are loaded, served with spare rows, and searched, with their codes", () => {
    const [less, more] = [bytesOf(5_000, 16, 0), bytesOf(5_000, 48, 0)];
    const spare = 1024;
    const wanted = 4 * (5_000 + spare) + 4 * 5_000 + (4 + 1) * 5_000;
    // Memory of the search comes in pages of 64 KiB.
    expect((more - less) / 32).toBeGreaterThan(wanted - 65_536 / 32);
    expect((more - less) / 32).toBeLessThan(1.15 * wanted);
  });

  it("hold no search of their own where it is elsewhere", () => {
    const { searchBytes, ...elsewhere } = loaded(2_000, 16, 5);
    const serving = makeServingItems(elsewhere, makeLiveItems(), 0, () => expect.fail("it was not full"));
    expect(indexBytes({ ...elsewhere, searchBytes: 12_345 }, serving)).toBe(indexBytes(elsewhere, serving) + 12_345);
    expect(searchBytes).toBeGreaterThan(2_000 * 16 * 5);
  });
});

import { describe, expect, it } from "vitest";
import { makeColumns } from "../../../src/catalogue/Columns.ts";
import { attributePrefix } from "../../../src/domain/ItemRecord.ts";
import { facetsOf } from "../../../src/serving/storefront/Facets.ts";

const columnsOf = (items: ReadonlyArray<Record<string, string | number>>) => {
  const columns = makeColumns();
  items.forEach((attributes, itemIdx) => {
    const fields = Object.entries(attributes).map(([name, value]) => [`${attributePrefix}${name}`, value]);
    columns.put(itemIdx, Object.fromEntries(fields));
  });
  return columns;
};

describe("attributes to choose by", () => {
  it("are texts of a few values, the fewest first, each value with how many items have it", () => {
    const items = Array.from({ length: 12 }, (_, item) => ({
      colour: ["Red", "Blue", "Blue"][item % 3] ?? "",
      size: ["S", "M", "L", "XL"][item % 4] ?? "",
      sku: `sku-${item}`,
      price: item,
      shop: "one",
    }));
    const facets = facetsOf(columnsOf(items));
    expect(facets.map(({ name }) => name)).toEqual(["colour", "size"]);
    expect(facets[0]?.values).toEqual([
      { value: "Blue", items: 8 },
      { value: "Red", items: 4 },
    ]);
  });

  it("are had by many items, and of no more values than one can choose among", () => {
    const items = Array.from({ length: 400 }, (_, item) => ({
      sku: `${item}`,
      ...(item < 40 ? { rare: `${item % 2}` } : {}),
    }));
    expect(facetsOf(columnsOf(items))).toEqual([]);
    expect(facetsOf(columnsOf([]))).toEqual([]);
  });
});

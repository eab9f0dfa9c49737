import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { noFollowers } from "../../../src/domain/Followers.ts";
import type { ModelItems } from "../../../src/ports/ItemIndex.ts";
import { makeCatalogueOrder } from "../../../src/serving/recommend/CatalogueOrder.ts";
import type { ItemFilter } from "../../../src/serving/recommend/Eligibility.ts";

const groups = ["Shoes", "Socks", ""];
const types = ["Boots", "Mules", ""];

const items = fc.array(
  fc.record({
    group: fc.constantFrom(...groups),
    type: fc.constantFrom(...types),
    available: fc.boolean(),
    buyers: fc.nat(4),
    popularity: fc.nat(3),
  }),
  { maxLength: 60 },
);

const filter: fc.Arbitrary<ItemFilter> = fc.record(
  {
    productGroup: fc.constantFrom(...groups, "none such"),
    productType: fc.constantFrom(...types, "none such"),
    excludeGroups: fc.subarray([...groups, "none such"]),
    excludeTypes: fc.subarray(types),
  },
  { requiredKeys: [] },
);

const first = (rows: Iterable<number>, count: number): Array<number> => {
  const taken: Array<number> = [];
  for (const row of rows) {
    if (taken.length === count) break;
    taken.push(row);
  }
  return taken;
};

describe("CatalogueOrder", () => {
  it("equals filtering and sorting all, however far and however often it is asked", () =>
    fc.assert(
      fc.property(items, fc.array(fc.tuple(filter, fc.nat(70)), { maxLength: 90 }), (all, asks) => {
        const catalogue: ModelItems = {
          rank: 0,
          itemIdx: Uint32Array.from(all, (_, row) => row + 5),
          vectors: new Float32Array(0),
          metadata: all.map(({ group, type }) => ({
            article_id: "",
            prod_name: "",
            product_type_name: type,
            product_group_name: group,
            graphical_appearance_name: "",
            index_group_name: "",
          })),
          available: Uint8Array.from(all, ({ available }) => (available ? 1 : 0)),
          isNew: new Uint8Array(all.length),
          buyers: Uint32Array.from(all, ({ buyers }) => buyers),
          followers: noFollowers(all.length),
          popularity: Float32Array.from(all, ({ popularity }) => popularity),
          rowOf: () => undefined,
          rowOfIdx: () => undefined,
        };
        const order = makeCatalogueOrder(catalogue);
        for (const [{ productGroup, productType, excludeGroups = [], excludeTypes = [] }, count] of asks) {
          const expected = [...all.keys()]
            .filter((row) => all[row].available)
            .filter((row) => productGroup === undefined || all[row].group === productGroup)
            .filter((row) => productType === undefined || all[row].type === productType)
            .filter((row) => !excludeGroups.includes(all[row].group) && !excludeTypes.includes(all[row].type))
            .sort((a, b) => all[b].popularity - all[a].popularity || all[b].buyers - all[a].buyers || a - b);
          const given = {
            ...(productGroup === undefined ? {} : { productGroup }),
            ...(productType === undefined ? {} : { productType }),
            excludeGroups,
            excludeTypes,
          };
          expect(first(order(given), count)).toEqual(expected.slice(0, count));
        }
      }),
    ));
});

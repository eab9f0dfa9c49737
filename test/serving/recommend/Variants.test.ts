/** Few items of one product in a list. */
import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { type ItemMetadata, itemMetadataFields } from "../../../src/domain/Item.ts";
import { selected } from "../../../src/learning/Stages.ts";
import type { Candidate } from "../../../src/serving/recommend/Candidate.ts";
import { atMostVariants } from "../../../src/serving/recommend/Variants.ts";

const named = (names: Partial<ItemMetadata>): ItemMetadata => ({
  ...(Object.fromEntries(itemMetadataFields.map((field) => [field, ""])) as ItemMetadata),
  ...names,
});

const product = (row: number, { prod_name, product_type_name }: ItemMetadata): string =>
  prod_name === "" ? `item ${row}` : `${prod_name}\n${product_type_name}`.toLowerCase();

const item = fc
  .record({
    prod_name: fc.constantFrom("", "Tee", "TEE", "Tee Top", "Cap"),
    product_type_name: fc.constantFrom("", "Top", "top", "Hat"),
  })
  .map(named);

/** What each source proposes, of one shop. */
const asked = fc.array(item, { minLength: 1, maxLength: 20 }).chain((metadata) =>
  fc.record({
    metadata: fc.constant(metadata),
    sources: fc.array(fc.array(fc.nat(metadata.length - 1), { maxLength: 20 }), { minLength: 3, maxLength: 3 }),
  }),
);

const served = (metadata: ReadonlyArray<ItemMetadata>) => ({
  metadata: (row: number) => ({ ...metadata[row], item_id: metadata[row].article_id }),
});

const answer = (
  { metadata, sources }: { metadata: Array<ItemMetadata>; sources: Array<Array<number>> },
  k: number,
  most: number,
): ReadonlyArray<number> => {
  const [own = [], popular = [], rest = []] = sources.map((rows) =>
    rows.map((row): Candidate => ({ itemIdx: row, row, source: "personalized", score: 0 })),
  );
  const idOf = ({ itemIdx }: Candidate): number => itemIdx;
  return selected(k, { own, popular, rest }, () => true, idOf, atMostVariants(most, served(metadata))).map(idOf);
};

it("takes at most so many of one product first, in the order of the candidates, and then what was held back", () => {
  fc.assert(
    fc.property(asked, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }), (shop, k, most) => {
      const rows = [...new Set(shop.sources.flat())];
      const before = (at: number): number =>
        rows
          .slice(0, at)
          .filter((row) => product(row, shop.metadata[row]!) === product(rows[at]!, shop.metadata[rows[at]!]!)).length;
      const first = rows.filter((_, at) => before(at) < most);
      const later = rows.filter((_, at) => before(at) >= most);
      expect(answer(shop, k, most)).toEqual([...first, ...later].slice(0, k));
    }),
  );
});

it("with 0 holds nothing back", () => {
  fc.assert(
    fc.property(asked, fc.integer({ min: 1, max: 12 }), (shop, k) => {
      expect(answer(shop, k, 0)).toEqual([...new Set(shop.sources.flat())].slice(0, k));
    }),
  );
});

it("knows a product by name and type, and holds back no item that has no name or that no catalogue knows", () => {
  const metadata = [
    { prod_name: "Tee", product_type_name: "Top" },
    { prod_name: "TEE", product_type_name: "top" },
    { prod_name: "Tee", product_type_name: "Vest" },
    { product_type_name: "Top" },
    { product_type_name: "Top" },
  ].map(named);
  expect(answer({ metadata, sources: [[0, 1, 2, 3, 4]] }, 5, 1)).toEqual([0, 2, 3, 4, 1]);
  const variants = atMostVariants(1, served(metadata));
  const unknown: Candidate = { itemIdx: 9, row: undefined, source: "trending", score: 0 };
  variants.took(unknown);
  expect(variants.isOneTooMany(unknown)).toBe(false);
});

/**
 * Variants: a guard against near-duplicates: an answer holds at most so many items of one product while there are others. Two
 * items are variants of a product where name and type are the same, ignoring case; an item without a name is one of its own.
 */
import type { ItemMetadata } from "../../domain/Item.ts";
import { type Bound, unbounded } from "../../learning/Stages.ts";
import type { ServingItems } from "../ServingItems.ts";
import type { Candidate } from "./Candidate.ts";

/** Undefined where the shop gave no name. */
const productOf = ({ prod_name: name, product_type_name: type }: ItemMetadata): string | undefined =>
  name === "" ? undefined : JSON.stringify([name.toLowerCase(), type.toLowerCase()]);

/** Asked of a source for an answer of `k` items, `most` of one product: room for what is held back. */
export const withVariants = (k: number, most: number): number => (most > 0 ? 3 * k : k);

/** 0: no limit. `before`: rows of items that came before in the list. */
export const atMostVariants = (
  most: number,
  { metadata }: Pick<ServingItems, "metadata">,
  before: Iterable<number | undefined> = [],
): Bound<Candidate> => {
  if (most === 0) return unbounded;
  const taken = new Map<string, number>();
  const productIn = ({ row }: Pick<Candidate, "row">): string | undefined =>
    row === undefined ? undefined : productOf(metadata(row));
  const took = (candidate: Pick<Candidate, "row">): void => {
    const product = productIn(candidate);
    if (product !== undefined) taken.set(product, 1 + (taken.get(product) ?? 0));
  };
  for (const row of before) took({ row });
  return {
    isOneTooMany: (candidate) => {
      const product = productIn(candidate);
      return product !== undefined && (taken.get(product) ?? 0) >= most;
    },
    took,
  };
};

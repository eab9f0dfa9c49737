/**
 * Eligibility: which items an answer may hold: what the live catalogue has for sale, as the request asks, and not left out. One rule,
 * used first, to look among such alone, and last, on every candidate, whichever source proposes it.
 */
import { Either } from "effect";
import type { Columns } from "../../catalogue/Columns.ts";
import { matcherOf } from "../../catalogue/filter/Match.ts";
import type { LiveItems } from "../../catalogue/LiveItems.ts";
import type { ItemMetadata } from "../../domain/Item.ts";
import { type ItemLookup, lookupOf } from "../../domain/ItemSet.ts";
import { unpackShown } from "../../domain/ShownItems.ts";
import type { UserState } from "../../domain/UserState.ts";
import { allOf, anyOf, type Where } from "../../domain/Where.ts";
import { askedFilter } from "../AskedFilter.ts";
import type { InvalidInput } from "../Errors.ts";
import { isWorded } from "../Metadata.ts";
import type { ServingItems } from "../ServingItems.ts";
import type { Candidate } from "./Candidate.ts";
import type { Passing } from "./Passing.ts";
import type { Filters, RecommendQuery } from "./Query.ts";

/** An index as it is written in a path or a list. */
const index = /^(?:0|[1-9]\d{0,9})$/;
const maxIndex = 2 ** 31 - 1;

/** The internal index that a text spells; undefined where `numericIds`: a number is then an id, known or not. */
export const spelledIndex = (text: string, numericIds: boolean): number | undefined =>
  !numericIds && index.test(text) && Number(text) <= maxIndex ? Number(text) : undefined;

/** How the shop writes the ids of a model's items. */
export interface ItemIds {
  readonly catalogue: Pick<ServingItems, "rowOf" | "itemIdx">;
  /** The shop's spelling of an item's id. */
  readonly itemIdOf: (id: string) => string;
  /** Whether some id is a whole number, or may be. */
  readonly numericItemIds: boolean;
}

/** The index of the item that a text names. */
export const itemIdxOf = (id: string, { catalogue, itemIdOf, numericItemIds }: ItemIds): number | undefined => {
  const row = catalogue.rowOf(itemIdOf(id));
  return row === undefined ? spelledIndex(id, numericItemIds) : catalogue.itemIdx[row];
};

/** What the user has had to do with and is to be left out: item indices. What is hidden is whatever is asked for. */
export const seenBy = (
  { seen = "bought" }: RecommendQuery,
  { bought, hidden, interactions, shown }: UserState,
): Iterable<number> => {
  if (seen === "none") return hidden;
  if (seen !== "bought") {
    const acted = [...bought, ...hidden, ...interactions.map(({ itemIdx }) => itemIdx)];
    return seen === "seen" ? acted : [...acted, ...unpackShown(shown).map(({ itemIdx }) => itemIdx)];
  }
  return hidden.length === 0 ? bought : [...bought, ...hidden];
};

/** Item indices that are left out: `seen`, what was `given` on pages before, and what the request names. */
export const excludedBy = (
  { excludeIds }: Filters,
  seen: Iterable<number>,
  given: Iterable<number>,
  idxOf: (id: string) => number | undefined,
): ItemLookup => {
  // As most ask.
  if (seen instanceof Uint32Array && given instanceof Uint32Array && given.length + excludeIds.length === 0)
    return lookupOf(seen);
  const excluded = new Set(seen);
  for (const itemIdx of given) excluded.add(itemIdx);
  for (const id of excludeIds) {
    const itemIdx = idxOf(id);
    if (itemIdx !== undefined) excluded.add(itemIdx);
  }
  return excluded;
};

/** No names ask for nothing; an empty one is a name. */
const anyText = (attribute: keyof ItemMetadata, values: string | ReadonlyArray<string> = []): ReadonlyArray<Where> => {
  const names = [values].flat();
  return names.length === 0 ? [] : [anyOf(names.map((name) => isWorded(attribute, name)))];
};

const noText = (attribute: keyof ItemMetadata, values: ReadonlyArray<string>): ReadonlyArray<Where> =>
  anyText(attribute, values).map((of) => ({ kind: "not", of }));

/** Whether nothing is asked of items' attributes. */
export const isOfAll = ({ excludeGroups, excludeTypes, filter, productGroup, productType }: Filters): boolean =>
  filter === undefined &&
  productGroup === undefined &&
  productType === undefined &&
  excludeGroups.length + excludeTypes.length === 0;

const asksNothing: Either.Either<Where | undefined, InvalidInput> = Either.right(undefined);

/** What the request asks of an item's attributes, of those that are `seen`; undefined: nothing. */
export const conditionOf = (
  filters: Filters,
  seen: Columns["seen"],
): Either.Either<Where | undefined, InvalidInput> => {
  if (isOfAll(filters)) return asksNothing;
  const { excludeGroups, excludeTypes, filter, productGroup, productType } = filters;
  const parsed = filter === undefined ? Either.right([]) : Either.map(askedFilter(filter, seen), (where) => [where]);
  if (Either.isLeft(parsed)) return Either.left(parsed.left);
  const conditions = [
    ...parsed.right,
    ...anyText("product_group_name", productGroup),
    ...anyText("product_type_name", productType),
    ...noText("product_group_name", excludeGroups),
    ...noText("product_type_name", excludeTypes),
  ];
  return Either.right(conditions.length === 0 ? undefined : allOf(conditions));
};

/** Whether the request is about more than who asks: then something must be known of items. */
export const asksOfItems = (filters: Filters): boolean => !isOfAll(filters) || filters.excludeIds.length > 0;

/** Whether a candidate may be in the answer. */
export type Gate = (candidate: Candidate) => boolean;

/** By row, 1 where the item passes and is not left out; stays so until the next. */
export const makeAllowedRows = () => {
  let own = new Uint8Array(0);
  return ({ rows }: Passing, exclude: ItemLookup, { rowOfIdx }: Pick<ServingItems, "rowOfIdx">): Uint8Array => {
    if (exclude.size === 0) return rows;
    if (own.length !== rows.length) own = new Uint8Array(rows.length);
    own.set(rows);
    for (const itemIdx of exclude) {
      const row = rowOfIdx(itemIdx);
      if (row !== undefined) own[row] = 0;
    }
    return own;
  };
};

/** The first look, by row: what may be worth a score. */
export const firstLook = ({ rows }: Passing, exclude: ItemLookup, itemIdx: Uint32Array) =>
  exclude.size === 0
    ? (row: number): boolean => rows[row] === 1
    : (row: number): boolean => rows[row] === 1 && !exclude.has(itemIdx[row]);

/** The last look, which nothing passes by: as the catalogue has it at `now`, unix milliseconds. */
export const makeGate = (passing: Passing, exclude: ItemLookup, now: number): Gate => {
  const { isNow, rows } = passing;
  return ({ itemIdx, row }) => row !== undefined && rows[row] === 1 && !exclude.has(itemIdx) && isNow(row, now);
};

/** While no model is loaded: by the catalogue alone; of what that has no word about, best sellers were for sale. */
export const gateWithoutModel = (live: LiveItems, where: Where | undefined, exclude: ItemLookup, now: number): Gate => {
  const matches = where === undefined ? undefined : matcherOf(where, live.columns);
  return ({ itemIdx }) => {
    const isOpen = live.isOpen(itemIdx, now);
    return !exclude.has(itemIdx) && (matches === undefined ? isOpen !== false : isOpen === true && matches(itemIdx));
  };
};

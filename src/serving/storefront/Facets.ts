/** Facets: attributes to choose by: texts of few different values that many items have. */
import { attributeOf, type Columns } from "../../catalogue/Columns.ts";
import type { Facet } from "./StorefrontSchema.ts";

/** More are no choice but a search. */
const mostValues = 300;
const shownValues = 60;
const mostFacets = 12;
/** Of the items, at least so many have the attribute. */
const leastShare = 0.3;

/** Those of the fewest values first; names and numbers of things, of which most items have one of their own, are none. Runs once over the codes of each text column. */
export const facetsOf = (columns: Pick<Columns, "seen" | "size" | "text">): ReadonlyArray<Facet> =>
  [...columns.seen]
    .flatMap(([column, kinds]) => {
      const text = columns.text(column);
      const having = kinds.get("text") ?? 0;
      if (text === undefined || column === "title" || column === "item_id" || having < leastShare * columns.size)
        return [];
      if (text.texts.length > 20 * mostValues) return [];
      const counts = new Uint32Array(text.texts.length);
      for (let itemIdx = 0; itemIdx < columns.size; itemIdx++) counts[text.codes[itemIdx]!]!++;
      const values = text.texts.flatMap((value, code) =>
        code > 0 && counts[code]! > 0 && value !== "" ? [{ value, items: counts[code]! }] : [],
      );
      if (values.length < 2 || values.length > mostValues || 2 * values.length > having) return [];
      return [{ name: attributeOf(column), values: values.sort((one, other) => other.items - one.items) }];
    })
    .sort((one, other) => one.values.length - other.values.length)
    .slice(0, mostFacets)
    .map(({ name, values }) => ({ name, values: values.slice(0, shownValues) }));

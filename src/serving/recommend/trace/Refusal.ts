/** Refusal: why the gate lets an item into no answer to this question. `Eligibility.ts` decides; this tells by what. */
import type { LiveItems } from "../../../catalogue/LiveItems.ts";
import { hasItem } from "../../../domain/ItemSet.ts";
import { unpackShown } from "../../../domain/ShownItems.ts";
import type { Asked } from "../Observer.ts";

/**
 * In the order in which they are told: hidden by the shopper; bought, seen and shown by what `seen` leaves out; given on a page before;
 * excluded by its id; removed from the catalogue, not available, not valid at this time; not as the filters ask; not known to the
 * model; changed while the answer was made.
 */
export const refusals = [
  "hidden",
  "bought",
  "seen",
  "shown",
  "given",
  "excluded",
  "removed",
  "unavailable",
  "not_valid",
  "filter",
  "unknown",
  "changed",
] as const;
export type Refusal = (typeof refusals)[number];

const closedBy = (live: Pick<LiveItems, "isOpen" | "itemOf">, itemIdx: number, now: number): Refusal => {
  // Nothing was said of it: then it is the model that has it not available.
  if (live.isOpen(itemIdx, now) === undefined) return "unavailable";
  const item = live.itemOf(itemIdx);
  if (item === undefined) return "removed";
  return item.available ? "not_valid" : "unavailable";
};

/** Of items that are refused: all that stands against one at `now`, unix milliseconds. */
export const refusalsOf = (
  { given, idxOf, passing, query, serving, state }: Asked,
  live: Pick<LiveItems, "isOpen" | "itemOf">,
  now: number,
): ((itemIdx: number) => ReadonlyArray<Refusal>) => {
  const { seen = "bought" } = query;
  const { catalogue } = serving;
  const named = new Set(query.excludeIds.map(idxOf));
  const acted = new Set(seen === "seen" || seen === "shown" ? state.interactions.map(({ itemIdx }) => itemIdx) : []);
  const shown = new Set(seen === "shown" ? unpackShown(state.shown).map(({ itemIdx }) => itemIdx) : []);
  const matches = passing.where === undefined ? () => true : catalogue.matcher(passing.where);
  return (itemIdx) => {
    const row = catalogue.rowOfIdx(itemIdx);
    const against: ReadonlyArray<readonly [Refusal, boolean]> = [
      ["hidden", hasItem(state.hidden, itemIdx)],
      ["bought", seen !== "none" && hasItem(state.bought, itemIdx)],
      ["seen", acted.has(itemIdx)],
      ["shown", shown.has(itemIdx)],
      ["given", hasItem(given, itemIdx)],
      ["excluded", named.has(itemIdx)],
      ["unknown", row === undefined],
      ["filter", row !== undefined && !matches(row)],
    ];
    const because = against.flatMap(([refusal, is]) => (is ? [refusal] : []));
    if (row !== undefined && !catalogue.isOpen(row, now)) because.push(closedBy(live, itemIdx, now));
    if (because.length === 0) because.push("changed");
    return because.sort((a, b) => refusals.indexOf(a) - refusals.indexOf(b));
  };
};

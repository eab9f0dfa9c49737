/** States: how many items there are of which kind, as /metrics tells. */
import type { LiveItems } from "./LiveItems.ts";

/**
 * open: may be recommended. unavailable: the shop said so. not_valid: its validity has not begun, or is over. removed: taken away.
 * untold: something happened with it, and the shop never said what it is.
 */
export type ItemState = "open" | "unavailable" | "not_valid" | "removed" | "untold";

/** At `now`, unix milliseconds; some 20 ms for a million. */
export const statesOf = ({ columns, isOpen }: LiveItems, now: number): Readonly<Record<ItemState, number>> => {
  const counts = { open: 0, unavailable: 0, not_valid: 0, removed: 0, untold: 0 };
  const available = columns.booleans("available");
  for (let itemIdx = 0; itemIdx < columns.size; itemIdx++) {
    const opened = isOpen(itemIdx, now);
    if (opened === undefined) counts.untold += 1;
    else if (opened) counts.open += 1;
    else counts[(["removed", "unavailable", "not_valid"] as const)[available?.[itemIdx] ?? 0]] += 1;
  }
  return counts;
};

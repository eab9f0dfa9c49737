/** KnownItem: the item that a path names, if anything is known of it: for sale or not, taken away or not, its page may be read. */
import { Effect } from "effect";
import type { LiveItems } from "../../catalogue/LiveItems.ts";
import { UnknownIds } from "../Errors.ts";
import { shown } from "../FieldError.ts";
import { itemIdxOf } from "../recommend/Eligibility.ts";
import type { Serving } from "../ServingModel.ts";

export interface KnownItem {
  readonly itemId: string;
  readonly itemIdx: number;
  /** Of `ServingItems`; undefined where no model serves, or the item was never for sale since it does. */
  readonly row: number | undefined;
}

/** Undefined where the model does not know it and the shop never said anything of it. */
export const knownItem = (live: LiveItems, serving: Serving | undefined, id: string): KnownItem | undefined => {
  const itemIdx = live.idxOf(serving?.itemIdOf(id) ?? id) ?? (serving && itemIdxOf(id, serving));
  if (itemIdx === undefined) return undefined;
  const row = serving?.catalogue.rowOfIdx(itemIdx);
  const itemId = serving?.catalogue.idOf(itemIdx) ?? live.idOf(itemIdx);
  if (itemId === undefined || (row === undefined && live.isOpen(itemIdx, 0) === undefined)) return undefined;
  return { itemId, itemIdx, row };
};

export const unknownItem = (id: string): Effect.Effect<never, UnknownIds> =>
  Effect.fail(
    new UnknownIds({
      message: `There is no item ${id}.`,
      errors: [{ field: "item_id", value: shown(id), detail: "send the id of an item that there is" }],
    }),
  );

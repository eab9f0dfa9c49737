/** Ask: what a list is wanted for, before an event. What is found for one ask is kept until the next: it is a new value each time. */
import type { Interaction } from "../domain/UserState.ts";

export interface ListAsk {
  /** What the shopper did before, oldest first. */
  readonly interactions: ReadonlyArray<Interaction>;
  /** By row, 1 or 0: what may be ranked. */
  readonly allowed: Uint8Array;
  /** The longest list that is looked at. */
  readonly most: number;
}

export interface ShopperAsk extends ListAsk {
  readonly user: number;
}

export interface Ask extends ShopperAsk {
  /** Whose rank is asked for: the event's item. */
  readonly row: number;
}

/** Before an event on an item that the items file lists and the train part does not know. */
export interface NewItemAsk extends Pick<ListAsk, "interactions" | "most"> {
  readonly user: number;
  /** The log's index of the event's item. */
  readonly item: number;
}

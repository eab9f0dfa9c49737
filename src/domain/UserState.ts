/**
 * UserState: what one model knows of one user: the vector, the kept interactions, what was bought, is hidden and was shown, the events
 * of the last day and, per partition, the offset of the next event to apply. It changes only by `learning/ApplyEvent.ts`.
 */
import { defaultEventTypes } from "./EventTypes.ts";
import { type ItemSet, itemSetOf, noItems } from "./ItemSet.ts";
import { noEvents, type RecentEvents } from "./RecentEvents.ts";
import { nothingShown, type ShownItems } from "./ShownItems.ts";

export interface Interaction {
  readonly itemIdx: number;
  /** Its type's code in the model's `EventTypes`. */
  readonly type: number;
  /** Unix seconds. */
  readonly time: number;
}

export interface UserState {
  /** Factors of the owning model, length rank; undefined while the user is cold. */
  readonly vector: Float32Array | undefined;
  /** By time, oldest first; the newest `keptPurchases` purchases and the newest `keptInteractions` of any type. */
  readonly interactions: ReadonlyArray<Interaction>;
  /** Every item bought and not taken back, whenever that was: not recommended again. */
  readonly bought: ItemSet;
  /** Items that the user wants to see no more, and did not buy since: not recommended again, whatever is asked for. */
  readonly hidden: ItemSet;
  /** What was shown lately and nothing was done to since. */
  readonly shown: ShownItems;
  /** Of the last day, in the log's order: see `learning/Recent.ts`. */
  readonly recent: RecentEvents;
  /** Per partition: 1 + the offset of the last event applied. An event below it has been applied already. */
  readonly next: ReadonlyMap<number, bigint>;
}

export const emptyUserState: UserState = {
  vector: undefined,
  interactions: [],
  bought: noItems,
  hidden: noItems,
  shown: nothingShown,
  recent: noEvents,
  next: new Map(),
};

/** What is known to be bought where only a history was kept: by version 0.1, which knew the default types alone. */
export const purchasesOf = (interactions: ReadonlyArray<Interaction>): ItemSet =>
  itemSetOf(interactions.filter(({ type }) => type === defaultEventTypes.usual).map(({ itemIdx }) => itemIdx));

export const keptPurchases = 100;
export const keptInteractions = 60;

/**
 * What the batch keeps of a user: the newest of any type and the newest purchases. It is what followers are counted in, so it
 * is more than a user's state, and bounded: a robot's million clicks count like a thousand.
 */
export const keptHistory = { interactions: 1_000, purchases: keptPurchases } as const;

/** Shoppers: what is known of each test user while the test part is streamed. */
import type { EventTypes } from "../domain/EventTypes.ts";
import type { Interaction } from "../domain/UserState.ts";
import { keepInteraction, keepNewest } from "../learning/ApplyEvent.ts";
import type { Measured } from "./Measured.ts";

export interface Shopper {
  /** Item rows; of those before the test part only where the shopper is scored. */
  readonly seen: Set<number>;
  /** Kept as serving keeps them, oldest first. */
  interactions: ReadonlyArray<Interaction>;
  /** (item row, type) to the time of the interaction that last counted. */
  readonly counted: Map<number, number>;
}

/** All test users, as the train part leaves them. */
export const shoppersBefore = ({ log, split, set, users }: Measured): ReadonlyMap<number, Shopper> => {
  const histories = new Map<number, Array<Interaction>>();
  for (const at of split.test) if (!histories.has(log.user[at])) histories.set(log.user[at], []);
  for (const at of split.train) {
    const itemIdx = set.rowOf[log.item[at]];
    histories.get(log.user[at])?.push({ itemIdx, type: log.type[at], time: log.time[at] });
  }
  const shoppers = new Map<number, Shopper>();
  for (const [user, history] of histories) {
    const before = users.has(user) ? set.itemIdx.subarray(set.pointers[user], set.pointers[user + 1]) : [];
    const seen = new Set(before);
    shoppers.set(user, { seen, interactions: [...keepNewest(history, set.types)], counted: new Map() });
  }
  return shoppers;
};

/** Adds the interaction to what is kept; false where it is debounced. */
export const remember = (
  shopper: Shopper,
  interaction: Interaction,
  debounceSeconds: number,
  types: EventTypes,
): boolean => {
  const { itemIdx, time, type } = interaction;
  const key = itemIdx * types.names.length + type;
  const last = shopper.counted.get(key) ?? Number.NEGATIVE_INFINITY;
  if (time - last < debounceSeconds) return false;
  shopper.counted.set(key, time);
  shopper.interactions = keepInteraction(shopper.interactions, interaction, types);
  return true;
};

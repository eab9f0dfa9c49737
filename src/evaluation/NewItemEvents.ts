/** NewItemEvents: events on items that the train part does not know, and who could have found them. */
import type { Interaction } from "../domain/UserState.ts";
import type { Contestant } from "./Contestant.ts";
import type { Measured } from "./Measured.ts";

/** Of scored shoppers on items that the items file lists, each shopper's first on the item. */
export interface NewItemEvents {
  readonly events: number;
  readonly shopperOf: ArrayLike<number>;
  readonly shoppers: number;
  /** Distinct ones. */
  readonly items: number;
  /** By contestant: the rank among new items; Infinity where it ranks none. */
  readonly ranks: ReadonlyArray<ArrayLike<number>>;
}

export interface NewItemCount {
  /** Asks the contestants, and counts. */
  readonly ask: (user: number, item: number, interactions: ReadonlyArray<Interaction>) => void;
  /** All that was asked, of listed items or not. */
  readonly all: () => number;
  readonly found: () => NewItemEvents;
}

export const makeNewItemEvents = (
  { log }: Measured,
  contestants: ReadonlyArray<Contestant>,
  most: number,
): NewItemCount => {
  const shopperOf: Array<number> = [];
  const numbers = new Map<number, number>();
  const pairs = new Set<number>();
  const items = new Set<number>();
  const ranks = contestants.map((): Array<number> => []);
  let all = 0;
  return {
    ask: (user, item, interactions) => {
      all++;
      const pair = user * log.itemIds.length + item;
      if (!log.hasItemsFile || log.available[item] === 0 || pairs.has(pair)) return;
      pairs.add(pair);
      items.add(item);
      contestants.forEach(({ rankNew }, c) => {
        ranks[c].push(rankNew?.({ user, item, interactions, most }) ?? Number.POSITIVE_INFINITY);
      });
      const number = numbers.get(user) ?? numbers.size;
      numbers.set(user, number);
      shopperOf.push(number);
    },
    all: () => all,
    found: () => ({ events: shopperOf.length, shopperOf, shoppers: numbers.size, items: items.size, ranks }),
  };
};

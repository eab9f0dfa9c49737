/**
 * Visits: what shoppers do, event by event, without end.
 *
 * A visit starts from something in the shopper's history. What is looked at then is what others who had that item had
 * too (a random walk over the common purchases), or what is in demand of its kind; seldom anything. Of the items
 * clicked 2 in 7 are put into the cart, and of these 1 in 2 is bought at the end: 70, 20 and 10 percent of the events.
 */
import { defaultEventTypes, type EventTypes } from "../domain/EventTypes.ts";
import { makeRandom } from "../kernels/Random.ts";
import { type Alias, makeAlias } from "./Alias.ts";
import type { Draft } from "./Draft.ts";
import { historyLength, type Shoppers } from "./Shoppers.ts";

const atOnce = 16;
const cartOdds = 2 / 7;
const buyOdds = 1 / 2;
const walkOdds = 0.55;
const kindOdds = 0.35;
const walkTries = 4;

interface Visit {
  readonly shopper: number;
  readonly steps: ReadonlyArray<readonly [string, number]>;
  next: number;
}

/** By item, the shoppers who had it. */
const holdersOf = (shoppers: Shoppers): { readonly starts: Uint32Array; readonly holders: Uint32Array } => {
  const starts = new Uint32Array(shoppers.items.length + 1);
  for (const history of shoppers.histories) for (const item of history) starts[item + 1]!++;
  for (let item = 0; item < shoppers.items.length; item++) starts[item + 1] = starts[item]! + starts[item + 1]!;
  const cursor = starts.slice();
  const holders = new Uint32Array(starts.at(-1)!);
  shoppers.histories.forEach((history, shopper) => {
    for (const item of history) holders[cursor[item]!++] = shopper;
  });
  return { starts, holders };
};

/** By kind, a draw among its items by demand. */
const drawsByKind = (shoppers: Shoppers): ReadonlyArray<{ readonly items: ReadonlyArray<number>; alias: Alias }> => {
  const members: ReadonlyArray<Array<number>> = Array.from({ length: shoppers.kinds }, () => []);
  for (let item = 0; item < shoppers.items.length; item++) members[shoppers.kind[item]!]!.push(item);
  return members.map((items) => ({
    items,
    alias: makeAlias(items.length === 0 ? [1] : items.map((item) => shoppers.demand[item]!)),
  }));
};

/** What these shoppers' acts are called: a look, a cart, a purchase; two of them may be called the same. */
const namesOf = ({ buys, names, usual, visit, weights }: EventTypes) => {
  const look = names[visit]!;
  const cart = names.find((_, code) => code !== visit && !buys[code] && weights[code]! > 0);
  return { look, cart: cart ?? look, purchase: names[usual]! };
};

/** The next event; the same shoppers, seed and types give the same events. */
export const makeVisits = (shoppers: Shoppers, seed: number, types = defaultEventTypes): (() => Draft) => {
  const { cart: carted, look: looked, purchase } = namesOf(types);
  const random = makeRandom(seed, "visits");
  const { starts, holders } = holdersOf(shoppers);
  const byKind = drawsByKind(shoppers);
  const anything = makeAlias(shoppers.demand);
  const shopperShare = makeAlias(shoppers.histories.map((history) => history.length));
  const histories = shoppers.histories.map((history) => [...history]);
  const active: Array<Visit> = [];
  const busy = new Set<number>();

  const walkFrom = (item: number): number => {
    let found = item;
    for (let tries = 0; tries < walkTries; tries++) {
      const count = starts[item + 1]! - starts[item]!;
      if (count === 0) break;
      const theirs = shoppers.histories[holders[starts[item]! + random.below(count)]!]!;
      found = theirs[random.below(theirs.length)]!;
      if (shoppers.kind[found] === shoppers.kind[item] && found !== item) break;
    }
    return found;
  };

  const lookFrom = (item: number): number => {
    const roll = random.uniform();
    if (roll < walkOdds) return walkFrom(item);
    if (roll >= walkOdds + kindOdds) return anything.draw(random);
    const { items, alias } = byKind[shoppers.kind[item]!]!;
    return items[alias.draw(random)]!;
  };

  const visit = (shopper: number): Visit => {
    const history = histories[shopper]!;
    const from = history[Math.max(random.below(history.length), random.below(history.length))]!;
    const steps: Array<readonly [string, number]> = [];
    const cart: Array<number> = [];
    const seen = new Set<number>();
    const looks = 1 + Math.floor(2.5 * random.exponential());
    for (let look = 0; look < looks; look++) {
      const item = lookFrom(from);
      if (seen.has(item)) continue;
      seen.add(item);
      steps.push([looked, item]);
      if (!random.chance(cartOdds)) continue;
      steps.push([carted, item]);
      cart.push(item);
    }
    for (const item of cart) {
      if (!random.chance(buyOdds)) continue;
      steps.push([purchase, item]);
      history.push(item);
      if (history.length > historyLength) history.shift();
    }
    return { shopper, steps, next: 0 };
  };

  const arrive = (): void => {
    const shopper = shopperShare.draw(random);
    if (busy.has(shopper)) return;
    busy.add(shopper);
    active.push(visit(shopper));
  };

  return () => {
    if (active.length < atOnce) arrive();
    const at = random.below(active.length);
    const current = active[at]!;
    const [eventType, item] = current.steps[current.next++]!;
    if (current.next === current.steps.length) {
      active[at] = active.at(-1)!;
      active.pop();
      busy.delete(current.shopper);
    }
    return { userId: shoppers.customers[current.shopper]!, itemId: shoppers.items[item]!, eventType, quantity: 1 };
  };
};

/** Shop: what the page knows of the shop as a whole: its types of events, whom one may be, and how its items look. */
import { signal } from "@preact/signals";
import type { Shop } from "../../serving/storefront/StorefrontSchema.ts";
import { ask, type Problem } from "../data/Api.ts";
import { type Described, type Looks, looksOf } from "./Looks.ts";

export const shop = signal<Shop | undefined>(undefined);
export const problem = signal<Problem | undefined>(undefined);

export const loadShop = async (): Promise<void> => {
  const reply = await ask<Shop>("/console/shop");
  problem.value = reply.ok ? undefined : reply.problem;
  if (reply.ok) shop.value = reply.value;
};

/** By id; what was asked for is kept, for a shop's items change seldom. */
export const looks = signal<ReadonlyMap<string, Looks>>(new Map());
const asked = new Set<string>();
const atOnce = 100;

/** By its id alone, where the shop has said nothing of it, or not yet. */
export const lookOf = (id: string): Looks =>
  looks.value.get(id) ?? looksOf({ item_id: id, title: null, attributes: {} });

/** Asks for the looks of those items that are not known yet; of those that it was not told of, again the next time. */
export const learnLooks = async (ids: ReadonlyArray<string>): Promise<void> => {
  const missing = [...new Set(ids)].filter((id) => id !== "" && !asked.has(id));
  for (let from = 0; from < missing.length; from += atOnce) {
    const some = missing.slice(from, from + atOnce);
    for (const id of some) asked.add(id);
    const reply = await ask<{ readonly items: ReadonlyArray<Described> }>("/console/items", {
      // One value alone would be read as a list with commas: a second, empty one says that it is none.
      query: { ids: [...some, ""] },
    });
    if (!reply.ok) {
      for (const id of missing.slice(from)) asked.delete(id);
      return;
    }
    looks.value = new Map([...looks.value, ...reply.value.items.map((item) => [item.item_id, looksOf(item)] as const)]);
  }
};

/** What can be done to an item, by the shop's own types of events. */
export interface Deeds {
  readonly click: string | undefined;
  readonly add: string | undefined;
  readonly buy: string | undefined;
  /** Undefined in most shops: then the page leaves the item out by itself. */
  readonly hide: string | undefined;
}

export const deedsOf = (types: Shop["event_types"]): Deeds => {
  const teaching = types.filter(({ role, weight }) => role === null && weight > 0);
  const byWeight = teaching.toSorted((one, other) => one.weight - other.weight);
  const cart = teaching.find(({ name }) => /cart|basket|add/i.test(name));
  const click = teaching.find(({ name }) => /^(?:click|view|visit)/i.test(name)) ?? byWeight[0];
  const add = cart ?? byWeight.findLast(({ name }) => name !== click?.name);
  return {
    click: click?.name,
    add: add === click ? undefined : add?.name,
    buy: types.find(({ role }) => role === "buys")?.name,
    hide: types.find(({ role }) => role === "hides")?.name,
  };
};

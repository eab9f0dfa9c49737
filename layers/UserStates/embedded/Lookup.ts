/** Lookup: a loaded user by the shop's id. */

import type { Table } from "../../engines/lmdb/Environment.ts";
import { peek } from "../../engines/lmdb/Store.ts";
import { idOfBase, idxOf } from "./Base.ts";
import { foundIn, isBits, sought } from "./IdIndex.ts";
import { baseKey, indexKey, pageKey, pagesKey } from "./Keys.ts";

/** In place, valid until the next look into the store; damaged: what leads to it cannot be read. */
type Found = Uint8Array | undefined | "damaged";

/** By the index that format 2 kept. */
const byKey = (states: Table, generation: number, userId: string): Found => {
  const index = peek(states, indexKey(generation, userId));
  if (index === undefined) return undefined;
  const userIdx = idxOf(index);
  return (userIdx === undefined ? undefined : peek(states, baseKey(generation, userIdx))) ?? "damaged";
};

/** The user's base in the generation; undefined for one who was not loaded. */
export const loadedBase = (states: Table, generation: number, userId: string): Found => {
  const bits = peek(states, pagesKey(generation));
  if (bits === undefined) return byKey(states, generation, userId);
  if (!isBits(bits)) return "damaged";
  const place = sought(userId, bits[0]);
  const page = peek(states, pageKey(generation, place.page));
  const candidates = page === undefined ? [] : foundIn(page, place);
  for (const userIdx of candidates ?? []) {
    const base = peek(states, baseKey(generation, userIdx));
    const id = base === undefined ? undefined : idOfBase(base);
    if (id === undefined) return "damaged";
    if (id === userId) return base;
  }
  return candidates === undefined ? "damaged" : undefined;
};

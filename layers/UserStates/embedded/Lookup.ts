/** Lookup: what is stored of a user, by the shop's id, and of a loaded one also by index; those in formats 3 and 2. */
import type { Table } from "../../engines/lmdb/Environment.ts";
import { peek } from "../../engines/lmdb/Store.ts";
import { isBaseOf, stateOfBase } from "./Base.ts";
import { blockOf, recordIn } from "./Blocks.ts";
import { foundIn, isBits, sought } from "./IdIndex.ts";
import { baseKey, blockKey, indexKey, pageKey, pagesKey, userKey } from "./Keys.ts";

/** The user's base, in place, valid until the next look into the store; undefined for one who was not loaded. */
export const baseOf = (states: Table, generation: number, userIdx: number): Uint8Array | undefined => {
  const block = peek(states, blockKey(generation, blockOf(userIdx)));
  return block === undefined ? peek(states, baseKey(generation, userIdx)) : recordIn(block, userIdx);
};

/** By the index of format 2. */
const byKey = (states: Table, generation: number, userId: string): number | undefined | "damaged" => {
  const index = peek(states, indexKey(generation, userId));
  if (index === undefined) return undefined;
  if (index.length !== 4) return "damaged";
  return new DataView(index.buffer, index.byteOffset).getUint32(0, true);
};

interface Found {
  readonly userIdx: number;
  /** As `baseOf`. */
  readonly base: Uint8Array;
}

/** How ids are divided among pages, of format 3; undefined: by keys, of format 2. */
export type Division = number | undefined | "damaged";

/** It stays so while the generation is there. */
export const divisionOf = (states: Table, generation: number): Division => {
  const bits = peek(states, pagesKey(generation));
  return bits === undefined ? undefined : isBits(bits) ? bits[0] : "damaged";
};

/** By the pages of format 3. */
const inPages = (states: Table, generation: number, userId: string, bits: number): Found | undefined | "damaged" => {
  const place = sought(userId, bits);
  const page = peek(states, pageKey(generation, place.page));
  const candidates = page === undefined ? [] : foundIn(page, place);
  for (const userIdx of candidates ?? []) {
    const base = baseOf(states, generation, userIdx);
    const isOf = base === undefined ? undefined : isBaseOf(base, userId);
    if (base === undefined || isOf === undefined) return "damaged";
    if (isOf) return { userIdx, base };
  }
  return candidates === undefined ? "damaged" : undefined;
};

/** The index of a loaded user, by the shop's id; damaged: what leads to it cannot be read. */
export const loadedIndex = (states: Table, generation: number, userId: string): number | undefined | "damaged" => {
  const bits = divisionOf(states, generation);
  if (bits === undefined) return byKey(states, generation, userId);
  const found = bits === "damaged" ? bits : inPages(states, generation, userId, bits);
  return found === undefined || found === "damaged" ? found : found.userIdx;
};

/** As `baseOf`, by the shop's id; damaged: what leads to it cannot be read. */
export const loadedBase = (
  states: Table,
  generation: number,
  userId: string,
  bits: Division,
): Uint8Array | undefined | "damaged" => {
  if (bits !== undefined) {
    const found = bits === "damaged" ? bits : inPages(states, generation, userId, bits);
    return found === undefined || found === "damaged" ? found : found.base;
  }
  const userIdx = byKey(states, generation, userId);
  if (userIdx === undefined || userIdx === "damaged") return userIdx;
  return baseOf(states, generation, userIdx) ?? "damaged";
};

/** The encoded state in place, valid until the next look into the store; no bytes where the way to it is damaged. */
export const storedState = (
  states: Table,
  generation: number,
  userId: string,
  bits: Division,
): Uint8Array | undefined => {
  const changed = peek(states, userKey(generation, userId));
  if (changed !== undefined) return changed;
  const base = loadedBase(states, generation, userId, bits);
  if (base === undefined) return undefined;
  return (base === "damaged" ? undefined : stateOfBase(base)) ?? new Uint8Array();
};

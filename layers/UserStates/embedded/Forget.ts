/**
 * Forget: one user of a generation, out of it for good, within a write.
 *
 * What was loaded stands among neighbours in a block, which is written anew with nobody in the user's place: no id, and an empty
 * state. What events made of the user is removed as `Sweep.ts` does it, with the slots' floors, or only emptied while an event
 * may still be on its way to be applied.
 */
import { emptyUserState, type UserState } from "../../../src/domain/UserState.ts";
import { decodeUserState, encodeUserState } from "../../../src/domain/UserStateCodec.ts";
import type { Table } from "../../engines/lmdb/Environment.ts";
import { nobody } from "./Base.ts";
import { blockOf, replacedIn } from "./Blocks.ts";
import { baseKey, blockKey, floorKey, indexKey, positionKey, userKey } from "./Keys.ts";
import { divisionOf, loadedIndex, storedState } from "./Lookup.ts";
import { decodeOffset, encodeOffset } from "./Offsets.ts";

/** Puts nobody in the place of the user that the generation was loaded with, if it was. */
export const forgetLoaded = (states: Table, generation: number, userId: string): void => {
  const userIdx = loadedIndex(states, generation, userId);
  if (userIdx === undefined || userIdx === "damaged") return;
  const block = states.get(blockKey(generation, blockOf(userIdx)));
  if (block !== undefined) {
    states.put(blockKey(generation, blockOf(userIdx)), replacedIn(block, userIdx, nobody));
    return;
  }
  states.put(baseKey(generation, userIdx), Buffer.from(nobody));
  states.remove(indexKey(generation, userId));
};

const isEmpty = ({ bought, hidden, interactions, recent, shown, vector }: UserState): boolean =>
  vector === undefined && interactions.length + bought.length + hidden.length + recent.length + shown.ids.length === 0;

/** As the port's `forget` has it. */
export const forgetUser = (
  states: Table,
  generation: number,
  userId: string,
  before: { readonly slot: number; readonly next: bigint },
): void => {
  forgetLoaded(states, generation, userId);
  const key = userKey(generation, userId);
  const stored = storedState(states, generation, userId, divisionOf(states, generation));
  if (stored === undefined) return;
  const state = decodeUserState(stored);
  if (state === undefined) {
    // Also where it is the way to what was loaded that is damaged: what events make of a user stands before it.
    const position = states.get(positionKey(generation, before.slot));
    const next = new Map(position === undefined ? [] : [[before.slot, decodeOffset(position)]]);
    states.put(key, Buffer.from(encodeUserState({ ...emptyUserState, next })));
    return;
  }
  const isApplied = (state.next.get(before.slot) ?? -1n) >= before.next;
  if (isApplied && !isEmpty(state)) return;
  const places = Array.from(state.next, ([slot, next]) => {
    const position = states.get(positionKey(generation, slot));
    return { slot, next, position: position === undefined ? 0n : decodeOffset(position) };
  });
  if (places.some(({ next, position }) => next > position)) {
    states.put(key, Buffer.from(encodeUserState({ ...emptyUserState, next: state.next })));
    return;
  }
  for (const { position, slot } of places) states.put(floorKey(generation, slot), encodeOffset(position));
  states.remove(key);
};

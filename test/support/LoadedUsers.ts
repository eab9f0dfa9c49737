/** Loaded users as objects, one each, and as the columns that they are loaded in. */
import type { ItemSet } from "../../src/domain/ItemSet.ts";
import type { ItemLists, LoadedUsers, Pasts } from "../../src/domain/LoadedUsers.ts";
import { type RecentEvents, recentSize } from "../../src/domain/RecentEvents.ts";
import { decodeShown, packShown, type ShownItems } from "../../src/domain/ShownItems.ts";
import type { Interaction } from "../../src/domain/UserState.ts";

export interface Past {
  readonly interactions: ReadonlyArray<Interaction>;
  readonly bought: ItemSet;
  readonly hidden: ItemSet;
  readonly shown: ShownItems;
  readonly recent: RecentEvents;
}

export interface LoadedUser extends Past {
  readonly userIdx: number;
  readonly userId: string;
  readonly vector: Float32Array | undefined;
}

const pointersOf = (sizes: ReadonlyArray<number>): Uint32Array => {
  const pointers = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, i) => {
    pointers[i + 1] = pointers[i]! + size;
  });
  return pointers;
};

const listsOf = (sets: ReadonlyArray<ItemSet>): ItemLists => ({
  pointers: pointersOf(sets.map((set) => set.length)),
  items: Int32Array.from(sets.flatMap((set) => [...set])),
});

const setOf = ({ items, pointers }: ItemLists, row: number): ItemSet =>
  Uint32Array.from(items.subarray(pointers[row], pointers[row + 1]));

/** Of neighbours. */
export const loadedUsers = (users: ReadonlyArray<LoadedUser>): LoadedUsers => {
  const interactions = users.flatMap((user) => user.interactions);
  return {
    first: users[0]?.userIdx ?? 0,
    ids: users.map(({ userId }) => userId),
    vectors: users.map(({ vector }) => vector),
    past: {
      history: {
        pointers: pointersOf(users.map((user) => user.interactions.length)),
        items: Int32Array.from(interactions, ({ itemIdx }) => itemIdx),
        types: Int32Array.from(interactions, ({ type }) => type),
        times: Float64Array.from(interactions, ({ time }) => time),
      },
      bought: listsOf(users.map(({ bought }) => bought)),
      hidden: listsOf(users.map(({ hidden }) => hidden)),
      shown: {
        pointers: pointersOf(users.map(({ shown }) => packShown(shown).length)),
        words: Uint32Array.from(users.flatMap(({ shown }) => [...packShown(shown)])),
      },
      recent: {
        pointers: pointersOf(users.map(({ recent }) => recent.length / recentSize)),
        packed: Float64Array.from(users.flatMap(({ recent }) => [...recent])),
      },
    },
  };
};

/** Of the user in that row. */
export const pastOf = ({ history, bought, hidden, shown, recent }: Pasts, row: number): Past => {
  const interactions: Array<Interaction> = [];
  for (let i = history.pointers[row]!; i < history.pointers[row + 1]!; i++) {
    interactions.push({ itemIdx: history.items[i]!, type: history.types[i]!, time: history.times[i]! });
  }
  return {
    interactions,
    bought: setOf(bought, row),
    hidden: setOf(hidden, row),
    shown: decodeShown(new Uint8Array(shown.words.slice(shown.pointers[row], shown.pointers[row + 1]).buffer))!,
    recent: recent.packed.slice(recentSize * recent.pointers[row]!, recentSize * recent.pointers[row + 1]!),
  };
};

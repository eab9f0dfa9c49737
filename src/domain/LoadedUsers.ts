/**
 * LoadedUsers: neighbouring users as the batch hands them to a new model, in columns: millions of them are loaded, and none
 * is made an object of. What belongs to the user in row `r` stands in rows `pointers[r]` … `pointers[r + 1] - 1`.
 */
export interface LoadedUsers {
  /** The index of the first user; each other's is one more than that of the one before. */
  readonly first: number;
  /** The shop's ids, one per user. */
  readonly ids: ReadonlyArray<string>;
  /** Length rank each; undefined for a user without interactions: known, and cold. */
  readonly vectors: ReadonlyArray<Float32Array | undefined>;
  readonly past: Pasts;
}

/** Pointers have one element more than there are users. */
export interface Pasts {
  readonly history: History;
  readonly bought: ItemLists;
  readonly hidden: ItemLists;
  readonly shown: Shown;
  readonly recent: Recent;
}

/** What was shown, as it is stored. */
export interface Shown {
  readonly pointers: Uint32Array;
  /** `packShown` of each; none of a user to whom nothing was shown. */
  readonly words: Uint32Array;
}

/** Interactions, oldest first. */
export interface History {
  readonly pointers: Uint32Array;
  readonly items: Int32Array;
  /** Codes in the model's `EventTypes`. */
  readonly types: Int32Array;
  /** Unix seconds. */
  readonly times: Float64Array;
}

/** Item indices, ascending. */
export interface ItemLists {
  readonly pointers: Uint32Array;
  readonly items: Int32Array;
}

/** Packed events (`RecentEvents.ts`), in the log's order. */
export interface Recent {
  readonly pointers: Uint32Array;
  /** `recentSize` numbers per event. */
  readonly packed: Float64Array;
}

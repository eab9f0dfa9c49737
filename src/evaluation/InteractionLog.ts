/** InteractionLog: all that shoppers did, in time order, as columns in memory: 25 bytes per interaction, and the ids. */
import type { EventTypes } from "../domain/EventTypes.ts";

export interface InteractionLog {
  /** The shop's ids by index, in order of first reading. */
  readonly userIds: ReadonlyArray<string>;
  readonly itemIds: ReadonlyArray<string>;
  /** By item, 1 or 0: whether the shop still lists it, so that it may be recommended. */
  readonly available: Uint8Array;
  /** Whether it gave an items file; without one all items are listed. */
  readonly hasItemsFile: boolean;
  /**
   * The features (domain/Features.ts) of each item that the file has and, behind them, of those that nobody had to do with;
   * undefined: it lacks the item.
   */
  readonly descriptions?: ReadonlyArray<ReadonlyArray<string> | undefined> | undefined;
  /** By which the interactions were read. Absent: the default ones. */
  readonly types?: EventTypes;
  readonly length: number;
  /** One entry per interaction, oldest first; those of one time in the order they were read. */
  readonly user: Uint32Array;
  readonly item: Uint32Array;
  /** Its code in `types`. */
  readonly type: Uint8Array;
  /** Above 0: the type's weight, or the row's own, times the quantity. */
  readonly weight: Float32Array;
  /** Unix seconds. */
  readonly time: Float64Array;
}

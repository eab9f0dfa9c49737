/** Learner: how one interaction moves a user's vector. Learners are pure: the same inputs give the same bits. */
import type { Interaction } from "../domain/UserState.ts";

/** The items a learner learns from; row r of `vectors` (rows × rank, row-major) is one item's factors. */
export interface ItemFactors {
  readonly rank: number;
  readonly vectors: Float32Array;
  readonly rowOfIdx: (itemIdx: number) => number | undefined;
  /** By row, 1 for items that training knew nothing of: to it they were zeros. Absent: there is none. */
  readonly isNew?: Uint8Array;
  /** By row, 1 / |y|, 0 for zeros, kept right by whoever changes vectors. Absent: vectors stay as they are. */
  readonly inverse?: Float64Array;
}

export interface Learner {
  /**
   * The user's next vector, a new array of length rank. `vector` is undefined for a cold user, `row` the item's,
   * undefined where the model does not know it, as it may be where there is a vector already: such an event teaches nothing by
   * itself, but ages what came before. `weight` is the event type's, above 0, `interactions` what is kept of the user, oldest first, this event included.
   */
  readonly learn: (
    vector: Float32Array | undefined,
    row: number | undefined,
    weight: number,
    interactions: ReadonlyArray<Interaction>,
  ) => Float32Array;
}

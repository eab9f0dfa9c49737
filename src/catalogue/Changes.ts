/** Changes: which items were changed lately, so that who has looked at all of them need look at these alone again. */

/** Most changes that are told. */
const mostTold = 2048;

export interface Changes {
  /** How many there were, ever. */
  readonly count: () => number;
  /** Whether all since there were so many are told. */
  readonly areTold: (before: number) => boolean;
  /** The items that were changed since, if that is told, some perhaps more than once. */
  readonly since: (before: number) => Uint32Array;
}

export interface WritableChanges extends Changes {
  readonly add: (itemIdx: number) => void;
}

export const makeChanges = (): WritableChanges => {
  const last = new Uint32Array(mostTold);
  let count = 0;
  return {
    count: () => count,
    areTold: (before) => count - before <= mostTold,
    since: (before) => Uint32Array.from({ length: count - before }, (_, i) => last[(before + i) % mostTold]),
    add: (itemIdx) => {
      last[count % mostTold] = itemIdx;
      count += 1;
    },
  };
};

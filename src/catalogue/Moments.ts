/** Moments: items by the next time at which they begin or cease to be valid: a binary heap, its earliest first. */

export interface Moments {
  readonly size: () => number;
  /** `at` in unix milliseconds. */
  readonly add: (at: number, itemIdx: number) => void;
  /** Takes out and answers the items whose moments are up to `now`; an item may come more than once. */
  readonly until: (now: number) => ReadonlyArray<number>;
}

export const makeMoments = (): Moments => {
  const times: Array<number> = [];
  const items: Array<number> = [];

  const swap = (one: number, other: number): void => {
    const [time, item] = [times[one]!, items[one]!];
    times[one] = times[other]!;
    items[one] = items[other]!;
    times[other] = time;
    items[other] = item;
  };

  const rise = (from: number): void => {
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1;
      if (times[above]! <= times[at]!) return;
      swap(at, above);
      at = above;
    }
  };

  const sink = (): void => {
    for (let at = 0; ; ) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < times.length && times[below]! < times[least]!) least = below;
      }
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };

  return {
    size: () => times.length,
    add: (at, itemIdx) => {
      times.push(at);
      items.push(itemIdx);
      rise(times.length - 1);
    },
    until: (now) => {
      const found: Array<number> = [];
      while (times.length > 0 && times[0]! <= now) {
        found.push(items[0]!);
        swap(0, times.length - 1);
        times.pop();
        items.pop();
        sink();
      }
      return found;
    },
  };
};

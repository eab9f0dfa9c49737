/** NaiveFollowers: followers counted pair by pair, as their definition reads. */

/** By item, by follower: millionths. */
export type Counts = ReadonlyMap<number, ReadonlyMap<number, number>>;

const inMillionths = (lag: number): number => Math.round(1_000_000 * 0.8 ** (lag - 1));

/** Of histories in time order. */
export const naiveCounts = (histories: ReadonlyArray<ReadonlyArray<number>>): Counts => {
  const all = new Map<number, Map<number, number>>();
  for (const history of histories) {
    history.forEach((item, first) => {
      history.slice(first + 1, first + 21).forEach((follower, i) => {
        const own = all.get(item) ?? new Map<number, number>();
        all.set(item, own.set(follower, (own.get(follower) ?? 0) + inMillionths(i + 1)));
      });
    });
  }
  return all;
};

export interface NaiveRow {
  readonly item_idx: number;
  readonly follower_idx: number;
  readonly count: number;
  readonly total: number;
}

/** The best of each item, by item, best first. */
export const naiveBest = (counts: Counts, most = 100): ReadonlyArray<NaiveRow> =>
  [...counts]
    .sort(([a], [b]) => a - b)
    .flatMap(([item, own]) => {
      const total = [...own.values()].reduce((sum, count) => sum + count, 0);
      return [...own]
        .sort(([a, x], [b, y]) => y - x || a - b)
        .slice(0, most)
        .map(([follower, count]) => ({ item_idx: item, follower_idx: follower, count, total }));
    });

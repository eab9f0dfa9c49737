/** Shares: how many of a user's purchases are of which kind, as percentages that add up. */
import type { Share } from "./PastSchema.ts";

const tenths = 1_000;

/** Counts as tenths of a percent that add up to 100 %: rounded down, and one more to those that lost most (largest remainder). */
const roundedTogether = (counts: ReadonlyArray<number>): ReadonlyArray<number> => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (tenths * count) / total);
  const rounded = exact.map(Math.floor);
  const lost = exact.map((value, at) => ({ at, lost: value - (rounded[at] ?? 0) }));
  lost.sort((a, b) => b.lost - a.lost || a.at - b.at);
  const left = tenths - rounded.reduce((sum, value) => sum + value, 0);
  const more = new Set(lost.slice(0, left).map(({ at }) => at));
  return rounded.map((value, at) => (value + (more.has(at) ? 1 : 0)) / 10);
};

/** The `most` most frequent of `names`, an empty one being none; ties by name. */
export const sharesOf = (names: ReadonlyArray<string>, most: number): ReadonlyArray<Share> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const percentages = roundedTogether(ordered.map(([, count]) => count));
  return ordered
    .slice(0, most)
    .map(([name, purchases], at) => ({ name: name === "" ? null : name, purchases, percentage: percentages[at] ?? 0 }));
};

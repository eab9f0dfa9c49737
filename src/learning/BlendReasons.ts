/** BlendReasons: the parts that a score of the blend is the sum of. */

/** Why an item has its score: parts in f64, whose sum in any order, rounded to f32, is the score. */
export interface BlendReasons {
  readonly score: number;
  /** One per distinct item of the history, newest first: because it was looked at, and by the taste that it tells of. */
  readonly because: ReadonlyArray<{ readonly itemIdx: number; readonly followers: number; readonly taste: number }>;
  readonly trending: number;
}

/** Gives the largest part what rounding left between the score and the sum of all parts: half a unit in an f32's last place. */
export const settled = (score: number, because: BlendReasons["because"], trending: number): BlendReasons => {
  const parts = because.flatMap(({ followers, taste }) => [followers, taste]);
  parts.push(trending);
  const total = parts.reduce((all, part) => all + part, 0);
  const largest = parts.reduce((at, part, i) => (Math.abs(part) > Math.abs(parts[at]) ? i : at), 0);
  parts[largest] += score - total;
  return {
    score,
    because: because.map(({ itemIdx }, i) => ({ itemIdx, followers: parts[2 * i], taste: parts[2 * i + 1] })),
    trending: parts[parts.length - 1],
  };
};

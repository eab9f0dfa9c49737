/** Mean: what comes in bursts, such as an archive's, evened out, so that it stands beside what does not. */

/** Shares of a window's seconds of which something has to be known. */
const enough = 0.95;

/**
 * Of each second the mean of `values` over the `window` seconds up to it; null where less than 95 % of these are known. `x`: seconds
 * since 1970, ascending, a second apart where none is missing.
 */
export const meansOver = (
  x: ReadonlyArray<number>,
  values: ReadonlyArray<number | null>,
  window: number,
): ReadonlyArray<number | null> => {
  let [from, sum, known] = [0, 0, 0];
  return x.map((at, place) => {
    const value = values[place] ?? null;
    if (value !== null) [sum, known] = [sum + value, known + 1];
    // States come a second apart, more or less.
    for (; (x[from] ?? at) < at - window + 0.5; from++) {
      const gone = values[from] ?? null;
      if (gone !== null) [sum, known] = [sum - gone, known - 1];
    }
    return known < enough * window ? null : Math.max(0, sum) / known;
  });
};

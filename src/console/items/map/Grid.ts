/** Grid: finds the point that is nearest to a place, among a hundred thousand: points by the cell of a grid that they lie in. */

import { type Points, places } from "./Layer.ts";

/** Cells each way. */
const cells = 256;

export interface Grid {
  /** The nearest point within `reach` (in the map's measure, 0 to 1) that is not left out; -1 where there is none. */
  readonly nearest: (x: number, y: number, reach: number, isLeftOut?: (point: number) => boolean) => number;
}

const cellOf = (place: number): number => Math.min(cells - 1, Math.max(0, Math.floor((place * cells) / (places + 1))));

export const makeGrid = ({ x, y }: Points): Grid => {
  const count = x.length;
  const starts = new Uint32Array(cells * cells + 1);
  const own = new Uint32Array(count);
  for (let point = 0; point < count; point++) {
    const cell = cellOf(y[point] ?? 0) * cells + cellOf(x[point] ?? 0);
    own[point] = cell;
    starts[cell + 1] = (starts[cell + 1] ?? 0) + 1;
  }
  for (let cell = 0; cell < cells * cells; cell++) starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0);
  const next = starts.slice();
  const points = new Uint32Array(count);
  for (let point = 0; point < count; point++) {
    const cell = own[point] ?? 0;
    const place = next[cell] ?? 0;
    points[place] = point;
    next[cell] = place + 1;
  }
  return {
    nearest: (shareX, shareY, share, isLeftOut = () => false) => {
      const [atX, atY, reach] = [shareX * places, shareY * places, share * places];
      let [best, least] = [-1, reach * reach];
      for (let row = cellOf(atY - reach); row <= cellOf(atY + reach); row++) {
        const from = starts[row * cells + cellOf(atX - reach)] ?? 0;
        const to = starts[row * cells + cellOf(atX + reach) + 1] ?? 0;
        for (let place = from; place < to; place++) {
          const point = points[place] ?? 0;
          const distance = ((x[point] ?? 0) - atX) ** 2 + ((y[point] ?? 0) - atY) ** 2;
          if (distance > least || (distance === least && best >= 0) || isLeftOut(point)) continue;
          best = point;
          least = distance;
        }
      }
      return best;
    },
  };
};

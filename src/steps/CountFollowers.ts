/**
 * CountFollowers: the followers of every item (domain/Followers.ts), over all shoppers' histories in memory.
 *
 * Items are taken in ranges by index. Of a range, the places of its items in the histories are gathered by item, then what comes
 * after each place is added up in one sum per follower: so a sum is a plain array, however many pairs there are. Memory, beside
 * the histories' 4 bytes per interaction: 4 bytes per place of a range, of which there are at most `placesAtOnce` (or one item's),
 * and 24 bytes per item. Time: 20 additions per interaction.
 */
import { bestFollowers, followerWindow, lagMillionths } from "../domain/Followers.ts";

/** All shoppers' items, one shopper behind the other, each in time order; a shopper's first item i stands there as −1 − i. */
export type MarkedHistories = Int32Array;

/** The place of a first item, marked; of any other, as it is. */
export const marked = (item: number, isFirst: boolean): number => (isFirst ? ~item : item);

const itemAt = (histories: MarkedHistories, at: number): number => {
  const item = histories[at];
  return item < 0 ? ~item : item;
};

/** Rows of followers: item, follower, count and the item's total, in order of items, then best first. */
export interface FollowerRows {
  readonly rows: number;
  readonly items: Int32Array;
  readonly followers: Int32Array;
  readonly counts: Float64Array;
  readonly totals: Float64Array;
}

/** Ranges of items from, to: each of at most so many places, or of one item. */
const rangesOf = (places: Uint32Array, most: number): ReadonlyArray<readonly [from: number, to: number]> => {
  const ranges: Array<readonly [number, number]> = [];
  let from = 0;
  let sum = 0;
  places.forEach((count, item) => {
    if (item > from && sum + count > most) {
      ranges.push([from, item]);
      from = item;
      sum = 0;
    }
    sum += count;
  });
  if (places.length > from) ranges.push([from, places.length]);
  return ranges;
};

/** The places of the items from `from` to `to` − 1, by item: those of item i stand from `starts[i − from]` on. */
const placesIn = (histories: MarkedHistories, counts: Uint32Array, from: number, to: number) => {
  const starts = new Uint32Array(to - from + 1);
  for (let i = from; i < to; i++) starts[i - from + 1] = starts[i - from] + counts[i];
  const ends = starts.slice();
  const places = new Uint32Array(starts[to - from]);
  for (let at = 0; at < histories.length; at++) {
    const item = itemAt(histories, at);
    if (item >= from && item < to) places[ends[item - from]++] = at;
  }
  return { starts, places };
};

/** The best followers of all items (`itemCount` of them), by parts: each of about `rowsAtOnce` rows, and how many items it is of. */
export function* countFollowers(
  histories: MarkedHistories,
  itemCount: number,
  { placesAtOnce = 1 << 24, rowsAtOnce = 50_000 } = {},
): Generator<FollowerRows & { readonly done: number }> {
  const counts = new Uint32Array(itemCount);
  for (let at = 0; at < histories.length; at++) counts[itemAt(histories, at)]++;
  /** By follower; zeros, but while an item's are added up. */
  const sums = new Float64Array(itemCount);
  const met = new Uint32Array(itemCount);
  const own = new Float64Array(itemCount);
  const window = Float64Array.from(lagMillionths);

  /** The followers at the places from `from` to `to` − 1, each once, into `met` and `own`; answers how many. */
  const addUp = (places: Uint32Array, from: number, to: number): number => {
    let size = 0;
    for (let p = from; p < to; p++) {
      const at = places[p];
      const end = Math.min(histories.length, at + followerWindow + 1);
      for (let next = at + 1; next < end && histories[next] >= 0; next++) {
        const follower = histories[next];
        if (sums[follower] === 0) met[size++] = follower;
        sums[follower] += window[next - at - 1];
      }
    }
    for (let i = 0; i < size; i++) {
      own[i] = sums[met[i]];
      sums[met[i]] = 0;
    }
    return size;
  };

  let part: Array<{ readonly item: number; readonly total: number } & ReturnType<typeof bestFollowers>> = [];
  let [rows, done] = [0, 0];
  const take = (): FollowerRows & { readonly done: number } => {
    const taken = {
      rows,
      done,
      items: new Int32Array(rows),
      followers: new Int32Array(rows),
      counts: new Float64Array(rows),
      totals: new Float64Array(rows),
    };
    let at = 0;
    for (const best of part) {
      const end = at + best.items.length;
      taken.items.fill(best.item, at, end);
      taken.totals.fill(best.total, at, end);
      taken.followers.set(best.items, at);
      taken.counts.set(best.counts, at);
      at = end;
    }
    part = [];
    [rows, done] = [0, 0];
    return taken;
  };

  for (const [from, to] of rangesOf(counts, placesAtOnce)) {
    const { places, starts } = placesIn(histories, counts, from, to);
    for (let item = from; item < to; item++) {
      const size = addUp(places, starts[item - from], starts[item - from + 1]);
      done++;
      if (size > 0) {
        let total = 0;
        for (let i = 0; i < size; i++) total += own[i];
        const best = bestFollowers(met, own, size);
        part.push({ item, total, ...best });
        rows += best.items.length;
      }
      if (rows >= rowsAtOnce) yield take();
    }
  }
  if (done > 0) yield take();
}

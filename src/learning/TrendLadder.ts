/**
 * TrendLadder: what happened, as sums by many half-lives at once, of which any other is answered.
 *
 * There are 15 rungs: 1 h, 2 h, 4 h … 16,384 h (683 days). By a half-life h between two rungs a and b = 2a an item weighs
 * (1 − s)·Sₐ + s·S_b with s = log₂(h / a): an event of age t counts (1 − s)·2^(−t/a) + s·2^(−t/b), which is 2^(−t/h) where h is a
 * rung, and differs from it by less than 0.018 everywhere (an event of now counts 1).
 *
 * A partition's ladder is a function of its events' sequence alone, to the bit: not of how they were batched. Of items it keeps
 * `keptLadderItems` at least: where more than a half above come together, those fall out whose largest share by any rung is
 * lowest. The totals still know of their events.
 */
import { rungs, type TrendLadder } from "../domain/TrendLadder.ts";

const shortest = 3_600;
const longest = shortest * 2 ** (rungs - 1);
/** Of each partition. */
export const keptLadderItems = 256;
const mostLadderItems = 1.5 * keptLadderItems;
/** Of an event that comes so many seconds after it, sums are told as of that event's time anew: f32 ends at 2^128. */
const longestAsOf = 64 * shortest;

/** In seconds; `rung` from 0. */
export const halfLifeOfRung = (rung: number): number => shortest * 2 ** rung;

/** What is added up of the rungs for a half-life, in seconds, from the shortest rung to the longest. */
export const mixtureOf = (halfLife: number): ReadonlyArray<{ readonly rung: number; readonly part: number }> => {
  const place = Math.log2(halfLife / shortest);
  const rung = Math.max(0, Math.min(rungs - 2, Math.floor(place)));
  const part = place - rung;
  return [
    { rung, part: 1 - part },
    { rung: rung + 1, part },
  ].filter((one) => one.part !== 0);
};

/** Adds an event of `weight` to the rungs that stand at `at` in `sums`; `later`: seconds after the time as of which they are told. */
export const addToRungs = (sums: Float32Array | Float64Array, at: number, weight: number, later: number): void => {
  let gain = 2 ** (later / longest);
  for (let rung = rungs - 1; rung >= 0; rung--) {
    sums[at + rung] += weight * gain;
    // By half the half-life.
    gain *= gain;
  }
};

interface LadderEvent {
  readonly itemIdx: number;
  readonly weight: number;
  /** Unix seconds. */
  readonly time: number;
}

/** The rows of the items to keep, best first. */
const bestRows = (
  items: Uint32Array,
  sums: Float32Array,
  totals: Float64Array,
  size: number,
): ReadonlyArray<number> => {
  const largest = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    for (let rung = 0; rung < rungs; rung++) {
      const total = totals[rung];
      const share = total > 0 ? sums[row * rungs + rung] / total : 0;
      if (share > largest[row]) largest[row] = share;
    }
  }
  return Array.from({ length: size }, (_, row) => row)
    .sort((a, b) => largest[b] - largest[a] || items[a] - items[b])
    .slice(0, keptLadderItems);
};

/** The partition's ladder after `events`, at least one where there was none before. */
export const advanceLadder = (ladder: TrendLadder | undefined, events: ReadonlyArray<LadderEvent>): TrendLadder => {
  const room = Math.min(mostLadderItems + 1, (ladder?.items.length ?? 0) + events.length);
  let items = new Uint32Array(room);
  let sums = new Float32Array(room * rungs);
  if (ladder !== undefined) {
    items.set(ladder.items);
    sums.set(ladder.sums);
  }
  const totals = ladder === undefined ? new Float64Array(rungs) : Float64Array.from(ladder.totals);
  let size = ladder?.items.length ?? 0;
  let asOf = ladder?.asOf ?? events[0]?.time ?? 0;
  let newest = ladder?.newest ?? asOf;
  const rowOf = new Map<number, number>();
  for (let row = 0; row < size; row++) rowOf.set(items[row], row);

  const tellAsOf = (time: number): void => {
    for (let rung = 0; rung < rungs; rung++) {
      const fade = 2 ** ((asOf - time) / halfLifeOfRung(rung));
      totals[rung] *= fade;
      for (let row = 0; row < size; row++) sums[row * rungs + rung] *= fade;
    }
    asOf = time;
  };
  const prune = (): void => {
    const rows = bestRows(items, sums, totals, size);
    const [before, sumsBefore] = [items, sums];
    items = new Uint32Array(room);
    sums = new Float32Array(room * rungs);
    rowOf.clear();
    for (const [row, old] of rows.entries()) {
      items[row] = before[old];
      sums.set(sumsBefore.subarray(old * rungs, (old + 1) * rungs), row * rungs);
      rowOf.set(before[old], row);
    }
    size = rows.length;
  };

  for (const { itemIdx, time, weight } of events) {
    if (time - asOf > longestAsOf) tellAsOf(time);
    if (time > newest) newest = time;
    let row = rowOf.get(itemIdx);
    if (row === undefined) {
      row = size++;
      items[row] = itemIdx;
      rowOf.set(itemIdx, row);
    }
    addToRungs(sums, row * rungs, weight, time - asOf);
    addToRungs(totals, 0, weight, time - asOf);
    if (size > mostLadderItems) prune();
  }
  return { asOf, newest, totals, items: items.slice(0, size), sums: sums.slice(0, size * rungs) };
};

/**
 * Near: items that lie near to one, by the cosine of their vectors, best first; none that lies across or away from it.
 *
 * Exact, whatever metric the model is searched by: vectors are in memory, and all are looked at, so that what few have had to do with
 * is found like what many have. At 105,000 items of 64 factors that takes some 11 ms, in which others have their turns.
 * Items that nobody has had to do with lie where their attributes say. Such vectors are the middle
 * of what is alike, and so near to all of it: of a list they take a quarter at most, while others are near.
 */
import { Effect } from "effect";
import type { ItemLookup } from "../../domain/ItemSet.ts";
import { type Best, makeBest } from "../../kernels/Best.ts";
import type { Candidate } from "../recommend/Candidate.ts";
import type { Passing } from "../recommend/Passing.ts";
import type { Serving } from "../ServingModel.ts";

/** Rows between two turns of others: about a millisecond. */
const rowsAtOnce = 8_192;

export interface Looking {
  readonly serving: Serving;
  readonly passing: Passing;
  /** Item indices that are left out. */
  readonly exclude: ItemLookup;
  /** Whether a row is worth a look. */
  readonly allowed: (row: number) => boolean;
  /** How many are wanted, and of how many the list is. */
  readonly room: number;
  readonly k: number;
  /** What a candidate must score. */
  readonly least: number | undefined;
}

/** The vector of a row at length 1; undefined where nothing is known of it. */
const directionOf = ({ catalogue }: Serving, row: number): Float32Array | undefined => {
  const { inverse, rank, vectors } = catalogue;
  if (inverse[row] === 0) return undefined;
  return vectors.subarray(row * rank, (row + 1) * rank).map((value) => value * inverse[row]);
};

/** `all` stand best first; new ones beyond `room` of them go behind the others. */
const newBehind = (all: ReadonlyArray<Candidate>, isNew: Uint8Array, room: number): ReadonlyArray<Candidate> => {
  let taken = 0;
  const isHeld = ({ row }: Candidate): boolean => row !== undefined && isNew[row] === 1 && ++taken > room;
  const held = new Set(all.filter(isHeld));
  return held.size === 0 ? all : [...all.filter((one) => !held.has(one)), ...held];
};

const byScore = (a: Candidate, b: Candidate): number => b.score - a.score || a.itemIdx - b.itemIdx;

/** `room` of those that somebody had to do with, and of new ones. Of a row, or undefined for an item that has none. */
export const near = ({ allowed, k, room, serving }: Looking, row: number | undefined) =>
  Effect.gen(function* () {
    const { catalogue, newItems } = serving;
    const direction = row === undefined ? undefined : directionOf(serving, row);
    if (direction === undefined) return [];
    const [known, fresh] = [makeBest(), makeBest()];
    known.reset(room);
    fresh.reset(room);
    const size = catalogue.size();
    for (let from = 0; from < size; from += rowsAtOnce) {
      if (from > 0) yield* Effect.yieldNow();
      for (let one = from; one < Math.min(size, from + rowsAtOnce); one++) {
        if (!allowed(one)) continue;
        const cosine = newItems.nearness(one, direction);
        if (cosine > 0) (catalogue.isNew[one] === 1 ? fresh : known).offer(one, Math.min(1, cosine));
      }
    }
    const taken = (best: Best): ReadonlyArray<Candidate> => {
      const { rows, scores } = best.take();
      return Array.from(rows, (one, i) => ({
        itemIdx: catalogue.itemIdx[one],
        row: one,
        source: "similar",
        score: scores[i],
      }));
    };
    const all = [...taken(known), ...taken(fresh)].sort(byScore);
    return newBehind(all, catalogue.isNew, Math.max(1, Math.floor(k / 4)));
  });

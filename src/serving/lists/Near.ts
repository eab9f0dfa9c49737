/**
 * Near: items that lie near to one, by the cosine of their vectors, best first; none that lies across or away from it.
 *
 * The index finds candidates by the model's own metric, many more than are wanted; their order is by the cosine, whatever the metric.
 * Items that nobody has had to do with, which the index leaves out, lie where their attributes say. Such vectors are the middle
 * of what is alike, and so near to all of it: of a list they take a quarter at most, while others are near.
 */
import { Effect } from "effect";
import { makeBest } from "../../kernels/Best.ts";
import { ItemIndex, type Within } from "../../ports/ItemIndex.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";
import type { Candidate } from "../recommend/Candidate.ts";
import type { Passing } from "../recommend/Passing.ts";
import type { Serving } from "../ServingModel.ts";

/** Asked of the index, at least: by inner products what is bought most comes first, and is not what is most alike. */
const fewest = 200;
/** What an index answers at most (`kernels/TopK.ts`). */
const most = 1000;

export interface Looking {
  readonly serving: Serving;
  readonly passing: Passing;
  readonly within: Within;
  /** Whether a row is worth a look. */
  readonly allowed: (row: number) => boolean;
  /** How many are wanted, and of how many the list is. */
  readonly room: number;
  readonly k: number;
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

/** Of a row, or undefined for an item that has none; none while the index does not answer, but new ones. */
export const makeNear = (waiting: Waiting) =>
  Effect.map(ItemIndex, (index) => {
    const best = makeBest();
    return ({ allowed, k, passing, room, serving, within }: Looking, row: number | undefined) =>
      Effect.gen(function* () {
        const { catalogue, model, newItems } = serving;
        const direction = row === undefined ? undefined : directionOf(serving, row);
        if (direction === undefined) return [];
        const wanted = Math.min(most, Math.max(fewest, 4 * room));
        const found = yield* orElse(waiting, "similar", index.search(model, direction, wanted, within), []);
        const rows = [...found.flatMap(({ itemIdx }) => catalogue.rowOfIdx(itemIdx) ?? []), ...passing.fresh()];
        best.reset(wanted);
        for (const one of rows) {
          const cosine = newItems.nearness(one, direction);
          if (cosine > 0 && allowed(one)) best.offer(one, Math.min(1, cosine));
        }
        const { rows: near, scores } = best.take();
        const all = Array.from(
          near,
          (one, i): Candidate => ({ itemIdx: catalogue.itemIdx[one], row: one, source: "similar", score: scores[i] }),
        );
        return newBehind(all, catalogue.isNew, Math.max(1, Math.floor(k / 4)));
      });
  });

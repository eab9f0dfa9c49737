/** LoadedModel: one model's items in memory, as a catalogue and as a search. */

import { makeScan } from "../../../src/kernels/TopK.ts";
import { unitRows } from "../../../src/kernels/UnitRows.ts";
import type { Candidate, ModelItems, SearchItems, Within } from "../../../src/ports/ItemIndex.ts";
import type { Items } from "../Items.ts";
import { makeModelItems } from "../ModelItems.ts";

export interface LoadedModel {
  readonly catalogue: ModelItems;
  /** `query` has the length of the model's rank. */
  readonly search: SearchItems;
}

/** The vectors as they are searched: NaN, which no search finds, for new items and those of which nothing is known. */
const searchedOf = ({ isNew, itemIdx, metric, rank, vectors }: Items): Float32Array => {
  const searched = metric === "cosine" ? unitRows(vectors, rank) : vectors.slice();
  for (let row = 0; row < itemIdx.length; row++) {
    const own = searched.subarray(row * rank, (row + 1) * rank);
    if (isNew[row] === 1 || own.every((value) => value === 0)) own.fill(Number.NaN);
  }
  return searched;
};

export const makeLoadedModel = (items: Items): LoadedModel => {
  const { itemIdx, metric, rank } = items;
  const rows = itemIdx.length;
  const scan = makeScan({ vectors: searchedOf(items), rows, rank });
  const catalogue: ModelItems = { ...makeModelItems(items), searchBytes: scan.bytes };
  /** Of one search. */
  const allowed = new Uint8Array(rows);

  const masked = ({ exclude, rows: within }: Within): Uint8Array => {
    if (within.length >= rows && exclude.size === 0) return within;
    allowed.fill(0);
    allowed.set(within.subarray(0, rows));
    for (const excluded of exclude) {
      const row = catalogue.rowOfIdx(excluded);
      if (row !== undefined) allowed[row] = 0;
    }
    return allowed;
  };

  return {
    catalogue,
    search: (query, k, within) => {
      const least = metric === "cosine" ? within.leastCosine : undefined;
      const { rows: found, scores } = scan.search(query, k, masked(within), least);
      const candidates: Array<Candidate> = [];
      for (let place = 0; place < found.length; place++) {
        candidates.push({ itemIdx: itemIdx[found[place]!]!, score: scores[place]! });
      }
      return candidates;
    },
  };
};

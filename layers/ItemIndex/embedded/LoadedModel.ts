/** LoadedModel: one model's items in memory, as a catalogue and as a search. */

import { makeScan } from "../../../src/kernels/TopK.ts";
import { unitRows } from "../../../src/kernels/UnitRows.ts";
import type { Candidate, ItemFilter, ModelItems } from "../../../src/ports/ItemIndex.ts";
import type { Items } from "../Items.ts";
import { makeModelItems } from "../ModelItems.ts";
import { makeMasks } from "./Masks.ts";

export interface LoadedModel {
  readonly catalogue: ModelItems;
  /** `query` has the length of the model's rank. */
  readonly search: (query: Float32Array, k: number, filter: ItemFilter) => ReadonlyArray<Candidate>;
}

export const makeLoadedModel = (items: Items): LoadedModel => {
  const { rank, itemIdx, metric, vectors } = items;
  const catalogue = makeModelItems(items);
  const maskOf = makeMasks(items, catalogue.rowOfIdx);
  const searched = metric === "cosine" ? unitRows(vectors, rank) : vectors;
  const scan = makeScan({ vectors: searched, rows: itemIdx.length, rank });
  return {
    catalogue,
    search: (query, k, filter) => {
      const { rows: found, scores } = scan.search(query, k, maskOf(filter));
      return Array.from(found, (row, place) => ({ itemIdx: itemIdx[row]!, score: scores[place]! }));
    },
  };
};

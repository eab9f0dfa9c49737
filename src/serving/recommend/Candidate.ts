/** Candidate: an item that a source proposes for an answer, and by what score. */
import type { Catalogue } from "../../ports/ItemIndex.ts";

/** In the order in which they are asked: each is asked for what the ones before leave open. */
export type Source = "personalized" | "trending" | "catalogue";

export interface Candidate {
  readonly itemIdx: number;
  /** In the serving model's catalogue; undefined where that has no such item, or none is loaded. */
  readonly row: number | undefined;
  readonly source: Source;
  /** Comparable among the candidates of one source. */
  readonly score: number;
}

/** What a store answers, as candidates, in its order. */
export const candidatesOf = (
  source: Source,
  scored: ReadonlyArray<{ readonly itemIdx: number; readonly score: number }>,
  catalogue: Catalogue | undefined,
): ReadonlyArray<Candidate> =>
  scored.map(({ itemIdx, score }) => ({ itemIdx, row: catalogue?.rowOfIdx(itemIdx), source, score }));

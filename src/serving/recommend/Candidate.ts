/** Candidate: an item that a source proposes for an answer, and by what score. */
import type { Source } from "../../domain/RecommendationId.ts";
import type { ServingItems } from "../ServingItems.ts";

/** Whether the blend's score of such a one splits into reasons. */
export const isExplained = (source: Source): boolean => source === "personalized" || source === "new";

export interface Candidate {
  readonly itemIdx: number;
  /** Of `ServingItems`; undefined where that has no such item, or no model is loaded. */
  readonly row: number | undefined;
  /** The first three in the order in which they are asked, each for what the ones before leave open; new items: `Explore.ts`. */
  readonly source: Source;
  /** Comparable among the candidates of one source. */
  readonly score: number;
  /** Of an item that follows another, how often it did (`Following.ts`). */
  readonly support?: number;
  /** Whether the score is what `Rotation.ts` left. */
  readonly isSunk?: boolean;
}

/** What a store answers, as candidates, in its order; made as far as they are asked for. */
export function* candidatesOf(
  source: Source,
  scored: ReadonlyArray<{ readonly itemIdx: number; readonly score: number }>,
  catalogue: Pick<ServingItems, "rowOfIdx"> | undefined,
): Iterable<Candidate> {
  for (const { itemIdx, score } of scored) yield { itemIdx, row: catalogue?.rowOfIdx(itemIdx), source, score };
}

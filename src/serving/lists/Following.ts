/**
 * Following: what shoppers went on to after an item, as the batch counted it and the stream since, the most frequent first.
 *
 * The score is P(b | a) = C[a→b] / (10 + Σ C[a→·]) (`domain/Followers.ts`): of all that followed the item, the share of this one,
 * what came at once counting most. Whatever a shopper did counts alike, a look like a purchase. The support is C[a→b] itself: a weighted
 * number of times, of which no shopper's are told apart.
 */
import { Effect } from "effect";
import { followProbability } from "../../domain/Followers.ts";
import type { Candidate } from "../recommend/Candidate.ts";
import type { LiveCounts } from "../recommend/LiveCounts.ts";
import type { Serving } from "../ServingModel.ts";

/** Of a row, or undefined for an item that has none. */
export const makeFollowing =
  (liveCounts: LiveCounts) =>
  ({ catalogue, model }: Serving, row: number | undefined): Effect.Effect<ReadonlyArray<Candidate>> =>
    row === undefined
      ? Effect.succeed([])
      : Effect.map(liveCounts(model, catalogue), (followersOf) => {
          const list = followersOf(row);
          if (list === undefined) return [];
          return Array.from({ length: list.to - list.from }, (_, i): Candidate => {
            const itemIdx = list.items[list.from + i];
            const count = list.counts[list.from + i];
            const score = followProbability(count, list.total);
            return { itemIdx, row: catalogue.rowOfIdx(itemIdx), source: "followers", score, support: count / 1e6 };
          });
        });

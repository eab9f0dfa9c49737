/**
 * Observer: who is told what the stages of one recommendation do, in the order in which they do it. `Trace.ts` makes one for
 * POST /trace; on all other ways there is none, and nothing is kept.
 */
import type { ItemLookup, ItemSet } from "../../domain/ItemSet.ts";
import type { BlendReasons } from "../../learning/BlendReasons.ts";
import type { BlendObserver } from "../../learning/BlendSearch.ts";
import type { Serving } from "../ServingModel.ts";
import type { Candidate } from "./Candidate.ts";
import type { Gate } from "./Eligibility.ts";
import type { Passing } from "./Passing.ts";
import type { RecommendQuery } from "./Query.ts";
import type { Sinking } from "./Rotation.ts";
import type { Shopper } from "./Shopper.ts";

/** Who asks, and what may be in the answer. */
export interface Asked extends Shopper {
  readonly serving: Serving;
  readonly query: RecommendQuery;
  readonly passing: Passing;
  /** Item indices that are left out, and those of them that pages before held. */
  readonly exclude: ItemLookup;
  readonly given: ItemSet;
  /** The index of the item that an id of the request names. */
  readonly idxOf: (id: string) => number | undefined;
}

export interface Observer extends BlendObserver {
  readonly asked: (asked: Asked) => void;
  /** What the index found for the vector among what may be answered, where `wanted` were asked for. */
  readonly near: (
    vector: Float32Array,
    wanted: number,
    found: ReadonlyArray<{ readonly itemIdx: number; readonly score: number }>,
  ) => void;
  /** The blend takes the first `count` of these rows beside followers, and of what is near. */
  readonly blending: (trending: ArrayLike<number>, count: number) => void;
  /** The first look, which answers as `allowed`. */
  readonly firstLook: (allowed: (row: number) => boolean) => (row: number) => boolean;
  /** The shopper's own candidates, best first, what explains the blend's score of a row, and what rotation leaves of a score. */
  readonly scored: (
    own: ReadonlyArray<Candidate>,
    reasons: ((row: number) => BlendReasons) | undefined,
    sunk: Sinking["sunk"],
  ) => void;
  /** Those that score enough, in their order after what was shown sank. */
  readonly sunk: (own: ReadonlyArray<Candidate>) => void;
  /** The last look, which answers as `gate`; `now`: unix milliseconds. */
  readonly lastLook: (gate: Gate, now: number) => Gate;
  /** The shopper's own, in the order in which they are selected. */
  readonly ordered: (own: ReadonlyArray<Candidate>) => void;
  /** The list that is filled, and then the one with new items in some of its places. */
  readonly selected: (chosen: ReadonlyArray<Candidate>) => void;
  readonly explored: (list: ReadonlyArray<Candidate>) => void;
}

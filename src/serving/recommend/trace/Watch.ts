/** Watch: an observer that notes what the stages do, and how long each takes. */
import type { BlendReasons } from "../../../learning/BlendReasons.ts";
import type { Candidate } from "../Candidate.ts";
import type { Asked, Observer } from "../Observer.ts";
import type { Sinking } from "../Rotation.ts";

/** In their order. popular: what trends is read, and what follows what; words: the answer is worded. */
export const stages = [
  "query",
  "taste",
  "popular",
  "followers",
  "score",
  "rotation",
  "order",
  "select",
  "explore",
  "words",
] as const;
export type Stage = (typeof stages)[number];

export interface Lap {
  readonly stage: Stage;
  readonly micros: number;
}

interface Scored {
  readonly itemIdx: number;
  readonly score: number;
}

/** By row, or by item index, what a look said. */
export type Looks = ReadonlyMap<number, boolean>;

export interface Notes {
  asked: Asked | undefined;
  /** Undefined: the index was not asked. */
  near: { readonly vector: Float32Array; readonly wanted: number; readonly found: ReadonlyArray<Scored> } | undefined;
  /** Rows of what trends, of which so many are the blend's. */
  trending: ReadonlyArray<number>;
  /** Rows that follow the shopper's items, with their first sums. */
  followed: ReadonlyArray<readonly [row: number, sum: number]>;
  /** By row: the blend's looks at followers, and at what else it takes. */
  readonly firstOfFollowers: Map<number, boolean>;
  readonly firstOfOthers: Map<number, boolean>;
  own: ReadonlyArray<Candidate>;
  reasons: ((row: number) => BlendReasons) | undefined;
  rotate: Sinking["sunk"];
  sunk: ReadonlyArray<Candidate>;
  ordered: ReadonlyArray<Candidate>;
  /** By item index, while the list was filled, in order: the candidate and whether it passed. */
  readonly last: Map<number, readonly [candidate: Candidate, passed: boolean]>;
  /** When the last look was, unix milliseconds. */
  now: number;
  chosen: ReadonlyArray<Candidate>;
  list: ReadonlyArray<Candidate>;
  readonly laps: Array<Lap>;
}

/** `nanos`: the clock. The notes grow while the observer is told; times are from one stage's end to the next one's. */
export const watch = (nanos: () => bigint) => {
  const notes: Notes = {
    asked: undefined,
    near: undefined,
    trending: [],
    followed: [],
    firstOfFollowers: new Map(),
    firstOfOthers: new Map(),
    own: [],
    reasons: undefined,
    rotate: (candidate) => candidate,
    sunk: [],
    ordered: [],
    last: new Map(),
    now: 0,
    chosen: [],
    list: [],
    laps: [],
  };
  let since = nanos();
  const lap = (stage: Stage): void => {
    const now = nanos();
    notes.laps.push({ stage, micros: Number((now - since) / 1000n) });
    since = nanos();
  };
  let firstLooks = notes.firstOfFollowers;
  let isFilling = true;

  const observer: Observer = {
    asked: (asked) => {
      notes.asked = asked;
      lap("query");
    },
    near: (vector, wanted, found) => {
      notes.near = { vector, wanted, found };
      lap("taste");
    },
    blending: (rows, count) => {
      notes.trending = Array.from({ length: Math.min(rows.length, count) }, (_, i) => rows[i]!);
      lap("popular");
    },
    firstLook: (allowed) => (row) => {
      const isIn = allowed(row);
      firstLooks.set(row, isIn);
      return isIn;
    },
    followed: (rows, sums) => {
      notes.followed = Array.from(rows, (row, i) => [row, sums[i]!] as const);
      firstLooks = notes.firstOfOthers;
      lap("followers");
    },
    scored: (own, reasons, rotate) => {
      notes.own = own;
      notes.reasons = reasons;
      notes.rotate = rotate;
      lap("score");
    },
    sunk: (own) => {
      notes.sunk = own;
      lap("rotation");
    },
    lastLook: (gate, now) => {
      notes.now = now;
      return (candidate) => {
        const passed = gate(candidate);
        if (isFilling) notes.last.set(candidate.itemIdx, [candidate, passed]);
        return passed;
      };
    },
    ordered: (own) => {
      notes.ordered = own;
      // Those that are asked of from here on are looked at to fill the list; what diversity left out is not among them.
      for (const [itemIdx, [, passed]] of notes.last) if (passed) notes.last.delete(itemIdx);
      lap("order");
    },
    selected: (chosen) => {
      notes.chosen = chosen;
      isFilling = false;
      lap("select");
    },
    explored: (list) => {
      notes.list = list;
      lap("explore");
    },
  };
  return { lap, notes, observer };
};

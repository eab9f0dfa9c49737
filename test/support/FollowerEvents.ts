/** Events of followers for tests: arbitrary ones, and what they come to, counted as simply as can be. */
import * as fc from "fast-check";
import type { FollowerEvents } from "../../src/domain/FollowerCounts.ts";
import { followerWindow, lagMillionths } from "../../src/domain/Followers.ts";

export interface Followed {
  readonly item: number;
  /** Newest first. */
  readonly before: ReadonlyArray<number>;
}

/** Few items, so that pairs come again. */
export const followedBy = (items: number): fc.Arbitrary<Followed> =>
  fc.record({
    item: fc.nat(items - 1),
    before: fc.array(fc.nat(items - 1), { minLength: 1, maxLength: followerWindow }),
  });

export const packed = (events: ReadonlyArray<Followed>): FollowerEvents =>
  Uint32Array.from(events.flatMap(({ before, item }) => [item, before.length, ...before]));

export interface NaiveCounts {
  readonly pairs: ReadonlyMap<string, number>;
  readonly totals: ReadonlyMap<number, number>;
}

/** Counts by "source follower", and totals by source. */
export const countNaively = (events: ReadonlyArray<Followed>, bound = Number.POSITIVE_INFINITY): NaiveCounts => {
  let pairs = new Map<string, number>();
  let totals = new Map<number, number>();
  for (const { before, item } of events) {
    before.forEach((source, i) => {
      const key = `${source} ${item}`;
      pairs.set(key, (pairs.get(key) ?? 0) + lagMillionths[i]!);
      totals.set(source, (totals.get(source) ?? 0) + lagMillionths[i]!);
    });
    while (pairs.size > bound) {
      pairs = new Map([...pairs].map(([key, n]) => [key, Math.floor(n / 2)] as const).filter(([, n]) => n >= 250_000));
      const left = new Set([...pairs.keys()].map((key) => Number(key.split(" ")[0])));
      totals = new Map([...totals].filter(([s]) => left.has(s)).map(([s, n]) => [s, Math.floor(n / 2)]));
    }
  }
  return { pairs, totals };
};

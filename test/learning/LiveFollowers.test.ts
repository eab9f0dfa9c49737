import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { FollowerSnapshot } from "../../src/domain/FollowerCounts.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/domain/FollowerCounts.ts";
import {
  countEvents,
  type LiveFollowers,
  liveFollowersOf,
  makeLiveFollowers,
  pairsKept,
  snapshotOf,
} from "../../src/learning/LiveFollowers.ts";
import { visitPairs } from "../../src/learning/PairTable.ts";
import { countNaively, followedBy, type NaiveCounts, packed } from "../support/FollowerEvents.ts";

const maps = ({ counts, followers, lengths, sources, totals }: FollowerSnapshot): NaiveCounts => {
  const pairs = new Map<string, number>();
  let at = 0;
  sources.forEach((source, s) => {
    for (const end = at + lengths[s]!; at < end; at++) pairs.set(`${source} ${followers[at]}`, counts[at]!);
  });
  return { pairs, totals: new Map(Array.from(sources, (source, s) => [source, totals[s]!])) };
};

const all = (live: LiveFollowers): Uint8Array => encodeSnapshot(snapshotOf(live));
const events = fc.array(followedBy(40), { maxLength: 60 });

describe("LiveFollowers", () => {
  it("adds 0.8^(lag − 1) to each pair and to the total of what was followed", () => {
    const live = makeLiveFollowers();
    countEvents(live, packed([{ item: 7, before: [3, 5, 3] }]));
    expect(maps(snapshotOf(live))).toEqual({
      pairs: new Map([
        ["3 7", 1_640_000],
        ["5 7", 800_000],
      ]),
      totals: new Map([
        [3, 1_640_000],
        [5, 800_000],
      ]),
    });
  });

  it("equals a naive reference, below the bound and beyond it, and never has more pairs", () => {
    fc.assert(
      fc.property(events, fc.constantFrom(1, 5, 30, 150, pairsKept), (events, bound) => {
        const live = makeLiveFollowers(bound);
        for (const event of events) {
          countEvents(live, packed([event]));
          expect(live.pairs).toBeLessThanOrEqual(bound);
        }
        expect(maps(snapshotOf(live))).toEqual(countNaively(events, bound));
        expect(live.halvings > 0).toBe(countNaively(events).pairs.size > bound);
      }),
    );
  });

  it("is the same to the bit however events are cut into batches, and stored and read again in between", () => {
    const cut = fc.record({ size: fc.integer({ min: 1, max: 20 }), restart: fc.boolean() });
    fc.assert(
      fc.property(
        events,
        fc.array(cut, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(5, 100, pairsKept),
        (events, cuts, bound) => {
          const whole = makeLiveFollowers(bound);
          countEvents(whole, packed(events));
          let parts = makeLiveFollowers(bound);
          for (let at = 0, turn = 0; at < events.length; turn++) {
            const { restart, size } = cuts[turn % cuts.length]!;
            countEvents(parts, packed(events.slice(at, at + size)));
            at += size;
            if (restart) parts = liveFollowersOf(decodeSnapshot(all(parts))!, bound);
          }
          expect(Buffer.compare(all(parts), all(whole))).toBe(0);
        },
      ),
    );
  });

  it("shows an item's followers and its total", () => {
    fc.assert(
      fc.property(events, (events) => {
        const live = makeLiveFollowers();
        countEvents(live, packed(events));
        const { pairs, totals } = countNaively(events);
        for (let item = 0; item < 41; item++) {
          const found = new Map<string, number>();
          const total = visitPairs(live, item, (follower, count) => found.set(`${item} ${follower}`, count));
          expect(total).toBe(totals.get(item) ?? 0);
          expect(found).toEqual(new Map([...pairs].filter(([key]) => key.startsWith(`${item} `))));
        }
      }),
    );
  });

  it("keeps its bound of pairs under events without an end", () => {
    const live = makeLiveFollowers();
    let seed = 1;
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let i = 0; i < 20_000; i++) {
      countEvents(live, packed([{ item: next(50_000), before: Array.from({ length: 20 }, () => next(50_000)) }]));
    }
    expect(live.halvings).toBeGreaterThan(0);
    expect(live.pairs).toBeLessThanOrEqual(pairsKept);
    expect(live.pairRecords.doubles.length).toBeLessThanOrEqual(3 * (pairsKept + 20));
  });
});

import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import {
  decodeEvents,
  decodeSnapshot,
  encodeEvents,
  encodeSnapshot,
  type FollowerSnapshot,
  snapshotBytes,
} from "../../src/domain/FollowerCounts.ts";
import { countEvents, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import { followedBy, packed } from "../support/FollowerEvents.ts";

const events = fc.array(followedBy(2 ** 32), { maxLength: 20 }).map(packed);
const snapshots = events.map((events) => {
  const live = makeLiveFollowers();
  countEvents(live, events);
  return snapshotOf(live);
});
/** At any address, as a store hands bytes out. */
const shifted = (bytes: Uint8Array, by: number): Uint8Array => {
  const all = new Uint8Array(bytes.length + by);
  all.set(bytes, by);
  return all.subarray(by);
};

describe("FollowerCounts", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(events, snapshots, fc.nat(7), (events, snapshot, by) => {
        expect(decodeEvents(shifted(encodeEvents(events), by))).toEqual(events);
        const bytes = encodeSnapshot(snapshot);
        expect(bytes.length).toBe(snapshotBytes(snapshot));
        expect(decodeSnapshot(shifted(bytes, by))).toEqual(snapshot);
      }),
    );
  });

  it("reads nothing that was cut or lengthened", () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), (snapshot, at) => {
        const bytes = encodeSnapshot(snapshot);
        expect(decodeSnapshot(bytes.subarray(0, at % bytes.length))).toBeUndefined();
        expect(decodeSnapshot(Uint8Array.of(...bytes, 0))).toBeUndefined();
      }),
    );
    const bytes = encodeEvents(packed([{ item: 1, before: [2, 3] }]));
    for (let length = 1; length < bytes.length; length++) {
      expect(decodeEvents(bytes.subarray(0, length)), `${length}`).toBeUndefined();
    }
  });

  const one: FollowerSnapshot = {
    sources: Uint32Array.of(1, 2),
    totals: Float64Array.of(5, 9),
    lengths: Uint32Array.of(2, 1),
    followers: Uint32Array.of(1, 2, 1),
    counts: Float64Array.of(2, 3, 9),
  };

  it.each<[string, Partial<FollowerSnapshot>]>([
    ["a source twice", { sources: Uint32Array.of(1, 1) }],
    ["a source without followers", { lengths: Uint32Array.of(3, 0) }],
    ["fewer followers than there are", { lengths: Uint32Array.of(1, 1) }],
    ["more followers than there are", { lengths: Uint32Array.of(2, 2) }],
    ["a total below its counts", { totals: Float64Array.of(4, 9) }],
    ["a broken count", { counts: Float64Array.of(2, 2.5, 9) }],
    ["no number", { counts: Float64Array.of(2, Number.NaN, 9) }],
    ["a count of nothing", { counts: Float64Array.of(0, 3, 9) }],
  ])("takes for no snapshot what has %s", (_, change) => {
    expect(decodeSnapshot(encodeSnapshot(one))).toEqual(one);
    expect(decodeSnapshot(encodeSnapshot({ ...one, ...change }))).toBeUndefined();
  });

  it.each([
    ["nothing followed", [1, 0]],
    ["too much followed", [1, 21, ...Array.from({ length: 21 }, () => 1)]],
    ["an item alone", [1]],
    ["an end before its end", [1, 2, 3]],
  ])("takes for no events what has %s", (_, words) => {
    expect(decodeEvents(encodeEvents(Uint32Array.from(words)))).toBeUndefined();
  });
});

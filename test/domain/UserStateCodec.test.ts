import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { itemSetOf, noItems } from "../../src/domain/ItemSet.ts";
import { eventKey, noEvents, packEvents, unpackEvents } from "../../src/domain/RecentEvents.ts";
import { nothingShown, withShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState, purchasesOf, type UserState } from "../../src/domain/UserState.ts";
import {
  decodeInteractions,
  decodeNext,
  decodeRecent,
  decodeUserState,
  decodeVector,
  encodedNextOf,
  encodeInteractions,
  encodeNext,
  encodeRecent,
  encodeUserState,
  encodeVector,
} from "../../src/domain/UserStateCodec.ts";
import { recentOfMarks } from "../../src/domain/UserStateVersion1.ts";

const vector = fc.float32Array({ noNaN: true, maxLength: 64 });
const interactions = fc.array(
  fc.record({
    itemIdx: fc.integer({ min: 0, max: 0xffffffff }),
    type: fc.integer({ min: -1, max: 14 }),
    time: fc.double({ noNaN: true }),
  }),
  { maxLength: 20 },
);
const events = fc.array(
  fc.record({
    id: fc.integer({ min: -1, max: 2 ** 53 - 1 }),
    arrival: fc.double({ noNaN: true }),
    time: fc.double({ noNaN: true }),
    itemIdx: fc.integer({ min: 0, max: 0xffffffff }),
    type: fc.integer({ min: -1, max: 14 }),
    counted: fc.boolean(),
  }),
  { maxLength: 20 },
);
const recent = events.map(packEvents);
const bought = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 20 }).map(itemSetOf);
const shown = fc
  .array(fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff)), { maxLength: 20 })
  .map((all) => all.reduce((list, [item, time, id]) => withShown(list, item, time, id), nothingShown));
const next = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
    maxLength: 8,
  })
  .map((entries) => new Map(entries));
const state: fc.Arbitrary<UserState> = fc.record({
  vector: fc.option(vector, { nil: undefined }),
  interactions,
  bought,
  hidden: bought,
  shown,
  recent,
  next,
});

describe("UserStateCodec", () => {
  it("gives back what it was given, to the bit", () => {
    fc.assert(
      fc.property(state, (given) => {
        expect(decodeUserState(encodeUserState(given))).toEqual(given);
      }),
    );
  });

  it("gives back packed events, and keeps their parts apart", () => {
    fc.assert(
      fc.property(events, (given) => {
        expect(unpackEvents(packEvents(given))).toEqual(given);
      }),
    );
  });

  it("gives back each part", () => {
    fc.assert(
      fc.property(state, (given) => {
        expect(decodeInteractions(encodeInteractions(given.interactions))).toEqual(given.interactions);
        expect(decodeRecent(encodeRecent(given.recent))).toEqual(given.recent);
        expect(decodeNext(encodeNext(given.next))).toEqual(given.next);
        if (given.vector !== undefined) expect(decodeVector(encodeVector(given.vector))).toEqual(given.vector);
      }),
    );
  });

  it("tells an empty vector from a cold user", () => {
    const empty = { ...emptyUserState, vector: new Float32Array(0) };
    expect(decodeUserState(encodeUserState(empty))?.vector).toEqual(new Float32Array(0));
    expect(decodeUserState(encodeUserState({ ...empty, vector: undefined }))?.vector).toBeUndefined();
  });

  it("reads bytes that begin anywhere in their buffer, and shares no memory with them", () => {
    fc.assert(
      fc.property(state, fc.integer({ min: 1, max: 7 }), (given, shift) => {
        const encoded = encodeUserState(given);
        const buffer = new Uint8Array(encoded.length + shift);
        buffer.set(encoded, shift);
        const decoded = decodeUserState(buffer.subarray(shift));
        buffer.fill(0xff);
        expect(decoded).toEqual(given);
      }),
    );
  });

  it("finds a partition's next without decoding the rest", () => {
    fc.assert(
      fc.property(state, fc.integer({ min: 0, max: 0xffffffff }), (given, other) => {
        const encoded = encodeUserState(given);
        for (const [partition, offset] of given.next) expect(encodedNextOf(encoded, partition)).toBe(offset);
        expect(encodedNextOf(encoded, other)).toBe(given.next.get(other));
      }),
    );
  });

  it("answers undefined for another version, for cut bytes and for bytes too many", () => {
    fc.assert(
      fc.property(state, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (given, part) => {
        const encoded = encodeUserState(given);
        expect(decodeUserState(encoded.subarray(0, Math.floor(encoded.length * part)))).toBeUndefined();
        expect(decodeUserState(Uint8Array.from([...encoded, 0]))).toBeUndefined();
        for (const version of [0, encoded[0] === 2 ? 3 : 2, encoded[0] === 4 ? 3 : 4, 5, 255]) {
          expect(decodeUserState(Uint8Array.from([version, ...encoded.subarray(1)]))).toBeUndefined();
        }
      }),
    );
  });

  it("reads version 1, which kept no more of purchases than the history", () => {
    fc.assert(
      fc.property(state, (given) => {
        const encoded = encodeUserState({
          ...given,
          recent: noEvents,
          bought: noItems,
          hidden: noItems,
          shown: nothingShown,
        });
        const old = Uint8Array.from([1, ...encoded.subarray(1, -4)]);
        expect(decodeUserState(old)).toEqual({
          ...given,
          recent: noEvents,
          bought: purchasesOf(given.interactions),
          hidden: noItems,
          shown: nothingShown,
        });
      }),
    );
    const bought = { itemIdx: 9, type: 2, time: 1 };
    const clicked = { itemIdx: 4, type: 0, time: 2 };
    expect(purchasesOf([bought, clicked, { ...bought, itemIdx: 3 }, bought])).toEqual(Uint32Array.of(3, 9));
  });

  it("reads the marks of version 1 as events that arrived when they happened", () => {
    // What version 0.1.0 left of a purchase of item 2 whose id was of this hash.
    const marks = "AAAQhDZJ2kEFAAAAaToyOjIAABCENknaQQ0AAABlOjFkN2NjbHM1a2E1";
    const time = 1_764_022_800.25;
    const [counted, id] = unpackEvents(recentOfMarks(Buffer.from(marks, "base64")) ?? noEvents);
    expect(counted).toEqual({
      id: -1,
      arrival: counted?.time,
      time: counted?.time,
      itemIdx: 2,
      type: 2,
      counted: true,
    });
    expect(id).toMatchObject({ id: Number.parseInt("1d7ccls5ka5", 36), arrival: id?.time, counted: false });
    expect(counted?.time).toBe(time);
    expect(recentOfMarks(Buffer.from(marks, "base64").subarray(0, 30))).toBeUndefined();
    expect(recentOfMarks(Buffer.from("AAAQhDZJ2kEFAAAAaTp4OjI=", "base64"))).toBeUndefined();
  });

  it("takes ids for the same numbers as version 1 did", () => {
    expect(eventKey("").toString(36)).toBe("1ynlk57hkn9");
    expect(eventKey("01890a5d-ac96-774b-bcce-b302099a8057").toString(36)).toBe("2cjto0xdc6r");
  });
});

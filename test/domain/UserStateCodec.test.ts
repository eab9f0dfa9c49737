import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { itemSetOf } from "../../src/domain/ItemSet.ts";
import { emptyUserState, purchasesOf, type UserState } from "../../src/domain/UserState.ts";
import {
  decodeInteractions,
  decodeMarks,
  decodeNext,
  decodeUserState,
  decodeVector,
  encodedNextOf,
  encodeInteractions,
  encodeMarks,
  encodeNext,
  encodeUserState,
  encodeVector,
} from "../../src/domain/UserStateCodec.ts";

const vector = fc.float32Array({ noNaN: true, maxLength: 64 });
const interactions = fc.array(
  fc.record({
    itemIdx: fc.integer({ min: 0, max: 0xffffffff }),
    type: fc.integer({ min: -1, max: 2 }),
    time: fc.double({ noNaN: true }),
  }),
  { maxLength: 20 },
);
const marks = fc.array(
  fc.record({ key: fc.string({ unit: "binary", maxLength: 40 }), time: fc.double({ noNaN: true }) }),
  { maxLength: 20 },
);
const bought = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 20 }).map(itemSetOf);
const next = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
    maxLength: 8,
  })
  .map((entries) => new Map(entries));
const state: fc.Arbitrary<UserState> = fc.record({
  vector: fc.option(vector, { nil: undefined }),
  interactions,
  bought,
  marks,
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

  it("gives back each part", () => {
    fc.assert(
      fc.property(state, (given) => {
        expect(decodeInteractions(encodeInteractions(given.interactions))).toEqual(given.interactions);
        expect(decodeMarks(encodeMarks(given.marks))).toEqual(given.marks);
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
        for (const version of [0, 3, 255]) {
          expect(decodeUserState(Uint8Array.from([version, ...encoded.subarray(1)]))).toBeUndefined();
        }
      }),
    );
  });

  it("reads version 1, which kept no more of purchases than the history", () => {
    fc.assert(
      fc.property(state, (given) => {
        const encoded = encodeUserState({ ...given, bought: itemSetOf([]) });
        const old = Uint8Array.from([1, ...encoded.subarray(1, -4)]);
        expect(decodeUserState(old)).toEqual({ ...given, bought: purchasesOf(given.interactions) });
      }),
    );
    const bought = { itemIdx: 9, type: 2, time: 1 };
    const clicked = { itemIdx: 4, type: 0, time: 2 };
    expect(purchasesOf([bought, clicked, { ...bought, itemIdx: 3 }, bought])).toEqual(Uint32Array.of(3, 9));
  });
});

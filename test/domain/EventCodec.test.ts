import { expect, it } from "@effect/vitest";
import { Either, Schema } from "effect";
import * as fc from "fast-check";
import { decodeEvent, encodeEvent, WireEvent } from "../../src/domain/EventCodec.ts";

const bySchema = Schema.decodeUnknownEither(WireEvent);
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Objects that are nearly events: each field right, wrong in a way that matters, or missing. */
const nearly = fc.record(
  {
    event_id: fc.oneof(fc.string({ maxLength: 130 }), fc.integer()),
    user_id: fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom("", 7, null, "x".repeat(257))),
    item_id: fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom("", 7, null, "x".repeat(256))),
    event_type: fc.oneof(fc.constantFrom("click", "purchase", "stare", "", "t".repeat(65)), fc.boolean()),
    timestamp: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(-1, 1_600_000_000, "1600000000", null),
    ),
    quantity: fc.oneof(fc.integer({ min: -1, max: 1002 }), fc.constantFrom(1.5, "2")),
    user_idx: fc.oneof(fc.nat(), fc.constantFrom(null, -1, 2 ** 31, 1.5, "3")),
    item_idx: fc.oneof(fc.nat(), fc.constantFrom(null, -1)),
    recommendation_id: fc.oneof(
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.constantFrom(null, "", 7, "x".repeat(512), "x".repeat(513)),
    ),
    replay_of: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc.record(
        {
          partition: fc.constantFrom(0, 65_535, 65_536, 1.5),
          offset: fc.constantFrom("0", "-1", "9223372036854775807", "-2", "", 3),
          archived: fc.oneof(fc.boolean(), fc.constant("true")),
          missed: fc.oneof(fc.array(fc.string(), { maxLength: 3 }), fc.constant([1])),
        },
        { requiredKeys: ["partition", "offset"] },
      ),
      fc.constantFrom(null, "3-14"),
    ),
    else: fc.anything(),
  },
  { requiredKeys: ["user_id", "item_id", "event_type", "timestamp"] },
);

it("decodes what the schema decodes, and nothing else", () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: nearly }, { weight: 1, arbitrary: fc.jsonValue() }), (value) => {
      const wire: unknown = JSON.parse(JSON.stringify(value));
      const wanted = bySchema(wire);
      const got = decodeEvent(bytes(wire), "3-14");
      expect(Either.isRight(got), JSON.stringify(wire)).toBe(Either.isRight(wanted));
      if (Either.isRight(got) && Either.isRight(wanted)) {
        expect(got.right).toEqual({
          eventId: wanted.right.event_id ?? "3-14",
          userId: wanted.right.user_id,
          itemId: wanted.right.item_id,
          eventType: wanted.right.event_type,
          timestamp: wanted.right.timestamp,
          quantity: wanted.right.quantity ?? 1,
          userIdx: wanted.right.user_idx ?? undefined,
          itemIdx: wanted.right.item_idx ?? undefined,
          ...(wanted.right.recommendation_id == null ? {} : { recommendationId: wanted.right.recommendation_id }),
          ...(wanted.right.replay_of === undefined
            ? {}
            : { replayOf: { ...wanted.right.replay_of, offset: BigInt(wanted.right.replay_of.offset) } }),
        });
      }
    }),
    { numRuns: 2000 },
  );
});

it("reads back what it wrote", () => {
  const event = {
    eventId: "e-1",
    userId: "ünïcode 😀",
    itemId: "0108775015",
    eventType: "purchase",
    timestamp: 1_600_000_000.25,
    quantity: 3,
    userIdx: 4,
    itemIdx: undefined,
    recommendationId: "AWsItg0vfMr07kQBYRe8gStV6ijc3yPrxiMhLi65LSNLoShBHCqlyS94vQ",
    replayOf: { partition: 3, offset: -1n, archived: true, missed: ["20260921T101530-3f9a"] },
  };
  expect(decodeEvent(encodeEvent(event), "")).toEqual(Either.right(event));
});

it.each([
  ["{", "not JSON"],
  ['{"user_id":7}', "user_id is 7"],
  ['{"user_id":"u","item_id":"i","event_type":"click","timestamp":"now"}', 'timestamp is "now"'],
  ['{"user_id":"u","item_id":"i","event_type":"click","timestamp":1,"quantity":0}', "quantity is 0"],
])("names what is wrong with %s", (text, wanted) => {
  const got = decodeEvent(new TextEncoder().encode(text), "");
  expect(Either.isLeft(got) && got.left).toContain(wanted);
});

it("does not take broken UTF-8 for text", () => {
  expect(Either.isLeft(decodeEvent(Uint8Array.of(0x22, 0xff, 0x22), ""))).toBe(true);
});

it.each(["[", '{"a":'])("names what is wrong with a field that nests %s deeper than the stack is", (open) => {
  const close = open === "[" ? "]" : "}";
  const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
  const got = decodeEvent(new TextEncoder().encode(`{"user_id":${deep}}`), "");
  const wanted = `user_id is ${open.repeat(80).slice(0, 80)}…; text of 1 to 256 characters is wanted`;
  expect(got).toEqual(Either.left(wanted));
});

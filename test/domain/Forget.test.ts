import { expect, it } from "@effect/vitest";
import { Either } from "effect";
import { decodeEvent, decodeRecord } from "../../src/domain/EventCodec.ts";
import { encodeForget } from "../../src/domain/Forget.ts";

const bytes = (fields: Record<string, unknown>): Uint8Array => new TextEncoder().encode(JSON.stringify(fields));
const word = { eventId: "e", userId: "anna-7", timestamp: 1_600_000_000.25 };

it("is a record of its own, and no event", () => {
  expect(decodeRecord(encodeForget(word), "p")).toEqual(Either.right({ forget: true, ...word }));
  expect(Either.getLeft(decodeEvent(encodeForget(word), "p"))).toMatchObject({
    value: "the record forgets a user, and is no event",
  });
});

it("takes the record's place for its id, and any time, where others wrote it", () => {
  expect(decodeRecord(bytes({ user_id: "u", forget: true }), "log-3-9")).toEqual(
    Either.right({ forget: true, eventId: "log-3-9", userId: "u", timestamp: 0 }),
  );
});

it("is not what names an item, says no, or names nobody", () => {
  const event = { user_id: "u", item_id: "i", event_type: "click", timestamp: 1.6e9 };
  expect(Either.getOrThrow(decodeRecord(bytes({ ...event, forget: true }), "p"))).toMatchObject({ itemId: "i" });
  for (const fields of [
    { user_id: "u", forget: "true" },
    { user_id: "u", forget: false },
    { user_id: "", forget: true },
  ]) {
    expect(Either.isLeft(decodeRecord(bytes(fields), "p"))).toBe(true);
  }
});

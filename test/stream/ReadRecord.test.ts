import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import fc from "fast-check";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { readRecord } from "../../src/stream/ReadRecord.ts";

const event = { eventId: "e", userId: "u", itemId: "i", eventType: "click", quantity: 1 };
const arrival = 1_700_000_000.5;

const read = (timestamp: number, appendedAt = arrival) =>
  readRecord("log", 3, { offset: 9n, appendedAt, value: encodeEvent({ ...event, timestamp }) });

describe("a record of the log", () => {
  it("is an event from 1971 up to a day after the log took it", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e10, max: 1e10, noNaN: true }),
        fc.double({ min: 1e9, max: 5e9, noNaN: true }),
        (time, at) => {
          expect(Either.isRight(read(time, at))).toBe(time >= 31_536_000 && time <= at + 86_400);
        },
      ),
    );
  });

  it("is told what is wrong with its time, and what is wanted", () => {
    for (const [time, problem] of [
      [0, "timestamp 0 is before 1971-01-01"],
      [31_535_999, "timestamp 31535999 is before 1971-01-01"],
      [1_700_086_400.6, "timestamp 1700086400.6 is more than a day ahead"],
      [1_700_000_000_000, "timestamp 1700000000000 is more than a day ahead"],
    ] as const) {
      const refused = read(time);
      expect(Either.isLeft(refused) && refused.left?.reason).toBe("bad_time");
      expect(Either.isLeft(refused) && refused.left?.detail).toContain(problem);
      expect(Either.isLeft(refused) && refused.left?.detail).toContain("unix seconds");
    }
    expect(Either.isRight(read(1_700_086_400.5))).toBe(true);
  });

  it("is undecodable where it is no event at all", () => {
    const refused = readRecord("log", 3, { offset: 9n, appendedAt: arrival, value: new TextEncoder().encode("{") });
    expect(Either.isLeft(refused) && refused.left?.reason).toBe("undecodable");
  });

  it("is no event where the log has a gap: given up at its first offset where something was damaged", () => {
    const gap = (damage: string | undefined) =>
      readRecord("log", 3, { offset: 9n, appendedAt: 0, value: new Uint8Array(), gap: { first: 5n, damage } });
    expect(gap(undefined)).toEqual(Either.left(undefined));
    expect(gap("why")).toEqual(Either.left({ offset: 5n, reason: "corrupt_batch", detail: "why" }));
  });
});

import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import {
  compactString,
  cursorOf,
  int64,
  string,
  unsignedVarint,
  varint,
  view,
} from "../../../../layers/engines/kafka/Cursor.ts";
import { varint as encoded } from "./records/encoding.ts";

it("reads every number that a variable length can say, within 53 bits", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -300, max: 300 })), (value) => {
      const cursor = cursorOf(encoded(value));
      expect(varint(cursor)).toBe(value);
      expect(cursor).toMatchObject({ beyond: false, at: cursor.bytes.length });
    }),
    { numRuns: 1000 },
  );
  expect(unsignedVarint(cursorOf(Buffer.from([0xac, 0x02])))).toBe(300);
});

it("stays within its bytes whatever it is asked for, and tells so", () => {
  const endless = cursorOf(Buffer.alloc(20, 255));
  varint(endless);
  expect(endless.beyond).toBe(true);
  for (const read of [int64, string, compactString, varint]) {
    const cursor = cursorOf(Buffer.from([255, 255, 255]).subarray(0, read === string ? 1 : 3));
    read(cursor);
    expect(cursor.beyond).toBe(true);
  }
  const cursor = cursorOf(Buffer.from([1, 2, 3]));
  expect(view(cursor, 4)).toBeUndefined();
  expect(cursor.beyond).toBe(true);
  expect(view(cursorOf(Buffer.from([1])), -1)).toBeUndefined();
});

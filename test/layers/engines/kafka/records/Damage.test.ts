import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { HeadedRecord } from "../../../../../layers/engines/kafka/records/RecordSet.ts";
import { batch, type CodecName } from "./encoding.ts";
import { gaps, plain, read, values } from "./reading.ts";

describe("damage", () => {
  const [before, behind] = [
    batch([plain(0, "a"), plain(1, "b")], { base: 10n }),
    batch([plain(0, "y")], { base: 15n }),
  ];
  const struck = batch([plain(0, "k"), plain(1, "l"), plain(2, "m")], { base: 12n, codec: "gzip" });
  const at = (from: bigint, set: Buffer) => {
    const answer = read(set, { from, end: 16n });
    return answer.trouble?._tag === "Damaged" ? read(set, { from, end: 16n, again: true }) : answer;
  };
  /** What a broker answers, which finds a batch by the end that its header tells. */
  const broker = (from: bigint, batches: ReadonlyArray<Buffer>): Buffer =>
    Buffer.concat(
      batches.slice(batches.findIndex((one) => one.readBigInt64BE(0) + BigInt(one.readInt32BE(23)) >= from)),
    );

  it.each([
    ["bytes that changed", (one: Buffer) => one.fill(0x55, 70, 74), "fails its checksum"],
    ["a codec that cannot undo it", () => batch([], content("gzip", "no gzip")), "is not gzip"],
    ["records that end too soon", () => batch([], { ...content("none", ""), lastDelta: 2, count: 3 }), "number 1"],
    ["a number of records that is none", () => batch([], { ...content("none", ""), count: 2 ** 31 - 1 }), "2147483647"],
    ["more than it says", () => batch([plain(0, "k")], { base: 12n, lastDelta: 2, count: 0 }), "more bytes"],
  ] as ReadonlyArray<readonly [string, (one: Buffer) => Buffer, string]>)(
    "%s: one gap with the reason, and what stands behind is read",
    (_, strike, reason) => {
      const bad = strike(Buffer.from(struck));
      const first = at(10n, Buffer.concat([before, bad, behind]));
      expect(values(first.records)).toEqual(["a", "b"]);
      expect(first.next).toBe(12n);
      const second = at(first.next, Buffer.concat([bad, behind]));
      expect(gaps(second.records)).toEqual([{ first: 12n, last: 14n, damage: expect.stringContaining(reason) }]);
      expect(gaps(second.records)[0]!.damage).toContain("the batch of 3 records at offset 12 of partition 3 ");
      const third = at(second.next, broker(second.next, [before, bad, behind]));
      expect(values(third.records)).toEqual(["y"]);
    },
  );

  const content = (codec: CodecName, text: string) => ({
    base: 12n,
    codec,
    content: Buffer.from(text),
    lastDelta: 2,
    count: 3,
  });

  it("is believed at the second reading only", () => {
    const bad = Buffer.from(struck).fill(0x55, 70, 74);
    expect(read(bad, { from: 12n, end: 16n })).toMatchObject({ records: [], next: 12n, trouble: { _tag: "Damaged" } });
  });

  it("of any one bit leaves the other batches whole and is told, or leaves everything whole", () => {
    let told = 0;
    for (let bit = 0; bit < struck.length * 8; bit++) {
      const byte = bit >>> 3;
      const bad = Buffer.from(struck);
      bad[byte]! ^= 1 << (bit & 7);
      const records: Array<HeadedRecord> = [];
      // All three in one answer, or the struck one at its beginning.
      for (const from of [10n, 12n]) {
        records.length = 0;
        let next = from;
        const batches = from === 10n ? [before, bad, behind] : [bad, behind];
        let rounds = 0;
        while (next < 16n && rounds++ < 10) {
          // What a broker finds when an offset that it goes by has changed is its own affair.
          const left = next === from ? Buffer.concat(batches) : Buffer.concat(next < 15n ? [bad, behind] : [behind]);
          const answer = at(next, left);
          expect(answer.next).toBeGreaterThan(next);
          records.push(...answer.records);
          next = answer.next;
        }
        expect(next, `bit ${bit}`).toBe(16n);
        const outcome = values(records).join("");
        const damages = gaps(records).filter(({ damage }) => damage !== undefined);
        const epochOnly = byte >= 12 && byte < 16;
        expect(outcome, `bit ${bit}`).toBe(`${from === 10n ? "ab" : ""}${epochOnly ? "klm" : ""}y`);
        expect(damages.length > 0, `bit ${bit}`).toBe(!epochOnly);
        told += damages.length;
      }
    }
    expect(told).toBeGreaterThan(500);
  });

  it("of any bytes never stops the reader", () => {
    const spoilt = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
      const set = Buffer.concat([before, struck, behind]);
      for (const [place, byte] of changes) set[place % set.length] = byte;
      return set;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          spoilt,
          fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some)),
        ),
        (set) => {
          const answer = at(10n, set);
          if (answer.trouble === undefined && set.length > 0) expect(answer.next).toBeGreaterThan(10n);
          expect(answer.next).toBeLessThanOrEqual(16n);
          let next = 10n;
          for (const { gap, offset } of answer.records) {
            expect(gap?.first ?? offset).toBeGreaterThanOrEqual(next);
            next = offset + 1n;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("what is not known here", () => {
  it.each([
    ["a codec", batch([plain(0, "n")], { base: 1n, codecNumber: 6 }), "codec 6"],
    ["a format", newer(batch([plain(0, "n")], { base: 1n })), "format 3"],
  ])("%s waits, and what stands before it is read", (_, later, reason) => {
    const set = Buffer.concat([batch([plain(0, "a")], { base: 0n }), later]);
    const first = read(set);
    expect(values(first.records)).toEqual(["a"]);
    for (const again of [false, true]) {
      const second = read(later, { from: first.next, again });
      expect(second).toMatchObject({ records: [], next: 1n, trouble: { _tag: "Unknown" } });
      expect(second.trouble!.reason).toContain(reason);
    }
  });

  function newer(one: Buffer): Buffer {
    one[16] = 3;
    one[60]! ^= 1;
    return one;
  }
});

import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { batch, type CodecName, type Written } from "./encoding.ts";
import { gaps, plain, read, values } from "./reading.ts";

const bytes = fc.uint8Array({ maxLength: 30 });
const written = fc.record({
  delta: fc.integer({ min: 1, max: 3 }),
  timestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.tuple(fc.string({ maxLength: 8 }), fc.option(bytes)), { maxLength: 3 }),
});
const codec = fc.constantFrom<CodecName>("none", "gzip", "snappy", "xerial", "lz4", "zstd");

/** Steps between offsets as deltas from the first. */
const stepped = (records: ReadonlyArray<Written>): ReadonlyArray<Written> => {
  let delta = -1;
  return records.map((record) => {
    delta += record.delta;
    return { ...record, delta };
  });
};

describe("batches of format 2", () => {
  it("are read as they were written, from any offset on, whatever their codec", () => {
    const log = fc.array(
      fc.record({
        records: fc.array(written, { minLength: 1, maxLength: 8 }).map(stepped),
        codec,
        appendTime: fc.option(fc.integer({ min: 1, max: 4_000_000_000_000 }), { nil: undefined }),
        spare: fc.nat(2),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(log, fc.nat(40), (batches, at) => {
        let base = 100n;
        const sent: Array<Buffer> = [];
        const expected: Array<unknown> = [];
        for (const { appendTime, codec, records, spare } of batches) {
          const lastDelta = records.at(-1)!.delta + spare;
          sent.push(batch(records, { base, codec, lastDelta, ...(appendTime === undefined ? {} : { appendTime }) }));
          for (const { delta, headers, timestamp, value } of records) {
            expected.push({
              offset: base + BigInt(delta),
              appendedAt: (appendTime ?? timestamp) / 1000,
              value: Buffer.from(value ?? []),
              headers: new Map(headers.map(([name, bytes]) => [name, Buffer.from(bytes ?? [])])),
            });
          }
          base += BigInt(lastDelta) + 1n;
        }
        const from = 100n + (BigInt(at) % (base - 100n));
        const skipped = sent.findIndex((_, i) => 100n + ends(batches.slice(0, i + 1)) > from);
        const { next, records, trouble } = read(Buffer.concat(sent.slice(skipped)), { from, end: base });
        expect(trouble).toBeUndefined();
        expect(next).toBe(base);
        const wanted = (expected as Array<{ offset: bigint }>).filter(({ offset }) => offset >= from);
        expect(records.filter(({ gap }) => gap === undefined)).toEqual(wanted);
        expect(gaps(records).every(({ damage }) => damage === undefined)).toBe(true);
        expect(records.at(-1)!.offset).toBe(base - 1n);
      }),
      { numRuns: 300 },
    );
  });

  const ends = (batches: ReadonlyArray<{ readonly records: ReadonlyArray<Written>; readonly spare: number }>): bigint =>
    batches.reduce((sum, { records, spare }) => sum + BigInt(records.at(-1)!.delta + spare + 1), 0n);

  it("may be cut off anywhere: the whole ones before are read, and a first one that is cut off is asked for again", () => {
    const first = batch([plain(0, "a"), plain(1, "b")], { base: 0n, codec: "gzip" });
    const whole = Buffer.concat([first, batch([plain(0, "c")], { base: 2n })]);
    for (let length = 0; length < whole.length; length++) {
      const { next, records, trouble } = read(whole.subarray(0, length));
      expect(values(records)).toEqual(length < first.length ? [] : ["a", "b"]);
      expect(next).toBe(length < first.length ? 0n : 2n);
      expect(trouble?._tag).toBe(length === 0 || length >= first.length ? undefined : "Damaged");
    }
  });

  it("without times were appended at 0, which no event's time agrees with", () => {
    const { records } = read(batch([plain(0, "a", -1)], { base: 0n }));
    expect(records[0]!.appendedAt).toBe(0);
  });

  it("are taken while there is room, one at least", () => {
    const set = Buffer.concat([0n, 1n, 2n].map((base) => batch([plain(0, "x".repeat(500))], { base, codec: "gzip" })));
    expect(read(set, { room: { bytes: 1 } }).next).toBe(1n);
    expect(read(set, { room: { bytes: 800 } }).next).toBe(2n);
    expect(read(set, { room: { bytes: 0 } }).next).toBe(1n);
  });
});

import { describe, expect, it } from "@effect/vitest";
import { batch, message, wrapped } from "./encoding.ts";
import { gaps, plain, read, values } from "./reading.ts";

describe("messages of the formats 0 and 1", () => {
  const messages = [plain(0, "a", 1000), plain(0, null, 2000), plain(0, "c", 3000)];

  it.each(["gzip", "snappy", "xerial", "lz4"] as const)("compressed by %s", (codec) => {
    for (const format of [0, 1] as const) {
      const set = Buffer.concat([message(format, plain(0, "first", 500), 40n), wrapped(format, messages, 41n, codec)]);
      const { next, records } = read(set, { from: 40n });
      expect(next).toBe(44n);
      expect(records.map(({ offset }) => offset)).toEqual([40n, 41n, 42n, 43n]);
      expect(values(records)).toEqual(["first", "a", "", "c"]);
      expect(records.map(({ appendedAt }) => appendedAt)).toEqual(format === 0 ? [0, 0, 0, 0] : [0.5, 1, 2, 3]);
      expect(values(read(set.subarray(message(format, plain(0, "first"), 0n).length), { from: 43n }).records)).toEqual([
        "c",
      ]);
    }
  });

  it("have the broker's time in the outer message, where it gave one", () => {
    const { records } = read(wrapped(1, messages, 0n, "gzip", 9000));
    expect(records.map(({ appendedAt }) => appendedAt)).toEqual([9, 9, 9]);
  });

  it("are told when they are damaged, and batches of format 2 behind them are read", () => {
    const old = message(1, plain(0, "old", 1), 0n);
    old[old.length - 1]! ^= 1;
    const set = Buffer.concat([old, batch([plain(0, "new")], { base: 1n })]);
    const { next, records } = read(set, { again: true });
    expect(gaps(records)).toEqual([{ first: 0n, last: 0n, damage: expect.stringContaining("fails its checksum") }]);
    expect(values(read(set.subarray(old.length), { from: next }).records)).toEqual(["new"]);
  });
});

import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { batch, marker } from "./encoding.ts";
import { gaps, plain, read, values } from "./reading.ts";

describe("transactions", () => {
  const of = (producerId: bigint, base: bigint, ...texts: ReadonlyArray<string>) =>
    batch(
      texts.map((text, i) => plain(i, text)),
      { base, producerId, transactional: true },
    );

  it("are read where they were committed, and gaps without a reason where they were aborted", () => {
    const set = Buffer.concat([
      of(1n, 0n, "c0", "c1"),
      of(2n, 2n, "aborted"),
      batch([plain(0, "alone")], { base: 3n }),
      marker(4n, 1n, true),
      of(2n, 5n, "aborted too"),
      marker(6n, 2n, false),
      of(2n, 7n, "later"),
      marker(8n, 2n, true),
    ]);
    const { next, records } = read(set, { aborted: [{ producerId: 2n, firstOffset: 2n }] });
    expect(values(records)).toEqual(["c0", "c1", "alone", "later"]);
    expect(next).toBe(9n);
    expect(gaps(records)).toEqual([{ first: 8n, last: 8n, damage: undefined }]);
  });

  it("one that was aborted at the end of the log leaves no reader waiting before it", () => {
    const set = Buffer.concat([of(9n, 5n, "x", "y"), marker(7n, 9n, false)]);
    const { next, records } = read(set, { from: 5n, aborted: [{ producerId: 9n, firstOffset: 5n }] });
    expect(next).toBe(8n);
    expect(records).toMatchObject([{ offset: 7n, gap: { first: 5n, damage: undefined } }]);
  });

  it("equal, of any history, what a reader sees that knows each transaction's end", () => {
    const step = fc.record({
      producer: fc.nat(3),
      act: fc.constantFrom("write" as const, "write" as const, "commit" as const, "abort" as const),
      alone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(20), (steps, start) => {
        const open = new Map<number, { first: bigint; texts: Array<string> }>();
        const parts: Array<{ readonly last: bigint; readonly bytes: Buffer }> = [];
        const aborted: Array<{ producerId: bigint; firstOffset: bigint; last: bigint }> = [];
        const seen: Array<readonly [bigint, string]> = [];
        let next = 0n;
        const texts = new Map<string, bigint>();
        for (const { act, alone, producer } of steps) {
          const text = `t${next}`;
          if (act === "write") {
            texts.set(text, next);
            if (alone) {
              parts.push({ last: next, bytes: batch([plain(0, text)], { base: next }) });
              seen.push([next, text]);
            } else {
              const one = open.get(producer) ?? { first: next, texts: [] };
              one.texts.push(text);
              open.set(producer, one);
              parts.push({ last: next, bytes: of(BigInt(producer), next, text) });
            }
          } else {
            const one = open.get(producer);
            if (one === undefined) continue;
            open.delete(producer);
            parts.push({ last: next, bytes: marker(next, BigInt(producer), act === "commit") });
            if (act === "commit") for (const text of one.texts) seen.push([texts.get(text)!, text]);
            else aborted.push({ producerId: BigInt(producer), firstOffset: one.first, last: next });
          }
          next += 1n;
        }
        // A broker answers up to the first transaction that is open.
        const stable = [next, ...Array.from(open.values(), ({ first }) => first)].sort((a, b) => (a < b ? -1 : 1))[0]!;
        const from = BigInt(start) < stable ? BigInt(start) : stable;
        const set = Buffer.concat(parts.filter(({ last }) => last >= from && last < stable).map(({ bytes }) => bytes));
        const { records } = read(set, {
          from,
          end: next,
          aborted: aborted.filter(({ firstOffset, last }) => last >= from && firstOffset < stable),
        });
        const wanted = seen
          .filter(([offset]) => offset >= from && offset < stable)
          .sort(([a], [b]) => (a < b ? -1 : 1));
        expect(values(records)).toEqual(wanted.map(([, text]) => text));
      }),
      { numRuns: 500 },
    );
  });
});

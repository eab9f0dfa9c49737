import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { gather, type Records, settle } from "../../../../layers/engines/kafka/Round.ts";
import type { Position } from "../../../../src/ports/EventLog.ts";

interface Sized {
  readonly partition: number;
  readonly size: number;
}

const record = fc.record({ partition: fc.nat(3), size: fc.integer({ min: 1, max: 40 }) });

it("rounds carry every record once, in order, within the limit; each call is told its records' places", () => {
  fc.assert(
    fc.property(fc.array(fc.array(record, { minLength: 1, maxLength: 8 }), { maxLength: 12 }), (lists) => {
      const limit = 50;
      const log: Array<Array<Sized>> = [[], [], [], []];
      const calls = lists.map((records): Records<Sized> => ({ records, positions: [], sent: 0 }));
      let waiting: ReadonlyArray<Records<Sized>> = calls;
      const completed: Array<Records<Sized>> = [];
      while (waiting.length > 0) {
        const { partitions, parts } = gather(waiting, ({ size }: Sized) => size, limit);
        const carried = [...partitions.values()].flat();
        expect(carried.length).toBeGreaterThan(0);
        const bytes = carried.reduce((sum, { size }) => sum + size, 0);
        expect(bytes <= limit || carried.length === 1).toBe(true);
        const bases = new Map<number, bigint>();
        for (const [partition, records] of partitions) {
          bases.set(partition, BigInt(log[partition]!.length));
          log[partition]!.push(...records);
        }
        for (const part of parts) {
          if (!settle(part, bases)) continue;
          completed.push(part.call);
          waiting = waiting.filter((call) => call !== part.call);
        }
      }
      expect(completed).toEqual(calls);
      for (const { positions, records } of calls) {
        expect(positions.map(({ offset, partition }: Position) => log[partition]![Number(offset)])).toEqual(records);
        for (let i = 0; i < records.length; i++) {
          expect(log[positions[i]!.partition]![Number(positions[i]!.offset)]).toBe(records[i]);
        }
      }
      const all = lists.flat();
      for (let p = 0; p < 4; p++) expect(log[p]).toEqual(all.filter(({ partition }) => partition === p));
    }),
  );
});

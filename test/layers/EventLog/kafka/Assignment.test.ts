import { expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeAssignment, type Owned, type Poll } from "../../../../layers/EventLog/kafka/Assignment.ts";
import type { LogRecord } from "../../../../src/ports/EventLog.ts";

const partitions = 3;
const length = 40;
/** Every third offset is a gap, as a control record leaves one. */
const log: ReadonlyArray<LogRecord> = Array.from({ length }, (_, i) => i)
  .filter((i) => i % 3 !== 2)
  .map((i) => ({ offset: BigInt(i), appendedAt: i, value: new Uint8Array(10) }));
const recordSize = 74;

type Command =
  | { readonly _tag: "assign"; readonly partitions: ReadonlyArray<number> }
  | { readonly _tag: "drain" | "end" | "drop" | "poll" }
  | { readonly _tag: "answer"; readonly which: number; readonly count: number }
  | {
      readonly _tag: "take";
      readonly partition: number;
      readonly back: number;
      readonly max: number;
      readonly old: boolean;
    };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("assign" as const),
      partitions: fc.uniqueArray(fc.nat(partitions - 1), { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("drain" as const, "end" as const, "drop" as const) }) },
  { weight: 8, arbitrary: fc.record({ _tag: fc.constant("poll" as const) }) },
  {
    weight: 10,
    arbitrary: fc.record({ _tag: fc.constant("answer" as const), which: fc.nat(5), count: fc.nat(6) }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      _tag: fc.constant("take" as const),
      partition: fc.nat(partitions - 1),
      back: fc.integer({ min: -4, max: 4 }),
      max: fc.integer({ min: 1, max: 5 }),
      old: fc.boolean(),
    }),
  },
);

it("hands out what the log holds, to the owning epoch alone, whatever is answered late", () => {
  let total = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 40, maxLength: 120 }), (script) => {
      let epoch = 0;
      const lowMark = 4 * recordSize;
      const assignment = makeAssignment(() => ++epoch, lowMark);
      let owned: ReadonlyArray<Owned> = [];
      let draining = false;
      const ended: Array<Owned> = [];
      const polls: Array<Poll> = [];
      /** Per epoch, where the consumer stands. */
      const at = new Map<number, number>();
      const end = (gone: ReadonlyArray<Owned>) => {
        ended.push(...gone);
        owned = owned.filter((one) => !gone.includes(one));
      };

      for (const step of [{ _tag: "assign" as const, partitions: [0, 1, 2] }, ...script]) {
        if (step._tag === "assign") {
          end(owned);
          draining = false;
          owned = assignment.assign(step.partitions);
          expect(owned.map(({ partition }) => partition)).toEqual([...step.partitions].sort());
          for (const one of owned) expect(ended.every((other) => other.epoch < one.epoch)).toBe(true);
        } else if (step._tag === "drain") {
          assignment.drain();
          draining = true;
        } else if (step._tag === "end" && owned[0] !== undefined) {
          assignment.end(owned[0]);
          end([owned[0]]);
        } else if (step._tag === "drop") {
          expect(assignment.drop()).toHaveLength(owned.length);
          end(owned);
        } else if (step._tag === "poll") {
          const wanted = assignment.wanted();
          if (draining) expect(wanted).toEqual([]);
          for (const { epoch, partition } of wanted) {
            expect(owned.some((one) => one.epoch === epoch && one.partition === partition)).toBe(true);
            expect(at.has(epoch)).toBe(true);
          }
          polls.push(...wanted);
        } else if (step._tag === "answer" && polls.length > 0) {
          // An answer may come late, twice, or after the epoch: nobody takes it off the list.
          const poll = polls[polls.length - 1 - (step.which % polls.length)]!;
          const records = log.filter(({ offset }) => offset >= poll.offset).slice(0, step.count);
          const last = records.at(-1);
          assignment.accept(poll, records, last === undefined ? poll.offset : last.offset + 1n);
        } else if (step._tag === "take") {
          const current = owned.find(({ partition }) => partition === step.partition);
          const one = step.old ? ended.findLast(({ partition }) => partition === step.partition) : current;
          if (one === undefined) continue;
          const from = Math.max(0, (at.get(one.epoch) ?? 0) + (step.back > 1 ? 0 : step.back));
          const taken = assignment.take(one.partition, one.epoch, BigInt(from), step.max);
          if (one !== current || draining) {
            expect(taken).toBe("released");
            expect(assignment.mayCommit(one.partition, one.epoch)).toBe(one === current);
            continue;
          }
          expect(taken).not.toBe("released");
          if (taken === "released") continue;
          at.set(one.epoch, from);
          expect(taken).toEqual(log.filter(({ offset }) => offset >= BigInt(from)).slice(0, taken.length));
          expect(taken.length).toBeLessThanOrEqual(step.max);
          total += taken.length;
          const last = taken.at(-1);
          if (last !== undefined) at.set(one.epoch, Number(last.offset) + 1);
        }
        expect(assignment.all()).toEqual(owned);
      }
    }),
    { numRuns: 500 },
  );
  expect(total).toBeGreaterThan(500);
});

it("polls ahead until the low mark is reached, and goes on when it is taken from", () => {
  let epoch = 0;
  const assignment = makeAssignment(() => ++epoch, 4 * recordSize);
  const [one] = assignment.assign([0]);
  expect(assignment.wanted()).toEqual([]);
  expect(assignment.take(0, one!.epoch, 0n, 10)).toEqual([]);
  const [poll] = assignment.wanted();
  expect(poll).toEqual({ partition: 0, epoch: 1, offset: 0n });
  assignment.accept(poll!, log.slice(0, 5), 7n);
  expect(assignment.wanted()).toEqual([]);
  expect(assignment.take(0, 1, 0n, 2)).toEqual(log.slice(0, 2));
  expect(assignment.wanted()).toEqual([{ partition: 0, epoch: 1, offset: 7n }]);
});

import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import {
  splitAtRandom,
  splitByDays,
  splitByFraction,
  splitBySessions,
  splitLeaveLastOut,
} from "../../src/evaluation/Split.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { makeLogBuilder } from "./LogBuilder.ts";

interface Row {
  readonly user: string;
  readonly item: string;
  readonly type: number;
  readonly weight: number;
  readonly time: number;
}

const logOf = (rows: ReadonlyArray<Row>): InteractionLog => {
  const builder = makeLogBuilder();
  for (const { user, item, type, weight, time } of rows) builder.add(user, item, type, weight, time);
  return builder.finish();
};

const rowsOf = (log: InteractionLog): ReadonlyArray<Row> =>
  Array.from({ length: log.length }, (_, at) => ({
    user: log.userIds[log.user[at]],
    item: log.itemIds[log.item[at]],
    type: log.type[at],
    weight: log.weight[at],
    time: log.time[at],
  }));

const day = 86_400;
const row: fc.Arbitrary<Row> = fc.record({
  user: fc.constantFrom("ann", "bob", "cem", "dua"),
  item: fc.constantFrom("hat", "sock", "coat", "scarf", "boot"),
  type: fc.nat(2),
  weight: fc.constantFrom(0.125, 0.5, 1, 2),
  time: fc.oneof(
    fc.integer({ min: 0, max: 4 }).map((d) => d * day),
    fc.integer({ min: 0, max: 5 * day }),
  ),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });

describe("InteractionLog", () => {
  it("stands in time order, those of one time as they were read", () =>
    fc.assert(
      fc.property(rows, (read) => {
        const expected = [...read].sort((a, b) => a.time - b.time);
        expect(rowsOf(logOf(read))).toEqual(expected);
      }),
    ));

  it("grows beyond its first capacity", () => {
    const builder = makeLogBuilder();
    for (let i = 0; i < 70_000; i++) builder.add(`u${i % 7}`, `i${i % 11}`, 2, 1, 70_000 - i);
    const log = builder.finish();
    expect(log.length).toBe(70_000);
    expect([log.time[0], log.time[69_999]]).toEqual([1, 70_000]);
    expect(log.userIds[log.user[0]]).toBe(`u${69_999 % 7}`);
  });
});

describe("splits", () => {
  it("part the log: each interaction is on one side, once", () =>
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (read, days, fraction) => {
          const log = logOf(read);
          for (const { train, test } of [
            splitByDays(log, days),
            splitByFraction(log, fraction),
            splitLeaveLastOut(log),
            splitAtRandom(log, fraction, days),
          ]) {
            expect([...train, ...test].sort((a, b) => a - b)).toEqual(Array.from(log.time, (_, at) => at));
          }
        },
      ),
    ));

  it("by days: tests on whole days, the newest included", () => {
    const log = logOf(
      [0, 1, 2, 2.9, 3, 3.5].map((d) => ({ user: "ann", item: `i${d}`, type: 2, weight: 1, time: d * day })),
    );
    expect([...splitByDays(log, 1).test]).toEqual([4, 5]);
    expect([...splitByDays(log, 2).test]).toEqual([2, 3, 4, 5]);
    expect([...splitByDays(log, 4).train]).toEqual([]);
  });

  it("at random: trains on about the fraction, in time order, the same by the same seed, whenever interactions were", () => {
    const log = logOf(
      Array.from({ length: 20_000 }, (_, i) => ({ user: "ann", item: `i${i}`, type: 2, weight: 1, time: i })),
    );
    for (const fraction of [0.1, 0.8]) {
      const { train } = splitAtRandom(log, fraction, 5);
      // Four standard deviations and more.
      expect(Math.abs(train.length / log.length - fraction)).toBeLessThan(0.015);
      expect(Math.abs(train.filter((at) => at < 10_000).length / 10_000 - fraction)).toBeLessThan(0.02);
      expect([...train]).toEqual([...train].sort((a, b) => a - b));
      expect(splitAtRandom(log, fraction, 5)).toEqual(splitAtRandom(log, fraction, 5));
      expect(splitAtRandom(log, fraction, 6).train).not.toEqual(train);
    }
  });

  it("leave-last-out: tests on the newest of each user with two or more, and never empties a user", () =>
    fc.assert(
      fc.property(rows, (read) => {
        const log = logOf(read);
        const { train, test } = splitLeaveLastOut(log);
        const trained = new Set(Array.from(train, (at) => log.user[at]));
        for (const at of test) {
          expect(trained.has(log.user[at])).toBe(true);
          expect(log.user.lastIndexOf(log.user[at])).toBe(at);
        }
        expect(trained.size).toBe(log.userIds.length);
      }),
    ));
});

describe("TrainingSet", () => {
  it("holds log1p(Σ weight) of each train pair, and nothing of the test part", () =>
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (read, fraction) => {
        const log = logOf(read);
        const { train } = splitByFraction(log, fraction);
        const set = makeTrainingSet(log, train);
        const sums = new Map<string, number>();
        for (const { user, item, weight } of rowsOf(log).slice(0, train.length)) {
          sums.set(`${user} ${item}`, (sums.get(`${user} ${item}`) ?? 0) + weight);
        }
        const found = new Map<string, number>();
        for (let user = 0; user < set.users; user++) {
          const entries = set.itemIdx.subarray(set.pointers[user], set.pointers[user + 1]);
          expect([...entries]).toEqual([...new Set(entries)].sort((a, b) => a - b));
          entries.forEach((item, i) => {
            found.set(
              `${log.userIds[user]} ${log.itemIds[set.itemOf[item]]}`,
              Math.expm1(set.ratings[set.pointers[user] + i]),
            );
          });
        }
        expect([...found.keys()].sort()).toEqual([...sums.keys()].sort());
        for (const [pair, sum] of sums) expect(found.get(pair)).toBeCloseTo(sum, 4);
        expect(set.items).toBe(
          new Set(
            rowsOf(log)
              .slice(0, train.length)
              .map(({ item }) => item),
          ).size,
        );
        expect(set.itemCounts.reduce((a, b) => a + b, 0)).toBe(train.length);
        expect(set.userCounts.reduce((a, b) => a + b, 0)).toBe(train.length);
      }),
    ));
});

describe("splitBySessions", () => {
  it("trains on whole sessions, those that began first, and tests on all others", () =>
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (read, fraction) => {
        const log = logOf(read);
        const { train, test } = splitBySessions(log, fraction);
        expect([...train, ...test].sort((a, b) => a - b)).toEqual([...log.user.keys()]);
        for (const part of [train, test]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
        const begun = [...new Set(log.user)];
        const trained = new Set(begun.slice(0, Math.floor(fraction * begun.length)));
        expect([...train].every((at) => trained.has(log.user[at]))).toBe(true);
        expect([...test].some((at) => trained.has(log.user[at]))).toBe(false);
      }),
    ));
});

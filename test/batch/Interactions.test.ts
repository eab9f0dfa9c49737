import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeInteractionHistory } from "../../src/batch/InteractionHistory.ts";
import { makeInteractionSums } from "../../src/batch/InteractionSums.ts";
import { keptInteractions, keptPurchases } from "../../src/domain/UserState.ts";

const purchase = 2;

describe("InteractionSums", () => {
  it("adds up and marks exactly as a map does, for any chunk", () => {
    const interaction = fc.tuple(
      fc.nat(6),
      fc.nat(5),
      fc.oneof(fc.constantFrom(0.1, 0.5, 1), fc.double({ min: 0, max: 10, noNaN: true })),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(interaction, { maxLength: 120 }), fc.integer({ min: 1, max: 50 }), (rows, chunk) => {
        const sums = makeInteractionSums(chunk);
        const naive = new Map<string, number>();
        const naiveBought = new Set<string>();
        for (const [user, item, weight, isBought] of rows) {
          sums.add(user, item, weight, isBought);
          naive.set(`${user}:${item}`, (naive.get(`${user}:${item}`) ?? 0) + weight);
          if (isBought) naiveBought.add(`${user}:${item}`);
        }
        const { users, pointers, items, sums: values, bought } = sums.finish();
        const found: Array<[string, number]> = [];
        const foundBought = new Set<string>();
        for (let user = 0; user < users; user++) {
          for (let i = pointers[user]; i < pointers[user + 1]; i++) {
            if (i > pointers[user]) expect(items[i]).toBeGreaterThan(items[i - 1]);
            found.push([`${user}:${items[i]}`, values[i]]);
            if (bought[i] === 1) foundBought.add(`${user}:${items[i]}`);
          }
        }
        expect(found).toHaveLength(naive.size);
        expect(new Map(found)).toEqual(naive);
        expect(foundBought).toEqual(naiveBought);
      }),
      { numRuns: 300 },
    );
  });
});

interface Row {
  readonly user: number;
  readonly item: number;
  readonly type: number;
  readonly time: number;
}

/** The definition, word for word: newest first, repeated rows once, 100 purchases and 60 of any type. */
const naiveHistory = (rows: ReadonlyArray<Row>): ReadonlyArray<Row> => {
  const newest = rows
    .map((row, at) => ({ row, at }))
    .sort((a, b) => b.row.time - a.row.time || b.at - a.at)
    .map(({ row }) => row);
  const distinct = newest.filter(
    (row, i) =>
      newest.findIndex((other) => other.item === row.item && other.type === row.type && other.time === row.time) === i,
  );
  const kept = new Set([
    ...distinct.slice(0, keptInteractions),
    ...distinct.filter((row) => row.type === purchase).slice(0, keptPurchases),
  ]);
  return distinct.filter((row) => kept.has(row)).reverse();
};

describe("InteractionHistory", () => {
  const run = (rows: ReadonlyArray<Row>, chunk: number) => {
    const history = makeInteractionHistory(chunk);
    for (const { user, item, type, time } of rows) history.add(user, item, type, time);
    const { users, pointers, items, types, times } = history.finish();
    return Array.from({ length: users }, (_, user) =>
      Array.from({ length: pointers[user + 1] - pointers[user] }, (_, i) => {
        const at = pointers[user] + i;
        return { user, item: items[at], type: types[at], time: times[at] };
      }),
    );
  };

  it("keeps what the definition keeps, for any order, ties and chunk", () => {
    const row = fc.record({ user: fc.nat(1), item: fc.nat(400), type: fc.nat(2), time: fc.nat(60) });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 500, size: "max" }),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (rows, chunk, sorted) => {
          const input = sorted ? [...rows].sort((a, b) => a.time - b.time) : rows;
          const found = run(input, chunk);
          for (const user of [0, 1]) {
            expect(found[user] ?? []).toEqual(naiveHistory(input.filter((one) => one.user === user)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps the 100 newest purchases behind 60 newer clicks", () => {
    const rows = [
      ...Array.from({ length: 150 }, (_, i) => ({ user: 0, item: i, type: purchase, time: i })),
      ...Array.from({ length: 80 }, (_, i) => ({ user: 0, item: i, type: 0, time: 1000 + i })),
    ];
    const [kept] = run(rows, 64);
    expect(kept.filter((one) => one.type === purchase).map((one) => one.item)).toEqual(
      Array.from({ length: 100 }, (_, i) => 50 + i),
    );
    expect(kept.filter((one) => one.type === 0)).toHaveLength(60);
  });
});

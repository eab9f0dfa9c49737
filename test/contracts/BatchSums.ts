/** What every engine of the batch's steps adds up, marks and keeps, by the definitions, word for word. */
import { describe, expect, it } from "@effect/vitest";
import { Context, Effect, Layer, Stream } from "effect";
import fc from "fast-check";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { keptHistory } from "../../src/domain/UserState.ts";
import { BatchSteps, type KeptHistory } from "../../src/ports/BatchSteps.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row, rowsOf } from "../support/Folder.ts";
import type { StepsLayer } from "./BatchSteps.ts";

const purchase = 2;
const firstTime = 1e9;

interface Interaction {
  readonly user: number;
  readonly item: number;
  readonly type: number;
  readonly time: number;
}

/** The definition, word for word: newest first, repeated rows once, so many purchases and so many of any type. */
const naiveHistory = (rows: ReadonlyArray<Interaction>, bounds: KeptHistory): ReadonlyArray<Interaction> => {
  const newest = rows
    .map((row, at) => ({ row, at }))
    .sort((a, b) => b.row.time - a.row.time || b.at - a.at)
    .map(({ row }) => row);
  const distinct = newest.filter(
    (row, i) =>
      newest.findIndex((other) => other.item === row.item && other.type === row.type && other.time === row.time) === i,
  );
  const kept = new Set([
    ...distinct.slice(0, bounds.interactions),
    ...distinct.filter((row) => row.type === purchase).slice(0, bounds.purchases),
  ]);
  return distinct.filter((row) => kept.has(row)).reverse();
};

interface Weighed extends Interaction {
  /** In millionths; undefined: that of the type. */
  readonly millionths: number | undefined;
}

const weights = [100_000, 500_000, 1_000_000];

const rowOf = ({ user, item, type, time, millionths }: Weighed): Row => ({
  t_dat: Math.floor((firstTime + time) / 86_400),
  customer_id: `u${user}`,
  article_id: `a${item}`,
  event_type: defaultEventTypes.names[type],
  timestamp: firstTime + time,
  weight: millionths === undefined ? null : millionths / 1e6,
});

/** The same steps, which keep only so much of every user. */
const keeping = (steps: StepsLayer, kept: KeptHistory): StepsLayer =>
  Layer.map(steps, (services) => {
    const own = Context.get(services, BatchSteps);
    const read: typeof own.read = (tables, before) =>
      Effect.map(own.read(tables, before), (reading) => ({
        ...reading,
        number: (options) =>
          Effect.map(reading.number(options), (numbered) => ({
            ...numbered,
            add: (options) => numbered.add({ ...options, kept }),
          })),
      }));
    return Context.make(BatchSteps, { ...own, read });
  });

/** What preprocess makes of the rows, in several files: sums and histories by the shop's ids, and what was bought. */
const outcomeOf = (steps: StepsLayer) => (rows: ReadonlyArray<Weighed>, files: number) =>
  inFolder(
    () =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const { name, schema } = rawTransactions;
        const size = Math.ceil(rows.length / files);
        for (let from = 0; from < rows.length; from += size) {
          yield* tables.append(name, schema, Stream.make(batchOf(schema, rows.slice(from, from + size).map(rowOf))));
        }
        yield* preprocess;
        const ids = (table: string, id: string) =>
          Effect.map(rowsOf(table), (all) => all.map((row) => Number(String(row[id]).slice(1))));
        const users = yield* ids("processed/user_map", "customer_id");
        const items = yield* ids("processed/item_map", "article_id");
        const read = (table: string) =>
          Effect.map(rowsOf(table), (all) =>
            all.map(
              (row) => ({ ...row, user: users[row.user_idx as number], item: items[row.item_idx as number] }) as Row,
            ),
          );
        return {
          users,
          items,
          rated: yield* read("processed/train_data"),
          bought: yield* read("processed/user_bought"),
          history: yield* read("processed/user_history"),
        };
      }),
    {},
    steps,
  );

/** `runs`: how many shops are tried. */
export const batchSumsContract = (name: string, steps: StepsLayer, runs: number): void => {
  const bounds = { interactions: 60, purchases: 100 };
  const [outcome, bounded] = [outcomeOf(steps), outcomeOf(keeping(steps, bounds))];

  describe(`${name}: BatchSteps, by any rows`, () => {
    it.effect(
      "adds up, marks and keeps what the definitions say, for any rows, order, ties and files",
      () => {
        const row = fc.record({
          user: fc.nat(3),
          item: fc.nat(300),
          type: fc.nat(2),
          time: fc.nat(60),
          millionths: fc.oneof(
            { weight: 4, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: fc.integer({ min: 0, max: 10_000_000 }) },
          ),
        });
        const taken = fc.record({
          user: fc.nat(3),
          item: fc.nat(20),
          type: fc.constant(purchase),
          time: fc.nat(60),
          millionths: fc.integer({ min: -3_000_000, max: -1 }),
        });
        const few = row.map((one) => ({ ...one, item: one.item % 20 }));
        return Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.array(
                fc.oneof({ weight: 8, arbitrary: row }, { weight: 3, arbitrary: few }, { weight: 1, arbitrary: taken }),
                {
                  minLength: 1,
                  maxLength: 2000,
                  size: "max",
                },
              ),
              fc.integer({ min: 1, max: 4 }),
              fc.boolean(),
              (given, files, sorted) =>
                Effect.gen(function* () {
                  const rows = sorted ? [...given].sort((a, b) => a.time - b.time) : given;
                  const found = yield* bounded(rows, files);
                  expect(found.users).toEqual([...new Set(rows.map(({ user }) => user))]);
                  expect(found.items).toEqual([...new Set(rows.map(({ item }) => item))]);

                  const sums = new Map<string, { weight: number; sold: number; purchases: number; returns: number }>();
                  for (const { user, item, type, millionths } of rows) {
                    const pair = `${user} ${item}`;
                    const sum = sums.get(pair) ?? { weight: 0, sold: 0, purchases: 0, returns: 0 };
                    const weight = millionths ?? weights[type];
                    sum.weight += weight;
                    if (type === purchase) {
                      sum.sold += weight === 0 ? 1 : weight;
                      if (weight < 0) sum.returns++;
                      else sum.purchases++;
                    }
                    sums.set(pair, sum);
                  }
                  const pairs = [...sums];
                  expect(new Map(found.rated.map(({ user, item, rating }) => [`${user} ${item}`, rating]))).toEqual(
                    new Map(
                      pairs
                        .filter(([, { weight }]) => weight > 0)
                        .map(([pair, { weight }]) => [pair, Math.fround(Math.log1p(weight / 1e6))]),
                    ),
                  );
                  expect(found.bought.map(({ user, item }) => `${user} ${item}`).sort()).toEqual(
                    pairs
                      .filter(([, { sold, purchases, returns }]) => purchases > 0 && (returns === 0 || sold > 0))
                      .map(([pair]) => pair)
                      .sort(),
                  );
                  for (const user of found.users) {
                    const kept = naiveHistory(
                      rows
                        .filter((one) => one.user === user && (one.millionths ?? 0) >= 0)
                        .map(({ item, type, time }) => ({ user, item, type, time: firstTime + time })),
                      bounds,
                    );
                    expect(
                      found.history
                        .filter((one) => one.user === user)
                        .map(({ item, type, timestamp }) => ({ user, item, type, time: timestamp })),
                    ).toEqual(kept);
                  }
                }).pipe(Effect.runPromise),
            ),
            { numRuns: runs },
          ),
        );
      },
      300_000,
    );

    it.effect("keeps the newest thousand, and the 100 newest purchases behind them", () =>
      Effect.gen(function* () {
        const rows = [
          ...Array.from({ length: 150 }, (_, i) => ({
            user: 0,
            item: i,
            type: purchase,
            time: i,
            millionths: undefined,
          })),
          ...Array.from({ length: 1030 }, (_, i) => ({
            user: 0,
            item: i,
            type: 0,
            time: 1000 + i,
            millionths: undefined,
          })),
        ];
        const { history } = yield* outcome(rows, 1);
        expect(history.filter(({ type }) => type === purchase).map(({ item }) => item)).toEqual(
          Array.from({ length: 100 }, (_, i) => 50 + i),
        );
        expect(history.filter(({ type }) => type === 0).map(({ item }) => item)).toEqual(
          Array.from({ length: keptHistory.interactions }, (_, i) => 30 + i),
        );
      }),
    );
  });
};

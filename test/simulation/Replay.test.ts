import { FileSystem } from "@effect/platform";
import * as NodeContext from "@effect/platform-node/NodeContext";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Layer, Logger, Stream, TestClock } from "effect";
import fc from "fast-check";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { rawEvents, rawTransactions } from "../../src/domain/TableSchemas.ts";
import { type HistoryRow, openHistory } from "../../src/simulation/History.ts";
import { replay } from "../../src/simulation/Replay.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { fakeTables } from "./FakeTables.ts";

const historyOf = (rows: ReadonlyArray<HistoryRow>, batch: number) => {
  const batches = Array.from({ length: Math.ceil(rows.length / batch) }, (_, i) =>
    rows.slice(i * batch, (i + 1) * batch),
  );
  return {
    days: Stream.fromIterable(batches.map((list) => list.map(({ day }) => day))),
    rows: Stream.fromIterable(batches),
  };
};

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), (chunk) => Chunk.toReadonlyArray(chunk));

const days = fc.array(fc.record({ day: fc.integer({ min: 17_000, max: 17_006 }), second: fc.option(fc.nat(86_399)) }), {
  maxLength: 40,
});

describe("replay", () => {
  it("gives every row once, in order of time, on its day, whatever the order, batches and windows", async () => {
    await fc.assert(
      fc.asyncProperty(
        days,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (list, batch, window, sorted) => {
          const rows = (sorted ? list.toSorted((one, other) => one.day - other.day) : list).map(
            ({ day, second }, i): HistoryRow => ({
              day,
              userId: "u",
              itemId: `i${i}`,
              eventType: "purchase",
              quantity: 1,
              ...(second === null ? {} : { timestamp: day * 86_400 + second }),
            }),
          );
          return Effect.runPromise(
            Effect.map(collect(replay(historyOf(rows, batch), window)), (drafts) => {
              expect(drafts.map(({ itemId }) => itemId).toSorted()).toEqual(
                rows.map(({ itemId }) => itemId).toSorted(),
              );
              const times = drafts.map(({ timestamp }) => timestamp!);
              expect(times).toEqual(times.toSorted((one, other) => one - other));
              const byItem = new Map(rows.map((row) => [row.itemId, row]));
              for (const { itemId, timestamp } of drafts) {
                const row = byItem.get(itemId)!;
                expect(Math.floor(timestamp! / 86_400)).toBe(row.day);
                if (row.timestamp !== undefined) expect(timestamp).toBe(row.timestamp);
              }
            }),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

const tables = fakeTables({
  "raw/transactions": {
    schema: rawTransactions.schema,
    rows: [
      { t_dat: 17_001, customer_id: "a", article_id: "x" },
      { t_dat: 17_000, customer_id: "b", article_id: "y", event_type: "click", timestamp: 17_000 * 86_400 + 5 },
      { t_dat: 17_002, customer_id: "a", article_id: "x", weight: -1 },
    ],
  },
  "raw/events": {
    schema: rawEvents.schema,
    rows: [{ t_dat: 17_000, customer_id: "a", article_id: "x", event_type: "click", timestamp: 1.5e9, quantity: 3 }],
  },
  "raw/old": {
    schema: rawEvents.schema,
    rows: [
      { t_dat: 17_000, customer_id: "a", article_id: "x", event_type: "click", timestamp: 1.5e9, quantity: 1 },
      { t_dat: 17_000, customer_id: "a", article_id: "y", event_type: "click", timestamp: 7.3e9, quantity: 1 },
      { t_dat: 0, customer_id: "a", article_id: "z", event_type: "click", timestamp: 1.5e9, quantity: 1 },
      {
        t_dat: 17_000,
        customer_id: "a",
        article_id: "w",
        event_type: "click",
        timestamp: 1.5e9,
        quantity: 1,
        arrived_at: 1.4e9,
      },
    ],
  },
});
const live = Layer.mergeAll(NodeContext.layer, tables, memoryForgotten());

const csv = `\ufeff,price,article_id,customer_id,t_dat\r\n0,0.1,108775015,a,2018-09-20\r\n1,0.1,,a,2018-09-20\r\n2,0.1,0108775044,"b,c",2018-09-21\r\n`;

describe("history", () => {
  it.effect("comes from tables, with types, times and quantities where they have them", () =>
    Effect.gen(function* () {
      const bought = yield* collect(replay(yield* openHistory("raw/transactions")));
      expect(bought.map(({ userId, eventType }) => `${userId} ${eventType}`)).toEqual(["b click", "a purchase"]);
      const [event] = yield* collect(replay(yield* openHistory("raw/events")));
      expect(event).toEqual({ userId: "a", itemId: "x", eventType: "click", quantity: 3, timestamp: 1.5e9 });
    }).pipe(Effect.provide(live)),
  );

  it.effect("comes from CSV files with the original's quirks", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      const file = yield* fs.makeTempFileScoped();
      yield* fs.writeFileString(file, csv);
      yield* TestClock.setTime(Date.UTC(2020, 0, 1));
      const drafts = yield* collect(replay(yield* openHistory(file)));
      expect(drafts.map(({ userId, itemId }) => [userId, itemId])).toEqual([
        ["a", "0108775015"],
        ["b,c", "0108775044"],
      ]);
    }).pipe(Effect.scoped, Effect.provide(live)),
  );

  it.effect("leaves out what cannot have happened, and says so once", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      const file = yield* fs.makeTempFileScoped();
      const rows = ["2202-01-01,a,x,", "2018-09-21,a,y,", "2018-09-20,a,z,0", "2018-09-20,a,w,1537401700", ",a,v,"];
      yield* fs.writeFileString(file, `t_dat,customer_id,article_id,timestamp\n${rows.join("\n")}\n`);
      const said: Array<string> = [];
      const logger = Logger.make(({ message }) => said.push(String(message)));
      const drafts = yield* Effect.gen(function* () {
        yield* TestClock.setTime(Date.UTC(2020, 0, 1));
        return yield* collect(replay(yield* openHistory(file), 1));
      }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)));
      expect(drafts.map(({ itemId }) => itemId)).toEqual(["w", "y"]);
      expect(said).toHaveLength(2);
      expect(said[0]).toMatch(/rows are left out, the first because line 2: t_dat 2202-01-01 is more than a day ahead/);
      expect(said[1]).toMatch(/3 rows were left out/);
      const old = yield* collect(replay(yield* openHistory("raw/old")));
      expect(old.map(({ itemId }) => itemId)).toEqual(["x"]);
    }).pipe(Effect.scoped, Effect.provide(live)),
  );

  it.effect("has nothing of what a shopper did before they were forgotten, from tables and from files", () => {
    const word = { log: "one", partition: 1, offset: 5n };
    const hash = saltedHash(salt, "anna");
    const gone = new Map<string, Tombstone>([[hash, { hash, forgottenAt: 1.55e9, place: word, done: {} }]]);
    const event = (article_id: string, customer_id: string, at: number, log_offset?: bigint, log_id = "one") => ({
      ...{ t_dat: 17_824, customer_id, article_id, event_type: "click", timestamp: 1.54e9, quantity: 1 },
      ...{ arrived_at: at, ...(log_offset === undefined ? {} : { log_id, log_partition: 1, log_offset }) },
    });
    const bought = (article_id: string, customer_id: string, t_dat: number) => ({ t_dat, customer_id, article_id });
    const shop = fakeTables({
      [rawEvents.name]: {
        schema: rawEvents.schema,
        rows: [
          event("before", "anna", 1.56e9, 4n),
          event("after", "anna", 1.54e9, 6n),
          event("of another log", "anna", 1.54e9, 6n, "two"),
          event("of no log", "anna", 1.551e9),
          event("hers", "bert", 1.54e9, 4n),
        ],
      },
      [rawTransactions.name]: {
        schema: rawTransactions.schema,
        rows: [bought("early", "anna", 17_930), bought("late", "anna", 17_950), bought("his", "bert", 17_930)],
      },
    });
    const itemsOf = (source: string) =>
      Effect.gen(function* () {
        const drafts = yield* collect(replay(yield* openHistory(source)));
        return drafts.map(({ itemId }) => itemId).toSorted();
      });
    return Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2020, 0, 1));
      expect(yield* itemsOf("raw/events")).toEqual(["after", "hers", "of no log"]);
      expect(yield* itemsOf("raw/transactions")).toEqual(["his", "late"]);
      const fs = yield* FileSystem.FileSystem;
      const file = yield* fs.makeTempFileScoped();
      const rows = ["2019-02-03,anna,early,", "2019-02-23,anna,late,", "2019-02-03,bert,his,"];
      yield* fs.writeFileString(file, `t_dat,customer_id,article_id,timestamp\n${rows.join("\n")}\n`);
      expect(yield* itemsOf(file)).toEqual(["his", "late"]);
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(NodeContext.layer, shop, memoryForgotten(gone))));
  });

  it.effect("says what is missing", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      const nothing = yield* Effect.flip(openHistory("raw/nothing"));
      expect(nothing.message).toContain("raw/nothing");
      const file = yield* fs.makeTempFileScoped();
      yield* fs.writeFileString(file, "user,item\n1,2\n");
      const columns = yield* Effect.flip(openHistory(file));
      expect(columns.message).toContain("customer_id");
    }).pipe(Effect.scoped, Effect.provide(live)),
  );
});

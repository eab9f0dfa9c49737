/** What is read of tables once somebody is forgotten: by the word's place in the log, else by the time; and by index. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Schema, Stream, TestClock } from "effect";
import { leftOut, mappedStill } from "../../src/datasets/LeftOut.ts";
import { relation } from "../../src/datasets/Relation.ts";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { rawCustomers, rawEvents, rawTransactions, userHistory, userMap } from "../../src/domain/TableSchemas.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { identifier, sql } from "../../src/ports/Statement.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row } from "../support/Folder.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";

const word = 1_700_000_000;
const dayOf = (time: number) => Math.floor(time / 86_400);
const tombstone = (id: string, over: Partial<Tombstone> = {}): readonly [string, Tombstone] => {
  const hash = saltedHash(salt, id);
  return [hash, { hash, forgottenAt: word, done: {}, ...over }];
};

const write = ({ name, schema }: { name: string; schema: typeof rawEvents.schema }, rows: ReadonlyArray<Row>) =>
  Effect.flatMap(Tables, (tables) => tables.append(name, schema, Stream.make(batchOf(schema, rows))));

/** The table's `value` column of what is left, in order. */
const left = (table: { name: string }, column: string) =>
  Effect.gen(function* () {
    const { schema, statement } = yield* relation(table.name);
    const { without } = yield* leftOut;
    const rows = without(
      table.name,
      statement,
      schema.map(({ name }) => name),
    );
    const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
    const found = yield* session.rows(
      Schema.Struct({ value: Schema.String }),
      sql`SELECT ${identifier(column)}::VARCHAR AS value FROM ${rows} ORDER BY value`,
    );
    return found.map(({ value }) => value);
  }).pipe(Effect.scoped);

const event = (user: string, offset: number, over: Row = {}): Row => ({
  event_id: `${user}-${offset}`,
  customer_id: user,
  article_id: "a",
  event_type: "click",
  price: 0,
  sales_channel_id: 2,
  quantity: 1,
  timestamp: word,
  t_dat: dayOf(word),
  log_id: "log",
  log_partition: 0,
  log_offset: BigInt(offset),
  arrived_at: word - 10,
  ...over,
});

describe("whoever is forgotten", () => {
  it.effect("is left out of the archive up to the word, and what is a stranger's stays", () =>
    inFolder(() =>
      Effect.gen(function* () {
        yield* write(rawEvents, [
          event("ann", 4),
          event("ann", 5),
          event("ann", 6),
          event("ann", 90, { log_id: "before", arrived_at: word - 1 }),
          event("ann", 91, { log_id: "after", arrived_at: word + 1 }),
          event("bob", 1),
        ]);
        expect(yield* left(rawEvents, "event_id")).toHaveLength(6);
        const place = { log: "log", partition: 0, offset: 5n };
        const forgotten = memoryForgotten(new Map([tombstone("ann", { place })]));
        expect(yield* Effect.provide(left(rawEvents, "event_id"), forgotten)).toEqual([
          "ann-5",
          "ann-6",
          "ann-91",
          "bob-1",
        ]);
      }),
    ),
  );

  it.effect(
    "is left out of files by the time, of the customers always, and of the map until the batch was through",
    () =>
      inFolder(() =>
        Effect.gen(function* () {
          const bought = (user: string, time: number): Row => ({
            t_dat: dayOf(time),
            customer_id: user,
            article_id: `${user} ${time}`,
            timestamp: time,
          });
          yield* write(rawTransactions, [bought("ann", word), bought("ann", word + 1), bought("bob", word)]);
          yield* write(rawCustomers, [{ customer_id: "ann" }, { customer_id: "bob" }]);
          yield* write(userMap, [
            { customer_id: "ann", user_idx: 0 },
            { customer_id: "bob", user_idx: 1 },
          ]);
          yield* write(userHistory, [
            { user_idx: 0, item_idx: 7, type: 0, timestamp: word },
            { user_idx: 1, item_idx: 8, type: 0, timestamp: word },
          ]);
          const indices = Effect.gen(function* () {
            const { withoutIndices } = yield* leftOut;
            const [rows, map] = yield* Effect.all([relation(userHistory.name), relation(userMap.name)]);
            const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
            return yield* session.rows(
              Schema.Struct({ item_idx: Schema.Number }),
              sql`SELECT item_idx FROM ${withoutIndices(rows.statement, "user_idx", map.statement)} ORDER BY item_idx`,
            );
          }).pipe(Effect.scoped);
          for (const [done, map, items] of [
            [{}, ["bob"], [{ item_idx: 8 }]],
            [{ user_map: 1 }, ["ann", "bob"], [{ item_idx: 7 }, { item_idx: 8 }]],
          ] as const) {
            const forgotten = Layer.fresh(memoryForgotten(new Map([tombstone("ann", { done }), tombstone("nobody")])));
            const found = yield* Effect.provide(
              Effect.all([
                left(rawTransactions, "article_id"),
                left(rawCustomers, "customer_id"),
                left(userMap, "customer_id"),
                indices,
              ]),
              forgotten,
            );
            expect(found).toEqual([[`ann ${word + 1}`, `bob ${word}`], ["bob"], map, items]);
          }
        }),
      ),
  );

  it.effect("is left out of ids of the map within a second, until the batch was through", () => {
    const tombstones = new Map([tombstone("bob", { done: { user_map: 1 } }), tombstone("nobody")]);
    return Effect.gen(function* () {
      const still = yield* mappedStill;
      const ids = ["ann", "bob", "cid"];
      expect(yield* still(ids)).toEqual(ids);
      tombstones.set(...tombstone("ann"));
      tombstones.set(...tombstone("cid", { done: { events: 1 } }));
      yield* TestClock.adjust("1 second");
      expect(yield* still(ids)).toEqual(["bob"]);
    }).pipe(Effect.provide(memoryForgotten(tombstones)));
  });
});

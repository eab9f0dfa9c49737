import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import { preprocess, preprocessAnew } from "../../src/batch/Preprocess.ts";
import { readSnapshot } from "../../src/datasets/TrainingData.ts";
import { eventTypes } from "../../src/domain/Event.ts";
import {
  archiveAppId,
  itemMap,
  pairSums,
  rawArticles,
  rawEvents,
  rawTransactions,
  type TableDefinition,
  userHistory,
  userMap,
  userRecent,
} from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row, rowsOf } from "../support/Folder.ts";

const start = 1_700_000_000;
const day = 86_400;

/** What happens between two runs. */
type Step =
  | { readonly kind: "transactions"; readonly rows: ReadonlyArray<Row> }
  | { readonly kind: "more"; readonly rows: ReadonlyArray<Row> }
  | { readonly kind: "events"; readonly rows: ReadonlyArray<Row> }
  | { readonly kind: "articles"; readonly rows: ReadonlyArray<Row> }
  | { readonly kind: "merge" };

const user = fc.nat(5).map((n) => `u${n}`);
const item = fc.nat(6).map((n) => `a${n}`);

const transaction = fc.record({
  t_dat: fc.integer({ min: 19_000, max: 19_010 }),
  customer_id: user,
  article_id: item,
  event_type: fc.constantFrom(null, ...eventTypes, "stare"),
  timestamp: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(1e9, 2e9) }),
  weight: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(0, 0.1, 0.3, 2.5, 7, -1)),
});

const event = fc.record({
  customer_id: user,
  article_id: item,
  event_type: fc.constantFrom(...eventTypes, "stare"),
  event_id: fc.nat(9).map((n) => `e${n}`),
  wait: fc.oneof({ weight: 5, arbitrary: fc.nat(900) }, { weight: 1, arbitrary: fc.nat(2 * day) }),
  late: fc.oneof(
    { weight: 5, arbitrary: fc.nat(5) },
    { weight: 1, arbitrary: fc.constantFrom(40 * 365 * day, -3 * day) },
  ),
  quantity: fc.integer({ min: 1, max: 3 }),
});

const step = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.array(transaction, { maxLength: 12 }).map((rows) => ({ kind: "transactions" as const, rows })),
  },
  { weight: 2, arbitrary: fc.array(transaction, { maxLength: 6 }).map((rows) => ({ kind: "more" as const, rows })) },
  {
    weight: 6,
    arbitrary: fc.array(event, { minLength: 1, maxLength: 30 }).map((rows) => ({ kind: "events" as const, rows })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(item, { maxLength: 3 })
      .map((ids) => ({ kind: "articles" as const, rows: ids.map((article_id) => ({ article_id })) })),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "merge" as const }) },
);

/** An archive of two partitions, users by their number; goes on where it stopped. */
const makeArchive = () => {
  let now = start;
  const offsets: Array<bigint> = [0n, 0n];
  return (rows: ReadonlyArray<Row>): Effect.Effect<unknown, unknown, Tables> =>
    Effect.gen(function* () {
      const tables = yield* Tables;
      const before = [...offsets];
      const archived = rows.map(({ wait, late, ...row }): Row => {
        now += wait as number;
        const partition = Number(String(row.customer_id).slice(1)) % 2;
        const timestamp = now - (late as number);
        return {
          ...row,
          t_dat: Math.floor(timestamp / day),
          sales_channel_id: 2,
          timestamp,
          log_partition: partition,
          log_offset: offsets[partition]++,
          arrived_at: now,
          log_id: "log",
        };
      });
      const moved = offsets.map((next, p) => ({
        appId: archiveAppId("log", p),
        expected: before[p] === 0n ? undefined : before[p],
        next,
      }));
      yield* tables.append(
        rawEvents.name,
        rawEvents.schema,
        Stream.make(batchOf(rawEvents.schema, archived)),
        moved.filter(({ expected, next }) => next !== (expected ?? 0n)),
      );
    });
};

const applied = (archive: ReturnType<typeof makeArchive>, one: Step) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const write = ({ name, schema }: TableDefinition, how: "overwrite" | "append", rows: ReadonlyArray<Row>) =>
      tables[how](name, schema, Stream.make(batchOf(schema, rows)));
    switch (one.kind) {
      case "transactions":
        return yield* write(rawTransactions, "overwrite", one.rows);
      case "more":
        return yield* write(rawTransactions, "append", one.rows);
      case "articles":
        return yield* write(rawArticles, "overwrite", one.rows);
      case "events":
        return yield* archive(one.rows);
      case "merge":
        return yield* tables
          .compact(rawEvents.name, { smallerThan: 1 << 30, minFiles: 2 })
          .pipe(Effect.catchTag("TableError", () => Effect.void));
    }
  });

/** All that a run wrote, but for the versions it noted. */
const outcome = Effect.gen(function* () {
  const { tables, offsets } = yield* readSnapshot;
  const rows: Record<string, unknown> = { offsets };
  for (const name of Object.keys(tables).filter((table) => table.startsWith("processed/")))
    rows[name] = yield* rowsOf(name);
  return rows;
});

describe("Preprocess, carrying on from its last run,", () => {
  it.effect(
    "comes to what reading everything anew comes to, to the bit, whatever happens between the runs",
    () => {
      let carried = 0;
      return Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) =>
            Effect.gen(function* () {
              const first: Step = { kind: "transactions", rows: [] };
              const run = (program: typeof preprocess) =>
                inFolder(() =>
                  Effect.gen(function* () {
                    const archive = makeArchive();
                    const outcomes: Array<unknown> = [];
                    for (const one of [first, ...steps]) {
                      yield* applied(archive, one);
                      const { read, seconds: _, ...summary } = yield* program;
                      if (read < summary.transactions + summary.events) carried++;
                      outcomes.push([summary, yield* outcome]);
                    }
                    return outcomes;
                  }),
                );
              expect(yield* run(preprocess)).toEqual(yield* run(preprocessAnew));
            }).pipe(Effect.runPromise),
          ),
          { numRuns: 10 },
        ),
      ).pipe(Effect.tap(() => Effect.sync(() => expect(carried).toBeGreaterThan(0))));
    },
    600_000,
  );

  const lost = [
    ...[pairSums, userHistory, userRecent, userMap, itemMap].map(({ name }) => ["deleted", name] as const),
    ["put back as it was before", userMap.name] as const,
  ];
  it.effect.each(lost)("reads everything anew where a table was %s: %s", ([how, name]) =>
    Effect.gen(function* () {
      const rows = (...users: ReadonlyArray<string>): ReadonlyArray<Row> =>
        users.map((customer_id, i) => ({
          customer_id,
          article_id: `a${(3 * i) % 7}`,
          event_type: "purchase",
          event_id: `${customer_id} ${i}`,
          wait: 10,
          late: 0,
          quantity: 1,
        }));
      const outcomes = (program: typeof preprocess) =>
        inFolder(({ dataDir }) =>
          Effect.gen(function* () {
            const fs = yield* FileSystem.FileSystem;
            const folder = `${dataDir}/delta/${name}`;
            const archive = makeArchive();
            yield* archive(rows("u1", "u2", "u1"));
            yield* program;
            if (how !== "deleted") yield* fs.copy(folder, `${dataDir}/kept`);
            yield* archive(rows("u5", "u2", "u3", "u0", "u1", "u4"));
            yield* program;
            yield* fs.remove(folder, { recursive: true });
            if (how !== "deleted") yield* fs.copy(`${dataDir}/kept`, folder);
            yield* archive(rows("u4", "u9"));
            const { read, seconds: _, ...summary } = yield* program;
            return { read, summary, outcome: yield* outcome };
          }),
        );
      const found = yield* outcomes(preprocess);
      expect(found).toEqual(yield* outcomes(preprocessAnew));
      expect(found.read).toBe(11);
    }),
  );
});

/** A shop's life in steps, between which the batch runs, whatever engine does its steps and whether it carries on. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import * as BuiltIn from "../../layers/BatchSteps/BuiltIn.ts";
import { preprocess, preprocessAnew } from "../../src/batch/Preprocess.ts";
import { readSnapshot } from "../../src/datasets/TrainingData.ts";
import {
  archiveAppId,
  rawArticles,
  rawEvents,
  rawTransactions,
  type TableDefinition,
} from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { everyRole, everyType } from "../support/EventTypes.ts";
import { batchOf, inFolder, type Row, rowsOf } from "../support/Folder.ts";
import type { StepsLayer } from "./BatchSteps.ts";

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
  event_type: fc.constantFrom(null, ...everyType.names, "stare"),
  timestamp: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(1e9, 2e9) }),
  weight: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(0, 0.1, 0.3, 2.5, 7, -1)),
});

const event = fc.record({
  customer_id: user,
  article_id: item,
  event_type: fc.constantFrom(...everyType.names, "impression", "impression", "stare"),
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
export const makeArchive = () => {
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
export const outcome = Effect.gen(function* () {
  const { tables, offsets } = yield* readSnapshot;
  const rows: Record<string, unknown> = { offsets };
  for (const name of Object.keys(tables).filter((table) => table.startsWith("processed/")))
    rows[name] = yield* rowsOf(name);
  return rows;
});

/** Runs that are carried on, by the engine or by the built-in one, as the life has it; `anew`: by the built-in one, which carries nothing on. */
type Way = "engine" | "built-in" | "anew";

/** What each run of a life comes to; `hear` is told how many rows each read, of how many. */
const lived = (
  steps: StepsLayer,
  life: ReadonlyArray<readonly [Step, Way]>,
  hear: (read: number, all: number) => void,
) =>
  inFolder(
    () =>
      Effect.gen(function* () {
        const archive = makeArchive();
        const outcomes: Array<unknown> = [];
        for (const [one, way] of life) {
          yield* applied(archive, one);
          const program = way === "anew" ? preprocessAnew : preprocess;
          const {
            read,
            seconds: _,
            ...summary
          } = yield* Effect.provide(program, way === "engine" ? steps : BuiltIn.layer);
          hear(read, summary.transactions + summary.events);
          outcomes.push([summary, yield* outcome]);
        }
        return outcomes;
      }),
    { EVENT_TYPES: everyRole },
  );

/** Events that come again within a day and after it, of users who are known and new ones. */
const clicks = (users: number, eventTypes: ReadonlyArray<string>): Step => ({
  kind: "events",
  rows: Array.from({ length: 12 }, (_, i) => ({
    customer_id: `u${i % users}`,
    article_id: `a${(3 * i) % 7}`,
    event_type: eventTypes[i % eventTypes.length],
    event_id: `e${i % 8}`,
    wait: i === 6 ? day : 200,
    late: i % 4,
    quantity: 1 + (i % 2),
  })),
});

/** A life in which much can be carried on, whoever ran before. */
const plainLife: ReadonlyArray<readonly [Step, "engine" | "built-in"]> = [
  [clicks(3, ["view", "purchase"]), "engine"],
  [clicks(5, ["add_to_cart", "stare"]), "built-in"],
  [{ kind: "merge" }, "engine"],
  [clicks(6, ["purchase", "view", "return"]), "engine"],
  [clicks(6, ["impression", "dislike", "impression", "purchase"]), "engine"],
  [clicks(8, ["impression", "impression", "view"]), "built-in"],
  [clicks(4, ["impression", "view", "impression"]), "engine"],
];

/** `runs`: how many lives are tried. */
export const batchLivesContract = (name: string, steps: StepsLayer, runs: number): void => {
  describe(`${name}: BatchSteps, carrying on from the last run,`, () => {
    it.effect(
      "comes to what reading everything anew comes to, to the bit, whatever happens between the runs and whoever ran before",
      () => {
        let carried = 0;
        const way = fc.oneof(
          { weight: 3, arbitrary: fc.constant("engine" as const) },
          { weight: 1, arbitrary: fc.constant("built-in" as const) },
        );
        return Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.array(fc.tuple(step, way), { minLength: 1, maxLength: 6 }),
              (given: ReadonlyArray<readonly [Step, Way]>) =>
                Effect.gen(function* () {
                  const first = [{ kind: "transactions", rows: [] }, "engine"] as const;
                  const life = [first, ...given];
                  const anew = life.map(([one]) => [one, "anew"] as const);
                  const hear = (read: number, all: number): void => {
                    if (read < all) carried++;
                  };
                  expect(yield* lived(steps, life, hear)).toEqual(yield* lived(steps, anew, () => undefined));
                }).pipe(Effect.runPromise),
            ),
            { numRuns: runs, examples: [[[...plainLife]]] },
          ),
        ).pipe(Effect.tap(() => Effect.sync(() => expect(carried).toBeGreaterThan(0))));
      },
      600_000,
    );
  });
};

/**
 * Spark: the steps of a batch on Apache Spark, to the same rows as the built-in engine's, in the same order.
 *
 * Spark reads the files that the tables' logs name and writes part files, which this process makes a version of each table. A
 * driver that dies leaves tables as they were. What counts as a retry is judged in this process: there is one such rule.
 */
import { join } from "node:path";
import { Effect, Layer, Schema, Scope } from "effect";
import {
  itemMap,
  itemStats,
  pairSums,
  type TableDefinition,
  trainData,
  userBought,
  userHidden,
  userHistory,
  userMap,
  userRecent,
  userShown,
} from "../../src/domain/TableSchemas.ts";
import { rememberedSeconds } from "../../src/learning/Recent.ts";
import { BatchSteps, type BatchStepsService, type Numbered, type Reading } from "../../src/ports/BatchSteps.ts";
import { Sql, type SqlService } from "../../src/ports/Sql.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { type OpenSession, Sessions } from "../engines/spark/Sessions.ts";
import { overwriteParts } from "../engines/spark/TakeParts.ts";
import { followers } from "./spark/Followers.ts";
import { type Ids, newIds, numberIds, storeIds } from "./spark/Ids.ts";
import { judge } from "./spark/Judged.ts";
import { purchases } from "./spark/Purchases.ts";
import { noRows, type Sources, sourcesOf, tableAsked } from "./spark/Sources.ts";
import { stepsError, type Work, workIn } from "./spark/Work.ts";

const RowsRead = Schema.Struct({
  rows: Schema.Number,
  bad: Schema.Number,
  undecided: Schema.Number,
  unknown: Schema.Number,
});
const Read = Schema.Struct({
  logs: Schema.Array(Schema.String),
  transactions: RowsRead,
  events: RowsRead,
  withoutArrival: Schema.Boolean,
});
const Newest = Schema.Struct({
  newest: Schema.Array(Schema.Struct({ partition: Schema.Number, arrival: Schema.Number })),
});
const Done = Schema.Struct({});

interface ToAdd {
  readonly sources: Sources;
  readonly users: Ids;
  readonly items: Ids;
  readonly hasEvents: boolean;
  readonly withoutArrival: boolean;
}

const add =
  (work: Work, { hasEvents, items, sources, users, withoutArrival }: ToAdd): Numbered["add"] =>
  ({ carried, kept, debounceSeconds, tell }) =>
    Effect.gen(function* () {
      const { ask, folder, tables } = work;
      const at = (name: string): string => join(folder, name);
      const before = (table: TableDefinition) => {
        if (carried === undefined) return Effect.succeed(null);
        const version = carried.get(table.name);
        if (version === undefined) return Effect.succeed(noRows(table));
        return Effect.map(tableAsked(tables, table.name, { version, columns: table.schema }), ({ asked }) => asked);
      };
      const recent = yield* before(userRecent);
      const ids = { users: users.asked, items: items.asked };
      const { rules } = sources;
      const shows = rules.shows.length > 0;
      const seen = shows ? yield* before(userShown) : null;
      const events = hasEvents ? at("events") : null;
      const isJudged = hasEvents || shows;
      let repeated = 0;
      if (isJudged) {
        const archive = { sources, ...ids, withoutArrival, events };
        if (hasEvents) yield* ask("indexed.events", archive, Done, [tell, "interactions", 0.1]);
        const suspects = { sources, ...ids, events, recent, shown: seen, rememberedSeconds, suspects: at("suspects") };
        const { newest } = yield* ask("retries.suspects", suspects, Newest, [tell, "retries", 0.05]);
        repeated = yield* judge(work.engine, {
          folder,
          newest: new Map(newest.map(({ arrival, partition }) => [partition, arrival])),
          debounceSeconds,
        });
      }
      const rows = at("rows");
      const known = { sources, ...ids, events, repeated: repeated > 0 ? at("repeated") : null, rows };
      yield* ask("indexed.rows", known, Done, [tell, "interactions", hasEvents ? 0.15 : 0.3]);

      const sums = { rules, rows, before: yield* before(pairSums), items: items.size, folder };
      const hides = rules.hides.length > 0;
      const hidden = { rules, rows, before: yield* before(userHidden), folder: at("user_hidden") };
      const histories = { rules, kept, rows, before: yield* before(userHistory), folder: at("user_history") };
      const judged = isJudged ? at("judged") : null;
      const shown = { before: seen, judged: at("shown"), suspects: at("suspects"), folder: at("user_shown") };
      const remembered = {
        rules,
        events,
        recent,
        judged,
        suspects: isJudged ? at("suspects") : null,
        rememberedSeconds,
        folder: at("user_recent"),
      };
      yield* Effect.all(
        [
          ask("pairs.add", sums, Done, [tell, "sums", 0.25]),
          ask("histories.write", histories, Done, [tell, "histories", 0.15]),
          ...(hides ? [ask("hidden.write", hidden, Done, [tell, "sums", 0])] : []),
          ...(shows ? [ask("shown.write", shown, Done, [tell, "retries", 0])] : []),
          ask("retries.recent", remembered, Done, [tell, "retries", 0.05]),
        ],
        { concurrency: 2 },
      );

      const versions: Record<string, number> = {};
      let ratings = 0;
      const made = [pairSums, trainData, userBought, itemStats, userHistory, userRecent];
      for (const table of [...made, ...(hides ? [userHidden] : []), ...(shows ? [userShown] : [])]) {
        const written = yield* overwriteParts(tables, table, at(table.name.replace("processed/", "")));
        versions[table.name] = written.version;
        if (table === trainData) ratings = written.rows;
      }
      for (const one of [users, items]) versions[one.map.name] = yield* storeIds(tables, one);
      tell("written", 0.05);
      return { repeated, ratings, versions };
    }).pipe(
      Effect.catchTag("SparkError", (error) => stepsError(error)),
      Effect.scoped,
    );

export const make = (open: OpenSession, tables: TablesService, engine: SqlService): BatchStepsService => ({
  read: (found, before) =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope;
      const work = yield* workIn(open, tables, engine);
      const asked = yield* sourcesOf(tables, found, before);
      const { events, logs, transactions, withoutArrival } = yield* work.ask(
        "interactions.read",
        { sources: asked },
        Read,
      );
      const sources = { ...asked, logs };
      let calls = 0;
      const number: Reading["number"] = ({ tell }) =>
        Effect.gen(function* () {
          const to = { folder: join(work.folder, `ids-${++calls}`), sources, tell };
          const both = [numberIds(work, userMap, to), numberIds(work, itemMap, to)] as const;
          const [users, items] = yield* Effect.all(both, { concurrency: 2 });
          return {
            users,
            items,
            newItems: newIds(work.engine, items),
            add: add(work, { sources, users, items, hasEvents: events.rows > 0, withoutArrival }),
          };
        }).pipe(Effect.provideService(Scope.Scope, scope));
      return { transactions, events, withoutArrival, number };
    }),
  followers: (options) =>
    Effect.scoped(Effect.flatMap(workIn(open, tables, engine), (work) => followers(work, options))),
  purchases: (options) => Effect.flatMap(workIn(open, tables, engine), (work) => purchases(work, options)),
});

export const layer: Layer.Layer<BatchSteps, never, Tables | Sql | Sessions> = Layer.effect(
  BatchSteps,
  Effect.gen(function* () {
    const { open } = yield* Sessions;
    return make(open, yield* Tables, yield* Sql);
  }),
);

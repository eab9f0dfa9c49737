/** ImportEvents: any other shop's events and items, CSV or Parquet, become the raw tables. */
import { FileSystem, Path } from "@effect/platform";
import { Clock, type ConfigError, Effect, Either, Schema, Stream } from "effect";
import { overwriteTable } from "../datasets/WriteTable.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { rawArticles, rawCustomers, rawTransactions } from "../domain/TableSchemas.ts";
import { learning } from "../learning/Settings.ts";
import type { Progress } from "../ports/Progress.ts";
import { Sql, type SqlError, type SqlSession } from "../ports/Sql.ts";
import { identifier, joined, type Statement, sql } from "../ports/Statement.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { type CsvOptions, openCsv } from "./CsvFile.ts";
import { makeCsvSource } from "./CsvSource.ts";
import { countById, tellFindings, warnOfLongItems } from "./Findings.ts";
import { type EventColumns, eventReader, typeHint } from "./ImportColumns.ts";
import { InputError } from "./InputError.ts";
import { type ItemColumns, itemReader } from "./ItemColumns.ts";
import { openParquet } from "./ParquetSource.ts";
import { readTables, type TableToRead } from "./ReadTables.ts";
import { keptIn } from "./Rejects.ts";
import { listed, type Source } from "./Source.ts";
import { fromPlatform } from "./TextFile.ts";
import { parseTimeFormat } from "./TimeFormat.ts";
import { timeHint } from "./TimeHint.ts";
import type { TimeOptions } from "./Times.ts";
import { idTextOf } from "./WholeIds.ts";

export interface ImportOptions extends EventColumns, Omit<ItemColumns, "itemId">, CsvOptions {
  /** CSV (plain or gzip), Parquet, or a folder of Parquet files. */
  readonly events: string;
  /** The same; its items alone are recommended. Without it the items are those of the events, without a name. */
  readonly items?: string | undefined;
  /** Column of the items file; by default named as the events' `item`. */
  readonly itemId?: string | undefined;
}

export interface ImportSummary {
  /** Events that were taken. */
  readonly events: number;
  readonly rejectedEvents: number;
  /** Events of types that are left out. */
  readonly ignoredEvents: number;
  /** Items of the items file that were taken; without one, the distinct items of the events. */
  readonly items: number;
  readonly rejectedItems: number;
  /** Rows of items that a fuller row is of, too. */
  readonly duplicateItems: number;
  /** Distinct users of the events. */
  readonly users: number;
  readonly seconds: number;
}

const isParquet = (file: string): Effect.Effect<boolean, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    if ((yield* fs.stat(file)).type === "Directory") return true;
    const head = yield* fs.stream(file, { bytesToRead: 4 }).pipe(Stream.runCollect);
    return new TextDecoder("latin1").decode(Buffer.concat([...head])) === "PAR1";
  }).pipe(Effect.mapError(fromPlatform(file)));

/** `wanted` are the columns that will be read; undefined: all. */
const openSource = (
  session: SqlSession,
  file: string,
  wanted: ReadonlyArray<string | undefined> | undefined,
  options: CsvOptions,
) =>
  Effect.gen(function* () {
    if (yield* isParquet(file))
      return yield* openParquet(
        session,
        file,
        wanted?.flatMap((name) => name ?? []),
      );
    return yield* makeCsvSource(yield* openCsv(file, options), session.scratch);
  });

const checkFormat = (file: string, format: string | undefined): Effect.Effect<void, InputError> => {
  if (format === undefined || format === "excel") return Effect.void;
  const parsed = parseTimeFormat(format);
  return Either.isRight(parsed)
    ? Effect.void
    : new InputError({
        reason: "BadOption",
        file,
        message: `--time-format has "${parsed.left}", which is not known; known are yyyy yy MM M dd d HH H hh h mm m ss s SSS a Z, 'text', and excel alone.`,
      });
};

const warnOfHeader = ({ file, headless, columns }: Source) =>
  headless
    ? Effect.logWarning(
        `the first line of ${file} is taken for its header, though it looks like a row (${listed(columns)}): if it is one, say --no-header`,
      )
    : Effect.void;

const isOfRows = ({ reason }: InputError): boolean => reason === "TooManyRejects" || reason === "NoRows";

/** Adds how the times seem to be written and which types are unknown, where that may be why the rows cannot be used. */
const withHints = (
  session: SqlSession,
  source: Source,
  { timestamp, type, types }: EventColumns,
  times: TimeOptions,
  known: EventTypes,
  error: InputError,
): Effect.Effect<never, InputError | SqlError> =>
  Effect.gen(function* () {
    const hints = [
      timestamp === undefined ? undefined : yield* timeHint(session, source, timestamp, times),
      type === undefined ? undefined : yield* typeHint(source, type, types, known),
    ].flatMap((hint) => hint ?? []);
    return yield* new InputError({ ...error, message: [error.message, ...hints].join(" ") });
  });

const besides = (count: number, what: string): string => (count === 0 ? "" : `, ${count} ${what}`);

const parquet = (path: string): Statement => sql`read_parquet(${[path]}, hive_partitioning = false)`;

const Count = Schema.Struct({ count: Schema.BigIntFromSelf });

/** A row per user, in the order in which they come first. */
const customersOf = (users: Statement): Statement => {
  const columns = rawCustomers.schema.map(({ name }) =>
    name === "customer_id" ? sql`id AS ${identifier(name)}` : sql`NULL AS ${identifier(name)}`,
  );
  return sql`SELECT ${joined(columns)} FROM ${users} ORDER BY place`;
};

/**
 * Overwrites raw/articles, raw/transactions and raw/customers; without an items file there is no raw/articles. Ids stay as
 * the shop writes them. Bad rows are kept aside and judged as those of `csvToDelta` are. Both files are read before
 * anything changes.
 */
export const importEvents = (
  options: ImportOptions,
): Effect.Effect<
  ImportSummary,
  InputError | SqlError | TableError | ConfigError.ConfigError,
  Tables | Sql | Progress | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const session = yield* (yield* Sql).session;
    const started = yield* Clock.currentTimeMillis;
    yield* checkFormat(options.events, options.timeFormat);

    const { user, item, timestamp, type, weight, quantity } = options;
    const { title, category, group, appearance, indexGroup, available, validFrom, validUntil } = options;
    const open = (file: string, wanted?: ReadonlyArray<string | undefined>) =>
      Effect.tap(openSource(session, file, wanted, options), warnOfHeader);
    const idText = (source: Source, column: string) => idTextOf(session, source, source.columns.indexOf(column));
    const known = yield* learning.eventTypes.config;
    const events = yield* open(options.events, [user, item, timestamp, type, weight, quantity]);
    const ids = yield* Effect.all({ user: idText(events, user), item: idText(events, item) });
    const eventRows: TableToRead = {
      source: events,
      table: rawTransactions,
      reader: yield* eventReader(events, options, started / 1000, ids, known),
    };
    const itemId = options.itemId ?? item;
    const path = yield* Path.Path;
    const ofEvents = options.items !== undefined && path.resolve(options.items) === path.resolve(options.events);
    if (ofEvents) {
      yield* Effect.logInfo(
        `${options.items} is the events' file, too: of items it tells what flags name, such as --title; its other columns are of events`,
      );
    }
    const described = { title, category, group, appearance, indexGroup, available, validFrom, validUntil };
    const items = options.items === undefined ? undefined : yield* open(options.items);
    const itemRows: TableToRead | undefined =
      items === undefined
        ? undefined
        : {
            source: items,
            table: rawArticles,
            reader: yield* itemReader(
              { session, source: items, arrival: started / 1000 },
              { itemId, ...described },
              yield* idText(items, itemId),
              ofEvents,
            ),
            unique: "article_id",
          };

    let found = { users: 0, items: 0 };
    const [transactions, articles] = yield* readTables(
      session,
      itemRows === undefined ? [eventRows] : [eventRows, itemRows],
      ([eventFile, itemFile]) =>
        Effect.gen(function* () {
          const rows = parquet(eventFile.path);
          const users = yield* countById(session, rows, "customer_id");
          const bought = yield* countById(session, rows, "article_id");
          const customers = yield* overwriteTable({ session, table: rawCustomers, select: customersOf(users) });
          const [distinct] = yield* session.rows(Count, sql`SELECT count(*) AS count FROM ${bought}`);
          found = { users: customers.rows, items: Number(distinct?.count ?? 0n) };
          const listed = itemFile === undefined ? undefined : parquet(itemFile.path);
          yield* tellFindings(session, {
            rows,
            weight,
            events: eventFile.rows,
            users,
            items: bought,
            listed,
            user,
            item,
          });
        }),
    ).pipe(
      Effect.catchIf(
        (error) => error._tag === "InputError" && error.file === events.file && isOfRows(error),
        (error) =>
          withHints(
            session,
            events,
            options,
            { arrival: started / 1000, format: options.timeFormat },
            known,
            error as InputError,
          ),
      ),
    );
    if (articles === undefined) yield* tables.drop(rawArticles.name);
    else if (options.items !== undefined && !ofEvents) {
      yield* warnOfLongItems(options.items, articles.taken + articles.duplicates, articles.taken);
    }

    const summary: ImportSummary = {
      events: transactions.taken,
      rejectedEvents: transactions.rejected,
      ignoredEvents: transactions.ignored,
      items: articles?.taken ?? found.items,
      rejectedItems: articles?.rejected ?? 0,
      duplicateItems: articles?.duplicates ?? 0,
      users: found.users,
      seconds: ((yield* Clock.currentTimeMillis) - started) / 1000,
    };
    yield* Effect.log(
      `Imported ${summary.events} events (${summary.rejectedEvents} rejected${besides(summary.ignoredEvents, "ignored")}) of ` +
        `${summary.users} users and ${summary.items} items (${summary.rejectedItems} rejected` +
        `${besides(summary.duplicateItems, "duplicate")}) in ${summary.seconds.toFixed(1)} s.${keptIn([transactions.rejects, articles?.rejects])}`,
    );
    return summary;
  }).pipe(Effect.scoped);

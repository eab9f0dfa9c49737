/** ImportEvents: any other shop's events and items, CSV or Parquet, become the raw tables. */
import { FileSystem, Path } from "@effect/platform";
import { Clock, type ConfigError, Effect, Option, Stream } from "effect";
import { batch, storage } from "../config/Settings.ts";
import { rawArticles, rawCustomers, rawTransactions, type TableDefinition } from "../domain/TableSchemas.ts";
import type { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";
import { fromPlatform, openCsv, type RowFile } from "./CsvFile.ts";
import { type EventColumns, eventBuilder, type ItemColumns, itemBuilder } from "./ImportColumns.ts";
import { openParquet } from "./ImportParquet.ts";
import type { InputError } from "./InputError.ts";
import { writeRowTable } from "./RowTable.ts";

export interface ImportOptions extends EventColumns, Omit<ItemColumns, "itemId"> {
  /** CSV (plain or gzip) or Parquet. */
  readonly events: string;
  /** The same; its items alone are recommended. Without it the items are those of the events, without a name. */
  readonly items?: string | undefined;
  /** Column of the items file; by default named as the events' `item`. */
  readonly itemId?: string | undefined;
}

export interface ImportSummary {
  /** Rows of the events file, good or bad. */
  readonly events: number;
  readonly rejectedEvents: number;
  /** Rows of the items file; without one, the distinct items of the events. */
  readonly items: number;
  readonly rejectedItems: number;
  /** Distinct users of the events. */
  readonly users: number;
  readonly seconds: number;
}

const idsPerBatch = 1 << 16;

const openRows = (
  file: string,
  wanted: ReadonlyArray<string>,
): Effect.Effect<RowFile, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const head = yield* fs.stream(file, { bytesToRead: 4 }).pipe(Stream.runHead, Effect.mapError(fromPlatform(file)));
    const magic = Option.match(head, { onNone: () => "", onSome: (bytes) => new TextDecoder("latin1").decode(bytes) });
    return yield* magic === "PAR1" ? openParquet(file, wanted) : openCsv(file);
  });

/** One row per id; the other columns are null. */
const idBatches = ({ schema }: TableDefinition, ids: ReadonlyArray<string>): Stream.Stream<ColumnBatch> =>
  Stream.unfold(0, (from) => {
    if (from >= ids.length) return Option.none();
    const part = ids.slice(from, from + idsPerBatch);
    const empty = new Array<null>(part.length).fill(null);
    const columns = Object.fromEntries(schema.map(({ name }, i) => [name, i === 0 ? part : empty]));
    return Option.some([{ rows: part.length, columns }, from + part.length] as const);
  });

const definedOf = (columns: ReadonlyArray<string | undefined>): ReadonlyArray<string> =>
  columns.flatMap((column) => (column === undefined ? [] : [column]));

/** A set that does not keep alive the text which its members were cut from. */
const makeIdSet = () => {
  const ids = new Set<string>();
  return {
    add: (id: string): void => {
      if (!ids.has(id)) ids.add(Buffer.from(id).toString());
    },
    all: (): ReadonlyArray<string> => [...ids],
  };
};

/**
 * Overwrites raw/articles, raw/transactions and raw/customers; without an items file there is no raw/articles. Ids stay as
 * the shop writes them. Bad rows are kept aside and judged as those of `csvToDelta` are. Both files are opened and their
 * columns found before anything is written.
 */
export const importEvents = (
  options: ImportOptions,
): Effect.Effect<
  ImportSummary,
  InputError | TableError | ConfigError.ConfigError,
  Tables | Progress | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const path = yield* Path.Path;
    const started = yield* Clock.currentTimeMillis;
    const rejectedFolder = path.join(yield* storage.dataDir.config, "rejected");
    const maxRejects = yield* batch.maxRejects.config;
    const users = makeIdSet();
    const items = makeIdSet();

    const eventColumns = [options.user, options.item, options.timestamp, options.type, options.weight];
    const eventFile = yield* openRows(options.events, definedOf(eventColumns));
    const eventRows = yield* eventBuilder(eventFile, options, started / 1000, (user, item) => {
      users.add(user);
      items.add(item);
    });
    const { title, category, group, appearance, indexGroup } = options;
    const itemColumns: ItemColumns = {
      itemId: options.itemId ?? options.item,
      title,
      category,
      group,
      appearance,
      indexGroup,
    };
    const itemFile =
      options.items === undefined ? undefined : yield* openRows(options.items, definedOf(Object.values(itemColumns)));
    const itemRows = itemFile === undefined ? undefined : yield* itemBuilder(itemFile, itemColumns);

    const write = (file: RowFile, table: TableDefinition, builder: typeof eventRows) =>
      writeRowTable({ file, table, builder, rejectedFolder, maxRejects });
    const articles =
      itemFile === undefined || itemRows === undefined ? undefined : yield* write(itemFile, rawArticles, itemRows);
    const events = yield* write(eventFile, rawTransactions, eventRows);
    if (articles === undefined) yield* tables.drop(rawArticles.name);
    yield* tables.overwrite(rawCustomers.name, rawCustomers.schema, idBatches(rawCustomers, users.all()));

    const summary: ImportSummary = {
      events: events.rows,
      rejectedEvents: events.rejected,
      items: articles?.rows ?? items.all().length,
      rejectedItems: articles?.rejected ?? 0,
      users: users.all().length,
      seconds: ((yield* Clock.currentTimeMillis) - started) / 1000,
    };
    yield* Effect.log(
      `Imported ${summary.events} events (${summary.rejectedEvents} rejected) of ${summary.users} users and ` +
        `${summary.items} items (${summary.rejectedItems} rejected) in ${summary.seconds.toFixed(1)} s.`,
    );
    return summary;
  });

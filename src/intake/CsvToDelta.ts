/** CsvToDelta: the three H&M files in `raw/` become the tables raw/customers, raw/articles and raw/transactions. */
import { FileSystem, Path } from "@effect/platform";
import { Clock, type ConfigError, Effect } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import type { Field } from "../domain/Columns.ts";
import { itemMetadataFields } from "../domain/Item.ts";
import { rawArticles, rawCustomers, rawTransactions, type TableDefinition } from "../domain/TableSchemas.ts";
import type { Progress } from "../ports/Progress.ts";
import { Sql, type SqlError, type SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import {
  type Cell,
  constantCell,
  dayCell,
  idCell,
  integerCell,
  numberCell,
  paddedIdCell,
  secondsCell,
  textCell,
} from "./Cells.ts";
import { openCsv } from "./CsvFile.ts";
import { makeCsvSource } from "./CsvSource.ts";
import { InputError } from "./InputError.ts";
import { otherCells, otherFields } from "./ItemColumns.ts";
import { readTables, type TableRead, type TableToRead } from "./ReadTables.ts";
import { keptIn } from "./Rejects.ts";
import { listed, type Source } from "./Source.ts";

export interface CsvToDeltaSummary {
  readonly customers: TableRead;
  readonly articles: TableRead;
  readonly transactions: TableRead;
  readonly seconds: number;
}

/** Digits of an H&M article id; published copies lose its leading zero. */
const articleIdDigits = 10;

interface HmFile {
  readonly name: string;
  readonly table: TableDefinition;
  readonly required: ReadonlyArray<string>;
}

const sources = {
  customers: { name: "customers", table: rawCustomers, required: ["customer_id"] },
  articles: {
    name: "articles",
    table: rawArticles,
    required: itemMetadataFields,
  },
  transactions: {
    name: "transactions_train",
    table: rawTransactions,
    required: ["t_dat", "customer_id", "article_id", "price", "sales_channel_id"],
  },
} as const satisfies Readonly<Record<string, HmFile>>;

const cellOf = ({ name, type }: Field, cell: Statement, arrival: number): Cell => {
  if (name === "article_id") return paddedIdCell(name, cell, articleIdDigits);
  if (name === "customer_id") return idCell(name, cell);
  if (name === "timestamp") return secondsCell(name, cell, arrival);
  if (name === "weight") return numberCell(name, cell, 0);
  switch (type) {
    case "date":
      return dayCell(name, cell, arrival);
    case "double":
      return numberCell(name, cell);
    case "integer":
      return integerCell(name, cell);
    default:
      return textCell(cell);
  }
};

/** Finds `raw/<name>.csv`, or `.csv.gz` where there is none, and checks its columns. */
const open = (folder: string, source: HmFile, session: SqlSession) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const plain = path.join(folder, `${source.name}.csv`);
    const packed = `${plain}.gz`;
    const exists = (file: string) => Effect.orElseSucceed(fs.exists(file), () => false);
    const found = (yield* exists(plain)) ? plain : (yield* exists(packed)) ? packed : undefined;
    if (found === undefined) {
      return yield* new InputError({
        reason: "MissingFile",
        file: plain,
        message:
          `${plain} is missing, and so is ${packed}. Put the H&M file there, make a sample shop with the command ` +
          "`generate`, or bring another shop's data with `import`.",
      });
    }
    const file = yield* openCsv(found);
    const missing = source.required.filter((column) => !file.columns.includes(column));
    if (missing.length > 0) {
      return yield* new InputError({
        reason: "MissingColumn",
        file: found,
        message:
          `${found} lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}; it has ${listed(file.columns)}. ` +
          "Name the columns as the H&M files do, or use `import`, which takes any names.",
      });
    }
    return yield* makeCsvSource(file, session.scratch);
  });

/** The fields of a table that are filled by columns of their names. */
const ownFields = ({ schema }: TableDefinition): ReadonlyArray<Field> =>
  schema.filter(({ name }) => !otherFields.includes(name));

/** `arrival`: when the file is read, in unix seconds; `others`: cells of what is none of the table's own columns. */
const toRead = (
  source: Source,
  { table }: HmFile,
  arrival: number,
  others: Readonly<Record<string, Cell>>,
): TableToRead => {
  const cells = ownFields(table).flatMap((field): ReadonlyArray<readonly [string, Cell]> => {
    if (field.name === "listed") return [[field.name, constantCell(sql`true`)]];
    const at = source.columns.indexOf(field.name);
    return at < 0 ? [] : [[field.name, cellOf(field, source.text(at), arrival)]];
  });
  return {
    source,
    table,
    reader: { cells: { ...Object.fromEntries(cells), ...others } },
    unique: table === rawArticles ? "article_id" : undefined,
    mayBeEmpty: table === rawCustomers,
  };
};

const told = ({ taken, rejected, duplicates }: TableRead, noun: string): string => {
  const besides = [
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(duplicates > 0 ? [`${duplicates} duplicate`] : []),
  ];
  return `${taken} ${noun}${besides.length > 0 ? ` (${besides.join(", ")})` : ""}`;
};

/**
 * Reads `DATA_DIR/raw/{customers,articles,transactions_train}.csv` (or `.csv.gz`) and overwrites the raw tables. Columns
 * are found by name; others are attributes of the articles, and ignored in the other two. All three files are read before the first table changes; the transactions come
 * last.
 */
export const csvToDelta: Effect.Effect<
  CsvToDeltaSummary,
  InputError | SqlError | TableError | ConfigError.ConfigError,
  Tables | Sql | Progress | FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const started = yield* Clock.currentTimeMillis;
  const { raw } = yield* dataFolder;
  const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
  const opened = (hm: HmFile) =>
    Effect.gen(function* () {
      const source = yield* open(raw, hm, session);
      const arrival = started / 1000;
      const own = ownFields(hm.table).flatMap(({ name }) => {
        const at = source.columns.indexOf(name);
        return at < 0 ? [] : [at];
      });
      const others = hm.table === rawArticles ? yield* otherCells({ session, source, arrival }, new Set(own)) : {};
      return toRead(source, hm, arrival, others);
    });
  const files = yield* Effect.all([opened(sources.transactions), opened(sources.articles), opened(sources.customers)]);
  const [transactions, articles, customers] = yield* readTables(session, files, () => Effect.void);
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
  yield* Effect.log(
    `Read ${told(transactions, "transactions")}, ${told(articles, "articles")} and ` +
      `${told(customers, "customers")} in ${seconds.toFixed(1)} s.` +
      keptIn([transactions, articles, customers].map(({ rejects }) => rejects)),
  );
  return { customers, articles, transactions, seconds };
}).pipe(Effect.scoped, inTurn("reading the CSV files"));

/** CsvToDelta: the three H&M files in `raw/` become the tables raw/customers, raw/articles and raw/transactions. */
import { FileSystem, Path } from "@effect/platform";
import { Clock, type ConfigError, Effect } from "effect";
import { batch, storage } from "../config/Settings.ts";
import { rawArticles, rawCustomers, rawTransactions, type TableDefinition } from "../domain/TableSchemas.ts";
import type { Progress } from "../ports/Progress.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import {
  type CellReader,
  constantCells,
  dayCells,
  idCells,
  integerCells,
  makeRowBuilder,
  noCells,
  numberCells,
  paddedIdCells,
  textCells,
  timestampCells,
} from "./CsvCells.ts";
import { openCsv, type RowFile } from "./CsvFile.ts";
import { InputError } from "./InputError.ts";
import { type RowTableSummary, writeRowTable } from "./RowTable.ts";

export interface CsvToDeltaSummary {
  readonly customers: RowTableSummary;
  readonly articles: RowTableSummary;
  readonly transactions: RowTableSummary;
  readonly seconds: number;
}

/** Digits of an H&M article id; published copies lose its leading zero. */
const articleIdDigits = 10;

interface Source {
  readonly name: string;
  readonly table: TableDefinition;
  readonly required: ReadonlyArray<string>;
}

const sources = {
  customers: { name: "customers", table: rawCustomers, required: ["customer_id"] },
  articles: {
    name: "articles",
    table: rawArticles,
    required: [
      "article_id",
      "prod_name",
      "product_type_name",
      "product_group_name",
      "graphical_appearance_name",
      "index_group_name",
    ],
  },
  transactions: {
    name: "transactions_train",
    table: rawTransactions,
    required: ["t_dat", "customer_id", "article_id", "price", "sales_channel_id"],
  },
} as const satisfies Readonly<Record<string, Source>>;

const readerOf = (field: TableDefinition["schema"][number], arrival: number): CellReader => {
  if (field.name === "article_id") return paddedIdCells(field.name, articleIdDigits);
  if (field.name === "customer_id") return idCells(field.name);
  if (field.name === "timestamp") return timestampCells(field.name, arrival);
  if (field.name === "weight") return numberCells(field.name, 0);
  switch (field.type) {
    case "date":
      return dayCells(field.name, arrival);
    case "double":
      return numberCells(field.name);
    case "integer":
      return integerCells(field.name);
    default:
      return textCells(field.name);
  }
};

/** Finds `raw/<name>.csv`, or `.csv.gz` where there is none, and checks its columns. */
const open = (folder: string, source: Source) =>
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
      const list = file.columns.map((column) => (column === "" ? "(unnamed)" : column)).join(", ");
      return yield* new InputError({
        reason: "MissingColumn",
        file: found,
        message:
          `${found} lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}; it has ${list}. ` +
          "Name the columns as the H&M files do, or use `import`, which takes any names.",
      });
    }
    return file;
  });

/** `arrival`: when the file is read, in unix seconds. */
const builderOf = (file: RowFile, table: TableDefinition, arrival: number) => {
  const at = table.schema.map((field) => file.columns.indexOf(field.name));
  return makeRowBuilder(
    table.schema.map((field, i) => {
      if (field.name === "listed") return constantCells(field.name, true);
      return at[i] < 0 ? noCells(field.name) : readerOf(field, arrival);
    }),
    at,
  );
};

const told = ({ rows, rejected }: RowTableSummary, what: string): string =>
  `${rows} ${what}${rejected === 0 ? "" : ` (${rejected} rejected)`}`;

/**
 * Reads `DATA_DIR/raw/{customers,articles,transactions_train}.csv` (or `.csv.gz`) and overwrites the raw tables. Columns
 * are found by name, others are ignored. All three files are looked at before the first table is written, and each
 * table is written whole or not at all; the transactions come last.
 */
export const csvToDelta: Effect.Effect<
  CsvToDeltaSummary,
  InputError | TableError | ConfigError.ConfigError,
  Tables | Progress | FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const path = yield* Path.Path;
  const started = yield* Clock.currentTimeMillis;
  const dataDir = yield* storage.dataDir.config;
  const maxRejects = yield* batch.maxRejects.config;
  const folder = path.join(dataDir, "raw");
  const opened = yield* Effect.all({
    customers: open(folder, sources.customers),
    articles: open(folder, sources.articles),
    transactions: open(folder, sources.transactions),
  });
  const write = (file: RowFile, { table }: Source) =>
    writeRowTable({
      file,
      table,
      builder: builderOf(file, table, started / 1000),
      rejectedFolder: path.join(dataDir, "rejected"),
      maxRejects,
    });
  const customers = yield* write(opened.customers, sources.customers);
  const articles = yield* write(opened.articles, sources.articles);
  const transactions = yield* write(opened.transactions, sources.transactions);
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
  yield* Effect.log(
    `Read ${told(transactions, "transactions")}, ${told(articles, "articles")} and ` +
      `${told(customers, "customers")} in ${seconds.toFixed(1)} s.`,
  );
  return { customers, articles, transactions, seconds };
}).pipe(inTurn("reading the CSV files"));

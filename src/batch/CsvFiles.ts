/** CsvFiles: whether the shop's CSV files are newer than the tables, and are to be read first. */
import { FileSystem, Path } from "@effect/platform";
import { Effect, Option } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { ifThere } from "../datasets/IfThere.ts";
import { rawTransactions } from "../domain/TableSchemas.ts";
import { csvToDelta } from "../intake/CsvToDelta.ts";
import { Tables } from "../ports/Tables.ts";

const csvFiles = ["transactions_train", "articles", "customers"].flatMap((name) => [`${name}.csv`, `${name}.csv.gz`]);

/** Unix milliseconds of the newest change to a CSV file of data/raw, if there is one. */
const csvWrittenAt = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const path = yield* Path.Path;
  const { raw } = yield* dataFolder;
  const times = yield* Effect.forEach(csvFiles, (name) => Effect.option(fs.stat(path.join(raw, name))));
  const found = times.flatMap((info) =>
    Option.isSome(info) ? [Option.getOrElse(info.value.mtime, () => new Date(0))] : [],
  );
  return found.length === 0 ? undefined : Math.max(...found.map((time) => time.getTime()));
});

const tableWrittenAt = Effect.flatMap(Tables, (tables) =>
  Effect.map(ifThere(tables.snapshot(rawTransactions.name)), (snapshot) => snapshot?.writtenAt),
);

/** Whether there is anything to learn from: CSV files, or tables that came from them or from `import`. */
export const hasData = Effect.map(Effect.all([csvWrittenAt, tableWrittenAt]), (times) =>
  times.some((time) => time !== undefined),
);

/** When the CSV files were changed, and whether they are to be read: not where the tables are newer. */
export const csvTimes = Effect.map(Effect.all([csvWrittenAt, tableWrittenAt]), ([csv, table]) => ({
  csv,
  isDue: table === undefined || (csv !== undefined && csv > table),
}));

/** Reads the CSV files, unless the tables are newer than they are (or came from `import`). */
export const readCsv = Effect.gen(function* () {
  const { csv, isDue } = yield* csvTimes;
  if (isDue) return yield* Effect.asVoid(csvToDelta);
  if (csv !== undefined) {
    yield* Effect.logInfo(
      "the raw tables are newer than the CSV files, which are left unread (`batch csv-to-delta` reads them)",
    );
  }
});

/** TakeParts: what Spark wrote to a folder as a table's rows, by one commit of the table's own log. */
import { Effect } from "effect";
import type { Field } from "../../../src/domain/Columns.ts";
import type { TableDefinition } from "../../../src/domain/TableSchemas.ts";
import type { NewFile, TableError, TablesService, TableTransaction, WriteFiles } from "../../../src/ports/Tables.ts";
import { describePart, moveFile, partsIn } from "./Parts.ts";
import { SparkError } from "./SparkError.ts";

export interface Taken {
  readonly version: number;
  readonly rows: number;
}

const attempt = <A>(folder: string, run: () => Promise<A>): Effect.Effect<A, SparkError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => {
      const full = ["ENOSPC", "EDQUOT", "EROFS", "EACCES"].includes((cause as NodeJS.ErrnoException).code ?? "");
      const said = cause instanceof Error ? cause.message : String(cause);
      return new SparkError({
        reason: full ? "Full" : "BadFile",
        message: `what Spark wrote to ${folder} cannot be taken: ${said}`,
        cause,
      });
    },
  });

/** Moves the folder's parts to the paths that the table gives, in their order. */
const take =
  (folder: string, fields: ReadonlyArray<Field>): WriteFiles<SparkError | TableError, never> =>
  (newFile) =>
    Effect.gen(function* () {
      const parts = yield* attempt(folder, () => partsIn(folder));
      const files: Array<NewFile> = [];
      for (const part of parts) {
        const path = yield* newFile;
        yield* attempt(folder, () => moveFile(part, path));
        files.push(yield* attempt(folder, () => describePart(path, fields)));
      }
      return files;
    });

const taken = (
  folder: string,
  { schema }: TableDefinition,
  commit: (write: WriteFiles<SparkError | TableError, never>) => Effect.Effect<number, SparkError | TableError>,
): Effect.Effect<Taken, SparkError | TableError> =>
  Effect.gen(function* () {
    let rows = 0;
    const version = yield* commit((newFile) =>
      Effect.tap(take(folder, schema)(newFile), (files) =>
        Effect.sync(() => {
          rows = files.reduce((sum, file) => sum + file.rows, 0);
        }),
      ),
    );
    return { version, rows };
  });

/** Puts the rows of the folder's parts, whose columns are the table's, in place of the table's. */
export const overwriteParts = (tables: TablesService, table: TableDefinition, folder: string) =>
  taken(folder, table, (write) => tables.overwriteFiles(table.name, table.schema, write));

/** Adds them to the table, with the transactions. */
export const appendParts = (
  tables: TablesService,
  table: TableDefinition,
  folder: string,
  transactions: ReadonlyArray<TableTransaction> = [],
) => taken(folder, table, (write) => tables.appendFiles(table.name, table.schema, write, transactions));

/** ReadTables: several files as several tables, all of them read before the first table changes. */
import { type FileSystem, Path } from "@effect/platform";
import { type ConfigError, Effect, type Scope } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { Progress } from "../ports/Progress.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { type NewFile, type TableError, Tables } from "../ports/Tables.ts";
import { keepFullest } from "./Fullest.ts";
import { InputError } from "./InputError.ts";
import { type RowReader, readRows } from "./ReadRows.ts";
import { keptIn, makeRejects, rejectsName } from "./Rejects.ts";
import { maxRejects } from "./Settings.ts";
import type { Source } from "./Source.ts";

export interface TableRead {
  /** Data rows of the file, good or bad. */
  readonly rows: number;
  /** Rows of the table. */
  readonly taken: number;
  readonly rejected: number;
  /** The file that they are kept in, where there are some. */
  readonly rejects: string | undefined;
  /** Left out for no fault. */
  readonly ignored: number;
  /** Rows of an id that another row has, too. */
  readonly duplicates: number;
  readonly table: string;
  readonly version: number;
}

export interface TableToRead {
  readonly source: Source;
  readonly table: TableDefinition;
  readonly reader: RowReader;
  /** The column that is to have a value once; of several rows the fullest counts. */
  readonly unique?: string | undefined;
  /** Whether the file may be without a row that can be used. */
  readonly mayBeEmpty?: boolean | undefined;
}

type Failure = InputError | SqlError | TableError;
type Services = Tables | Progress | FileSystem.FileSystem | Path.Path;

const noRows = ({ file }: Source, rejected: number, ignored: number, rejects: string | undefined): InputError => {
  const counts = [
    ...(rejected > 0 ? [`${rejected} were rejected`] : []),
    ...(ignored > 0 ? [`${ignored} ignored`] : []),
  ];
  return new InputError({
    reason: "NoRows",
    file,
    message:
      counts.length === 0
        ? `${file} has no rows, so the tables stay as they are.`
        : `${file} has no row that can be used (${counts.join(", ")}), so the tables stay as they are.${keptIn([rejects])}`,
  });
};

/**
 * Reads the files in the order given and overwrites their tables in the opposite order, so that the first one's comes last.
 * `beside` is run when all have been read, with the files of their rows, before any table is committed.
 * Rows that cannot be used are kept aside; with too many of them, or none good, as with any failure or interruption, every
 * table stays as it was.
 */
export const readTables = <E, R>(
  session: SqlSession,
  [first, ...rest]: readonly [TableToRead, ...ReadonlyArray<TableToRead>],
  beside: (files: ReadonlyArray<NewFile>) => Effect.Effect<void, E, R>,
): Effect.Effect<ReadonlyArray<TableRead>, Failure | ConfigError.ConfigError | E, Services | Exclude<R, Scope.Scope>> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const path = yield* Path.Path;
    const { rejected: rejectedFolder } = yield* dataFolder;
    const mostRejects = yield* maxRejects.config;
    const read: Array<Omit<TableRead, "version">> = [];

    /** Files of one name in two folders keep their rejects apart, by their tables. */
    const rejectsOf = ({ file }: Source, table: TableDefinition): string => {
      const name = rejectsName(path, file);
      const alike = [first, ...rest].filter((other) => rejectsName(path, other.source.file) === name);
      return path.join(rejectedFolder, `${name}${alike.length > 1 ? `-${path.basename(table.name)}` : ""}.csv`);
    };

    const files: Array<NewFile> = [];

    const write = (
      { source, table, reader, unique, mayBeEmpty = false }: TableToRead,
      next: Effect.Effect<void, Failure | E, Services | R>,
    ) =>
      tables.overwriteFiles(table.name, table.schema, (newFile) =>
        Effect.gen(function* () {
          const target = yield* newFile;
          const rejects = yield* makeRejects(source.file, rejectsOf(source, table), mostRejects);
          const { file, rows, ignored } = yield* readRows({ session, source, reader, table, rejects, path: target });
          const rejected = rejects.rejected();
          if (!mayBeEmpty && file.rows === 0) return yield* noRows(source, rejected, ignored, rejects.kept());
          const kept = unique === undefined ? file : yield* keepFullest(session, table, unique, file, newFile);
          files.push(kept);
          const duplicates = file.rows - kept.rows;
          read.push({
            rows,
            taken: kept.rows,
            rejected,
            rejects: rejects.kept(),
            ignored,
            duplicates,
            table: table.name,
          });
          yield* next;
          // A file without rows is left out of the table, and removed.
          return kept === file ? [file] : [{ ...file, rows: 0 }, kept];
        }).pipe(Effect.scoped),
      );

    const versions: Array<number> = [];
    const chain = rest.reduceRight<Effect.Effect<void, Failure | E, Services | R>>(
      (next, one, i) =>
        Effect.map(write(one, next), (version) => {
          versions[i + 1] = version;
        }),
      Effect.suspend(() => beside(files)),
    );
    versions[0] = yield* write(first, chain);
    return read.map((one, i) => ({ ...one, version: versions[i] ?? 0 }));
  });

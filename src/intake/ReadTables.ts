/** ReadTables: several files as several tables, all of them read before the first table changes. */
import { FileSystem, Path } from "@effect/platform";
import { type ConfigError, Effect, type Scope } from "effect";
import { batch, storage } from "../config/Settings.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { Progress } from "../ports/Progress.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { type NewFile, type TableError, Tables } from "../ports/Tables.ts";
import { InputError } from "./InputError.ts";
import { type RowReader, readRows } from "./ReadRows.ts";
import { makeRejects } from "./Rejects.ts";
import type { Scratch, Source } from "./Source.ts";
import { fromPlatform } from "./TextFile.ts";

export interface TableRead {
  /** Data rows of the file, good or bad. */
  readonly rows: number;
  readonly rejected: number;
  readonly table: string;
  readonly version: number;
}

export interface TableToRead {
  readonly source: Source;
  readonly table: TableDefinition;
  readonly reader: RowReader;
}

type Failure = InputError | SqlError | TableError;
type Services = Tables | Progress | FileSystem.FileSystem | Path.Path;

/** A scratch folder beside the engine's own. */
export const scratchFolder: Effect.Effect<Scratch, ConfigError.ConfigError, Path.Path> = Effect.gen(function* () {
  const path = yield* Path.Path;
  const spill = path.join(yield* storage.dataDir.config, "spill");
  return Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    yield* fs.makeDirectory(spill, { recursive: true });
    return yield* fs.makeTempDirectoryScoped({ directory: spill, prefix: "intake-" });
  }).pipe(Effect.mapError(fromPlatform(spill)));
});

const noRows = ({ file }: Source, rejected: number): InputError =>
  new InputError({
    reason: "NoRows",
    file,
    message:
      rejected === 0
        ? `${file} has no rows, so the tables stay as they are.`
        : `${file} has no row that can be used (${rejected} were rejected), so the tables stay as they are.`,
  });

/**
 * Reads the files in the order given and overwrites their tables in the opposite order, so that the first one's comes last.
 * `beside` is run when all have been read, with the files of their rows, before any table is committed.
 * Rows that cannot be used are kept aside; with too many of them, or none good in the first file, as with any failure or interruption, every
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
    const rejectedFolder = path.join(yield* storage.dataDir.config, "rejected");
    const maxRejects = yield* batch.maxRejects.config;
    const read: Array<Omit<TableRead, "version">> = [];

    const files: Array<NewFile> = [];

    const write = ({ source, table, reader }: TableToRead, next: Effect.Effect<void, Failure | E, Services | R>) =>
      tables.overwriteFiles(table.name, table.schema, (newFile) =>
        Effect.gen(function* () {
          const target = yield* newFile;
          const rejects = yield* makeRejects(source.file, rejectedFolder, maxRejects);
          const { file, rows } = yield* readRows({ session, source, reader, table, rejects, path: target });
          if (files.length === 0 && file.rows === 0) return yield* noRows(source, rejects.rejected());
          files.push(file);
          read.push({ rows, rejected: rejects.rejected(), table: table.name });
          yield* next;
          return [file];
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

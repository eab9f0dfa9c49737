/** EngineFiles: data files that another engine writes or reads, by their paths. */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Clock, Effect, Option, Ref, type Scope } from "effect";
import { logFolder } from "../../../src/delta/LogNames.ts";
import { printStatistics } from "../../../src/delta/Statistics.ts";
import type { Field } from "../../../src/domain/Columns.ts";
import type { TableError, TableFiles, WriteFiles } from "../../../src/ports/Tables.ts";
import { newName, type Writer, type Written } from "./DataFiles.ts";
import { identify, makeFolder, removeQuietly } from "./Files.ts";
import { partitionConstants, pathOf, rowsOf } from "./Reading.ts";
import { mustStage, staged } from "./Staging.ts";
import { codeOf, damaged, failure, io } from "./TableErrors.ts";
import type { TableFolder } from "./TableFolder.ts";
import type { TableView } from "./TableView.ts";

/** Makes the content of a file survive a power cut; answers its size. */
const sync = async (path: string): Promise<number> => {
  const file = await open(path, "r+");
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
};

/** Files that `write` makes at the paths it is given. Those without rows are left out. */
export const fromFiles =
  <E, R>(table: string, folder: string, fields: ReadonlyArray<Field>, write: WriteFiles<E, R>): Writer<E, R> =>
  (created) =>
    Effect.gen(function* () {
      yield* makeFolder(table, folder);
      const newFile = Ref.modify(created, (paths) => {
        const path = join(folder, newName(paths.length));
        return [path, [...paths, path]];
      });
      const written: Array<Written> = [];
      for (const { path, rows, statistics } of yield* write(newFile)) {
        if (rows === 0) {
          yield* removeQuietly([path]);
          continue;
        }
        const missing = fields.find(({ name, nullable }) => !nullable && (statistics.get(name)?.nulls ?? 0) > 0);
        if (missing !== undefined) {
          const message = `column ${missing.name} may not be null, but has no value in some rows`;
          return yield* Effect.fail(failure("SchemaMismatch", table, message));
        }
        const size = yield* io(table, path, () => sync(path));
        const stats = printStatistics(
          fields,
          rows,
          fields.map(({ name }) => statistics.get(name)),
        );
        const modificationTime = yield* Clock.currentTimeMillis;
        const name = path.slice(folder.length + 1);
        written.push({
          add: { path: name, partitionValues: {}, size, modificationTime, dataChange: true, stats },
          rows,
        });
      }
      return written;
    });

/** Fails where the file is not there, of which the engine would tell in its own words. */
const isThere = ({ table }: TableFolder, path: string): Effect.Effect<void, TableError> =>
  Effect.filterOrFail(identify(table, path), Option.isSome, () => damaged(table, path, "is missing"));

export const filesOf = (place: TableFolder, view: TableView): Effect.Effect<TableFiles, TableError, Scope.Scope> =>
  Effect.gen(function* () {
    const { fields } = view.schema;
    const files = yield* Effect.forEach(view.state.files.values(), (add, number) =>
      Effect.all({
        number: Effect.succeed(number),
        path: Effect.tap(pathOf(place, add), (path) => isThere(place, path)),
        rows: rowsOf(place, add),
        constants: partitionConstants(place.table, view, fields, add),
      }).pipe(Effect.flatMap((file) => (mustStage(add) ? staged(place, file, fields) : Effect.succeed([file])))),
    );
    return { version: view.state.version, schema: fields, files: files.flat() };
  });

export const onlyGrew = ({ log }: TableFolder, since: number): Effect.Effect<boolean, TableError> =>
  Effect.map(
    log.after(since),
    (commits) =>
      commits?.every(({ actions }) =>
        actions.every(({ remove }) => remove === undefined || remove.dataChange === false),
      ) ?? false,
  );

/** Folders under `root` that have a log, as table names. */
export const listTables = (root: string): Effect.Effect<ReadonlyArray<string>, TableError> => {
  const find = async (prefix: string): Promise<ReadonlyArray<string>> => {
    const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((cause) =>
      codeOf(cause) === "ENOENT" ? [] : Promise.reject(cause),
    );
    if (prefix !== "" && entries.some(({ name }) => name === logFolder)) return [prefix];
    const folders = entries.filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name));
    const found = await Promise.all(folders.map(({ name }) => find(prefix === "" ? name : `${prefix}/${name}`)));
    return found.flat();
  };
  return Effect.map(
    io("", root, () => find("")),
    (names) => [...names].sort(),
  );
};

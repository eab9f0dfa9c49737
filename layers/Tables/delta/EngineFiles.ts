/** EngineFiles: data files that another engine writes or reads, by their paths. */
import { basename, join } from "node:path";
import { Clock, Effect, Option, Ref, Scope } from "effect";
import { logFolder } from "../../../src/delta/LogNames.ts";
import { printStatistics } from "../../../src/delta/Statistics.ts";
import type { Field } from "../../../src/domain/Columns.ts";
import type { TableError, TableFiles, WriteFiles } from "../../../src/ports/Tables.ts";
import type { ObjectsService } from "../objects/Objects.ts";
import { newName, type Writer, type Written } from "./DataFiles.ts";
import { partitionConstants, pathOf, rowsOf } from "./Reading.ts";
import { mustStage, staged } from "./Staging.ts";
import { damaged, failure } from "./TableErrors.ts";
import type { TableFolder } from "./TableFolder.ts";
import { objectsOf, removeQuietly, type TableObjects } from "./TableObjects.ts";
import type { TableView } from "./TableView.ts";

/** Files that `write` makes at the paths it is given. Those without rows are left out. */
export const fromFiles =
  <E, R>(
    objects: TableObjects,
    folder: string,
    fields: ReadonlyArray<Field>,
    write: WriteFiles<E, R>,
  ): Writer<E, Exclude<R, Scope.Scope>> =>
  (created) =>
    Effect.gen(function* () {
      const { table } = objects;
      const scope = yield* Effect.scope;
      yield* objects.makeFolder(folder);
      /** By the file that the engine writes. */
      const names = new Map<string, string>();
      const newFile = Effect.gen(function* () {
        const name = newName(names.size);
        const path = join(folder, name);
        yield* Ref.update(created, (paths) => [...paths, path]);
        const file = yield* Scope.extend(objects.newFile(path), scope);
        names.set(file, name);
        return file;
      });
      const written: Array<Written> = [];
      for (const { path: file, rows, statistics } of yield* write(newFile)) {
        const name = names.get(file) ?? basename(file);
        const path = join(folder, name);
        if (rows === 0) {
          yield* removeQuietly(objects, [path]);
          continue;
        }
        const missing = fields.find(({ name, nullable }) => !nullable && (statistics.get(name)?.nulls ?? 0) > 0);
        if (missing !== undefined) {
          const message = `column ${missing.name} may not be null, but has no value in some rows`;
          return yield* Effect.fail(failure("SchemaMismatch", table, message));
        }
        const size = yield* objects.takeFile(file, path);
        const stats = printStatistics(
          fields,
          rows,
          fields.map(({ name }) => statistics.get(name)),
        );
        const modificationTime = yield* Clock.currentTimeMillis;
        written.push({
          add: { path: name, partitionValues: {}, size, modificationTime, dataChange: true, stats },
          rows,
        });
      }
      return written;
    }).pipe(Effect.scoped);

/** Fails where the file is not there, of which the engine would tell in its own words. */
const isThere = ({ objects, table }: TableFolder, path: string): Effect.Effect<void, TableError> =>
  Effect.filterOrFail(objects.head(path), Option.isSome, () => damaged(table, path, "is missing"));

export const filesOf = (place: TableFolder, view: TableView): Effect.Effect<TableFiles, TableError, Scope.Scope> =>
  Effect.gen(function* () {
    const { fields } = view.schema;
    const files = yield* Effect.forEach(view.state.files.values(), (add, number) =>
      Effect.gen(function* () {
        const path = yield* Effect.tap(pathOf(place, add), (path) => isThere(place, path));
        const rows = yield* rowsOf(place, add);
        const constants = yield* partitionConstants(place.table, view, fields, add);
        if (mustStage(add)) return yield* staged(place, path, { number, constants }, fields);
        return [{ number, path: yield* place.objects.fileOf(path), rows, constants }];
      }),
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
export const listTables = (service: ObjectsService, root: string): Effect.Effect<ReadonlyArray<string>, TableError> => {
  const objects = objectsOf(service, "");
  const find = (prefix: string): Effect.Effect<ReadonlyArray<string>, TableError> =>
    Effect.gen(function* () {
      const entries = yield* objects.list(join(root, prefix));
      if (prefix !== "" && entries.some(({ name }) => name === logFolder)) return [prefix];
      const folders = entries.filter(({ kind, name }) => kind === "folder" && !/^[._]/.test(name));
      const found = yield* Effect.forEach(folders, ({ name }) => find(prefix === "" ? name : `${prefix}/${name}`), {
        concurrency: "unbounded",
      });
      return found.flat();
    });
  return Effect.map(find(""), (names) => [...names].sort());
};

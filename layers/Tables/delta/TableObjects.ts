/** TableObjects: a table's objects, with what goes wrong told of the table. */
import { Effect, Option, type Scope } from "effect";
import type { AsyncBuffer } from "hyparquet";
import type { TableError } from "../../../src/ports/Tables.ts";
import type { ObjectError, ObjectsService } from "../objects/Objects.ts";
import { damaged, ioError } from "./TableErrors.ts";

export interface TableObjects extends ObjectsService<TableError> {
  readonly table: string;
}

export const objectsOf = (objects: ObjectsService, table: string): TableObjects => {
  const told = <A, R>(effect: Effect.Effect<A, ObjectError, R>): Effect.Effect<A, TableError, R> =>
    Effect.mapError(effect, (error) => ioError(table, error.path, error));
  return {
    table,
    get: (path) => told(objects.get(path)),
    head: (path) => told(objects.head(path)),
    open: (path) => told(objects.open(path)),
    list: (folder) => told(objects.list(folder)),
    putIfAbsent: (path, content) => told(objects.putIfAbsent(path, content)),
    put: (path, content) => told(objects.put(path, content)),
    create: (path) => told(objects.create(path)),
    delete: (path) => told(objects.delete(path)),
    drop: (folder) => told(objects.drop(folder)),
    makeFolder: (folder) => told(objects.makeFolder(folder)),
    persistNames: (folder) => told(objects.persistNames(folder)),
    fileOf: (path) => told(objects.fileOf(path)),
    newFile: (path) => told(objects.newFile(path)),
    takeFile: (file, path) => told(objects.takeFile(file, path)),
  };
};

export const namesIn = (objects: TableObjects, folder: string): Effect.Effect<ReadonlyArray<string>, TableError> =>
  Effect.map(objects.list(folder), (entries) => entries.map(({ name }) => name));

export const readText = (objects: TableObjects, path: string): Effect.Effect<Option.Option<string>, TableError> =>
  Effect.map(
    objects.get(path),
    Option.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()),
  );

/** Best effort: what cannot be removed now is left to vacuum. */
export const removeQuietly = (objects: TableObjects, paths: Iterable<string>): Effect.Effect<void> =>
  Effect.forEach(paths, (path) => Effect.ignore(objects.delete(path)), { concurrency: "unbounded", discard: true });

/** A data file opened for reading, until the scope closes. */
export const openBuffer = (objects: TableObjects, path: string): Effect.Effect<AsyncBuffer, TableError, Scope.Scope> =>
  Effect.flatMap(
    objects.open(path),
    Option.match({
      onNone: () => Effect.fail(damaged(objects.table, path, "is missing")),
      onSome: ({ range, size }) =>
        Effect.succeed({ byteLength: size, slice: (start: number, end = size) => range(start, end) }),
    }),
  );

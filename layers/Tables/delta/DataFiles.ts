/** DataFiles: new data files of a table, which are nothing until a commit adds them; written of a stream of batches. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Clock, Effect, Either, Ref, type Scope, Stream } from "effect";
import type { Add } from "../../../src/delta/Actions.ts";
import { printStatistics } from "../../../src/delta/Statistics.ts";
import type { ColumnBatch, Field } from "../../../src/domain/Columns.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import { makeParquetFile, type ParquetFile } from "./parquet/File.ts";
import { clearGroup, fill, isFull, makeRowGroup } from "./parquet/RowGroup.ts";
import { failure, io } from "./TableErrors.ts";
import { removeQuietly, type TableObjects } from "./TableObjects.ts";

/** A new file is begun at this size or so many rows, whichever comes first. */
export const fileBytes = 128 * 1024 * 1024;
export const fileRows = 2_000_000;

export interface DataFiles {
  /** Add actions of the files written, for the commit. */
  readonly adds: ReadonlyArray<Add>;
  readonly rows: number;
  /** To be run once the commit can be seen: from then on the files stay. */
  readonly keep: Effect.Effect<void>;
}

export interface Written {
  readonly add: Add;
  readonly rows: number;
}

/** Writes files, and notes the path of each before it makes it. */
export type Writer<E, R> = (
  created: Ref.Ref<ReadonlyArray<string>>,
) => Effect.Effect<ReadonlyArray<Written>, TableError | E, R>;

/** The path of a new data file, the `index`th of a write. */
export const newName = (index: number): string =>
  `part-${String(index).padStart(5, "0")}-${randomUUID()}-c000.snappy.parquet`;

/**
 * Has the files written and hands them to `commit`. Unless `keep` has run by the end, however it ends, the files are
 * deleted.
 */
export const withDataFiles = <E, R, A, E2, R2>(
  objects: TableObjects,
  folder: string,
  write: Writer<E, R>,
  commit: (files: DataFiles) => Effect.Effect<A, E2, R2>,
): Effect.Effect<A, TableError | E | E2, R | R2> =>
  Effect.acquireUseRelease(
    Effect.all({ created: Ref.make<ReadonlyArray<string>>([]), kept: Ref.make(false) }),
    ({ created, kept }) =>
      Effect.gen(function* () {
        const written = yield* write(created);
        if (written.length > 0) yield* objects.persistNames(folder);
        const rows = written.reduce((sum, { rows }) => sum + rows, 0);
        return yield* commit({ adds: written.map(({ add }) => add), rows, keep: Ref.set(kept, true) });
      }),
    ({ created, kept }) =>
      Effect.flatMap(Effect.all([Ref.get(kept), Ref.get(created)]), ([keep, paths]) =>
        keep ? Effect.void : removeQuietly(objects, paths),
      ),
  );

/** Writes the rows of the batches, in their order. */
export const fromBatches =
  <E, R>(
    objects: TableObjects,
    folder: string,
    fields: ReadonlyArray<Field>,
    dataChange: boolean,
    batches: Stream.Stream<ColumnBatch, E, R>,
  ): Writer<E, Exclude<R, Scope.Scope>> =>
  (created) =>
    Effect.gen(function* () {
      const { table } = objects;
      const group = makeRowGroup(fields);
      const written: Array<Written> = [];
      let open: (ParquetFile & { readonly name: string; readonly path: string }) | undefined;

      const openFile = Effect.gen(function* () {
        const name = newName(written.length);
        const path = join(folder, name);
        yield* objects.makeFolder(folder);
        yield* Ref.update(created, (paths) => [...paths, path]);
        const file = makeParquetFile(yield* objects.create(path), fields);
        return Object.assign(file, { name, path });
      });

      const closeFile = Effect.gen(function* () {
        if (open === undefined) return;
        const done = open;
        yield* io(table, done.path, done.finish);
        const modificationTime = yield* Clock.currentTimeMillis;
        const stats = printStatistics(fields, done.rows, done.statistics);
        written.push({
          add: { path: done.name, partitionValues: {}, size: done.bytes, modificationTime, dataChange, stats },
          rows: done.rows,
        });
        open = undefined;
      });

      const writeGroup = Effect.gen(function* () {
        if (group.rows === 0) return;
        const target = open ?? (yield* openFile);
        open = target;
        yield* io(table, target.path, () => target.writeGroup(group));
        clearGroup(group);
        if (target.bytes >= fileBytes || target.rows >= fileRows) yield* closeFile;
      });

      const writeBatch = (batch: ColumnBatch) =>
        Effect.gen(function* () {
          let next = 0;
          while (next < batch.rows) {
            const filled = fill(group, batch, next);
            if (Either.isLeft(filled)) return yield* Effect.fail(failure("SchemaMismatch", table, filled.left));
            next = filled.right;
            if (isFull(group)) yield* writeGroup;
          }
        });

      yield* Stream.runForEach(batches, writeBatch);
      yield* writeGroup;
      yield* closeFile;
      return written;
    }).pipe(Effect.scoped);

/**
 * Local: Delta tables in a folder of this machine, one folder per table, by node:fs and Parquet.
 *
 * Many processes may read and write one table at a time: a commit is put under its version's name only where there is
 * none, so of two writers one is first and the other looks at the table again.
 */
import { type ConfigError, Effect, Layer, Stream } from "effect";
import { dataFolder } from "../../src/config/DataFolder.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { checkFolder, type FolderFailure, type FormatError, makeFolderStamp } from "../Format.ts";
import { fromBatches } from "./delta/DataFiles.ts";
import { filesOf, fromFiles, listTables, onlyGrew } from "./delta/EngineFiles.ts";
import { readFiles, snapshotOf, viewAt } from "./delta/Reading.ts";
import { failure, ioError } from "./delta/TableErrors.ts";
import { makeTableFolders } from "./delta/TableFolder.ts";
import { compact, drop, vacuum } from "./delta/Upkeep.ts";
import { append, overwrite, writable } from "./delta/Writing.ts";

/** Tables under `root`. */
export const make = (root: string): Effect.Effect<TablesService> =>
  Effect.map(makeTableFolders(root), (folderOf) => ({
    list: listTables(root),
    snapshot: (table, version) =>
      Effect.flatMap(folderOf(table), (place) =>
        Effect.flatMap(viewAt(place, version), (view) => snapshotOf(place, view)),
      ),
    read: (table, options = {}) =>
      Stream.unwrap(
        Effect.flatMap(folderOf(table), (place) =>
          Effect.map(viewAt(place, options.version), (view) =>
            readFiles(place, view, view.state.files.values(), options),
          ),
        ),
      ),
    overwrite: (table, schema, batches) =>
      Effect.flatMap(folderOf(table), (place) =>
        overwrite(place, schema, fromBatches(table, place.folder, schema, true, batches)),
      ),
    append: (table, schema, batches, transactions = []) =>
      Effect.flatMap(folderOf(table), (place) =>
        append(place, schema, fromBatches(table, place.folder, schema, true, batches), transactions),
      ),
    fileNames: (table, version) =>
      Effect.flatMap(folderOf(table), (place) =>
        Effect.map(viewAt(place, version), ({ state }) => Array.from(state.files.values(), ({ path }) => path)),
      ),
    files: (table, version) =>
      Effect.flatMap(folderOf(table), (place) =>
        Effect.flatMap(viewAt(place, version), (view) => filesOf(place, view)),
      ),
    onlyGrew: (table, since) => Effect.flatMap(folderOf(table), (place) => onlyGrew(place, since)),
    overwriteFiles: (table, schema, write) =>
      Effect.flatMap(folderOf(table), (place) =>
        overwrite(place, schema, fromFiles(table, place.folder, schema, write)),
      ),
    appendFiles: (table, schema, write, transactions = []) =>
      Effect.flatMap(folderOf(table), (place) =>
        append(place, schema, fromFiles(table, place.folder, schema, write), transactions),
      ),
    compact: (table, options) => Effect.flatMap(folderOf(table), (place) => compact(place, options)),
    vacuum: (table, retention) => Effect.flatMap(folderOf(table), (place) => vacuum(place, retention)),
    writable: (table) => Effect.flatMap(folderOf(table), (place) => writable(place, root)),
    drop: (table) => Effect.flatMap(folderOf(table), drop),
  }));

export const layerAt = (root: string): Layer.Layer<Tables> => Layer.effect(Tables, make(root));

/** Runs `stamp` ahead of whatever makes a version of a table. */
const stamping = (service: TablesService, stamp: Effect.Effect<void, FormatError | FolderFailure>): TablesService => {
  const stamped = (table: string) =>
    Effect.mapError(stamp, (error) =>
      error._tag === "FolderFailure"
        ? ioError(table, error.path, error.cause)
        : failure("Unsupported", table, error.message),
    );
  return {
    ...service,
    overwrite: (table, ...rest) => Effect.zipRight(stamped(table), service.overwrite(table, ...rest)),
    append: (table, ...rest) => Effect.zipRight(stamped(table), service.append(table, ...rest)),
    overwriteFiles: (table, ...rest) => Effect.zipRight(stamped(table), service.overwriteFiles(table, ...rest)),
    appendFiles: (table, ...rest) => Effect.zipRight(stamped(table), service.appendFiles(table, ...rest)),
  };
};

/** Tables under `$DATA_DIR/delta`. */
export const layer: Layer.Layer<Tables, ConfigError.ConfigError | FormatError> = Layer.effect(
  Tables,
  Effect.gen(function* () {
    const folder = yield* dataFolder;
    yield* checkFolder(folder);
    return stamping(yield* make(folder.tables), makeFolderStamp(folder));
  }),
);

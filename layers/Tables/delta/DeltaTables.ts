/**
 * DeltaTables: Delta tables on objects, one folder per table, as Parquet.
 *
 * Many processes may read and write one table at a time: a commit is put under its version's name only where there is
 * none, so of two writers one is first and the other looks at the table again.
 */
import { Effect, Stream } from "effect";
import type { TablesService } from "../../../src/ports/Tables.ts";
import type { ObjectsService } from "../objects/Objects.ts";
import { fromBatches } from "./DataFiles.ts";
import { filesOf, fromFiles, listTables, onlyGrew } from "./EngineFiles.ts";
import { readFiles, snapshotOf, viewAt } from "./Reading.ts";
import { makeTableFolders } from "./TableFolder.ts";
import { compact, drop, vacuum } from "./Upkeep.ts";
import { append, overwrite, replace, writable } from "./Writing.ts";

/** Tables under the folder `root`. */
export const makeDeltaTables = (objects: ObjectsService, root: string): Effect.Effect<TablesService> =>
  Effect.map(makeTableFolders(objects, root), (folderOf) => ({
    list: listTables(objects, root),
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
        overwrite(place, schema, fromBatches(place.objects, place.folder, schema, true, batches)),
      ),
    append: (table, schema, batches, transactions = []) =>
      Effect.flatMap(folderOf(table), (place) =>
        append(place, schema, fromBatches(place.objects, place.folder, schema, true, batches), transactions),
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
        overwrite(place, schema, fromFiles(place.objects, place.folder, schema, write)),
      ),
    appendFiles: (table, schema, write, transactions = []) =>
      Effect.flatMap(folderOf(table), (place) =>
        append(place, schema, fromFiles(place.objects, place.folder, schema, write), transactions),
      ),
    replaceFiles: (table, files, write) =>
      Effect.flatMap(folderOf(table), (place) =>
        Effect.flatMap(viewAt(place, files.version), (view) =>
          replace(place, view, files.numbers, fromFiles(place.objects, place.folder, view.schema.fields, write)),
        ),
      ),
    compact: (table, options) => Effect.flatMap(folderOf(table), (place) => compact(place, options)),
    vacuum: (table, retention) => Effect.flatMap(folderOf(table), (place) => vacuum(place, retention)),
    writable: (table) => Effect.flatMap(folderOf(table), (place) => writable(place, root)),
    drop: (table) => Effect.flatMap(folderOf(table), drop),
  }));

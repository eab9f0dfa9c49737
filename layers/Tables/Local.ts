/** Local: Delta tables in a folder of this machine. */
import { type ConfigError, Effect, Layer } from "effect";
import { dataFolder } from "../../src/config/DataFolder.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { checkFolder, type FolderFailure, type FormatError, makeFolderStamp } from "../Format.ts";
import { makeDeltaTables } from "./delta/DeltaTables.ts";
import { failure, ioError } from "./delta/TableErrors.ts";
import { local } from "./objects/Local.ts";

/** Tables under `root`. */
export const make = (root: string): Effect.Effect<TablesService> => makeDeltaTables(local, root);

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
    replaceFiles: (table, ...rest) => Effect.zipRight(stamped(table), service.replaceFiles(table, ...rest)),
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

/**
 * Staging: data files that the engine cannot read, as copies that it can: pages compressed by Hadoop's LZ4, which Spark
 * writes on demand, by the name that it gives such files.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Effect, Ref, type Scope } from "effect";
import type { Add } from "../../../src/delta/Actions.ts";
import { logFolder } from "../../../src/delta/LogNames.ts";
import type { Field } from "../../../src/domain/Columns.ts";
import type { TableError, TableFile } from "../../../src/ports/Tables.ts";
import { fromBatches } from "./DataFiles.ts";
import { readParquet } from "./parquet/Read.ts";
import type { TableFolder } from "./TableFolder.ts";
import { removeQuietly } from "./TableObjects.ts";

export const mustStage = ({ path }: Add): boolean => /\.lz4(?:hadoop)?\.parquet$/i.test(path);

/**
 * Copies of a file's rows, in their order, until the scope closes. They are hidden beside the log, where vacuum finds what
 * a process left that died.
 */
export const staged = (
  { folder, objects }: TableFolder,
  path: string,
  file: Pick<TableFile, "constants" | "number">,
  fields: ReadonlyArray<Field>,
): Effect.Effect<ReadonlyArray<TableFile>, TableError, Scope.Scope> =>
  Effect.gen(function* () {
    const place = join(folder, logFolder, `.${randomUUID()}.tmp`);
    yield* Effect.addFinalizer(() => removeQuietly(objects, [place]));
    const own = fields.filter(({ name }) => !file.constants.has(name));
    const rows = readParquet(objects, path, own, new Map());
    const written = yield* fromBatches(objects, place, own, false, rows)(yield* Ref.make<ReadonlyArray<string>>([]));
    return yield* Effect.forEach(written, ({ add, rows }) =>
      Effect.map(objects.fileOf(join(place, add.path)), (path) => ({ ...file, path, rows })),
    );
  });

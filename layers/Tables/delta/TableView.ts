/** TableView: one version of a table with its schema understood, checked for what this program can read and write. */
import { join } from "node:path";
import { Effect, Either } from "effect";
import type { Add, Metadata, Protocol } from "../../../src/delta/Actions.ts";
import type { LogState } from "../../../src/delta/LogState.ts";
import { type ParsedSchema, parseSchema } from "../../../src/delta/SchemaString.ts";
import { isAppendOnly, unreadable, unwritable } from "../../../src/delta/Support.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import { failure } from "./TableErrors.ts";

export interface TableView {
  readonly state: LogState;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: ParsedSchema;
  readonly partitionColumns: ReadonlyArray<string>;
}

export const viewOf = (table: string, state: LogState): Effect.Effect<TableView, TableError> =>
  Effect.gen(function* () {
    const { protocol, metadata } = state;
    if (protocol === undefined || metadata === undefined) {
      const message = `the log of table ${table} has no ${protocol === undefined ? "protocol" : "metaData"} action`;
      return yield* Effect.fail(failure("Corrupt", table, message));
    }
    const reason = unreadable(protocol, metadata);
    if (reason !== undefined) {
      return yield* Effect.fail(failure("Unsupported", table, `table ${table} cannot be read: ${reason}`));
    }
    const schema = parseSchema(metadata.schemaString);
    if (Either.isLeft(schema)) {
      return yield* Effect.fail(failure("Corrupt", table, `the schema of table ${table}: ${schema.left}`));
    }
    return { state, protocol, metadata, schema: schema.right, partitionColumns: metadata.partitionColumns ?? [] };
  });

/** What keeps this program from writing to the table, or undefined. */
export const writeObstacle = (view: TableView, operation: "append" | "overwrite" | "compact"): string | undefined => {
  const reason = unwritable(view.protocol, view.metadata);
  if (reason !== undefined) return reason;
  const [invariant] = view.schema.invariants;
  if (invariant !== undefined) return `column ${invariant} has an invariant, which this program cannot check.`;
  if (operation === "overwrite" && isAppendOnly(view.metadata)) {
    return "it is append-only (delta.appendOnly=true). Unset that property to overwrite it.";
  }
  if (operation !== "overwrite" && view.partitionColumns.length > 0) {
    return `it is partitioned by ${view.partitionColumns.join(", ")}. Overwrite it, or write to another table.`;
  }
  if (operation !== "overwrite" && view.schema.foreign.length > 0) {
    const [{ name, type } = { name: "", type: "" }] = view.schema.foreign;
    return `column ${name} is of type ${type}, which this program does not write.`;
  }
  return undefined;
};

/** Where a data file is: its path is URL-encoded, relative to the table's folder unless absolute. */
export const dataPath = (folder: string, add: Pick<Add, "path">): string | undefined => {
  const decoded = Either.try(() => decodeURIComponent(add.path));
  if (Either.isLeft(decoded)) return undefined;
  const path = decoded.right;
  if (path.startsWith("file:")) return path.replace(/^file:\/*/, "/");
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return undefined;
  return path.startsWith("/") ? path : join(folder, path);
};

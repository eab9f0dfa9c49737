/** TableFolder: where a table is, and its log. */
import { join } from "node:path";
import { Effect, Option, SynchronizedRef } from "effect";
import type { TableError } from "../../../src/ports/Tables.ts";
import type { ObjectsService } from "../objects/Objects.ts";
import { failure } from "./TableErrors.ts";
import { objectsOf, type TableObjects } from "./TableObjects.ts";
import { makeTransactionLog, type TransactionLog } from "./TransactionLog.ts";

export interface TableFolder {
  readonly table: string;
  readonly folder: string;
  readonly objects: TableObjects;
  readonly log: TransactionLog;
}

const segment = /^[A-Za-z0-9][A-Za-z0-9_.=-]*$/;

/** Finds a table's folder under `root`; a name cannot lead out of it. Logs are kept, so that their states are. */
export const makeTableFolders = (
  service: ObjectsService,
  root: string,
): Effect.Effect<(table: string) => Effect.Effect<TableFolder, TableError>> =>
  Effect.map(SynchronizedRef.make<ReadonlyMap<string, TableFolder>>(new Map()), (known) => (table: string) => {
    if (!table.split("/").every((part) => segment.test(part))) {
      const message = `${JSON.stringify(table)} is no table name: use letters, digits, "_", ".", "-", "=" and "/"`;
      return Effect.fail(failure("Unsupported", table, message));
    }
    return SynchronizedRef.modifyEffect(known, (folders) => {
      const found = folders.get(table);
      if (found !== undefined) return Effect.succeed([found, folders] as const);
      const folder = join(root, table);
      const objects = objectsOf(service, table);
      return Effect.map(makeTransactionLog(objects, folder), (log) => {
        const made: TableFolder = { table, folder, objects, log };
        return [made, new Map(folders).set(table, made)] as const;
      });
    });
  });

/** The newest state, or `NotFound`. */
export const requireLatest = ({ table, folder, log }: TableFolder) =>
  Effect.flatMap(
    log.latest,
    Option.match({
      onNone: () => Effect.fail(failure("NotFound", table, `there is no table ${table} at ${folder}`)),
      onSome: Effect.succeed,
    }),
  );

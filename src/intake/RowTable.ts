/** RowTable: the rows of a file, checked and written to a table in one commit. */
import { type FileSystem, Path } from "@effect/platform";
import { Effect, Stream } from "effect";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";
import type { RowBuilder } from "./CsvCells.ts";
import type { RowFile } from "./CsvFile.ts";
import type { Records } from "./CsvRecords.ts";
import { makeRejects } from "./CsvRejects.ts";
import type { InputError } from "./InputError.ts";

export interface RowTableSummary {
  /** Data rows of the file, good or bad. */
  readonly rows: number;
  readonly rejected: number;
  readonly table: string;
  readonly version: number;
}

export interface RowTableOptions {
  readonly file: RowFile;
  readonly builder: RowBuilder;
  readonly table: TableDefinition;
  readonly rejectedFolder: string;
  readonly maxRejects: number;
}

/**
 * Overwrites the table with the good rows of the file. The bad ones are kept aside; with too many of them, as with any
 * failure or interruption, the table stays as it was.
 */
export const writeRowTable = (
  options: RowTableOptions,
): Effect.Effect<RowTableSummary, InputError | TableError, Tables | Progress | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { file, builder, table, rejectedFolder, maxRejects } = options;
    const tables = yield* Tables;
    const progress = yield* Progress;
    const path = yield* Path.Path;
    const rejects = yield* makeRejects(file.file, rejectedFolder, maxRejects);
    const task = yield* progress.task({ label: path.basename(file.file), unit: "bytes", total: file.bytes });
    const width = file.columns.length;

    const build = (records: Records): ColumnBatch => {
      for (const { line, raw, reason } of records.broken) rejects.reject(line, reason, raw);
      records.cells.forEach((cells, i) => {
        const problem =
          cells.length === width ? builder.add(cells) : `it has ${cells.length} cells, the header ${width}`;
        if (problem !== undefined) rejects.reject(records.lines[i], problem, records.raw[i]);
      });
      return builder.take();
    };
    const batches = file.records(task.advance).pipe(
      Stream.mapEffect((records) => {
        const batch = build(records);
        return Effect.as(rejects.settle(records.cells.length + records.broken.length), batch);
      }),
      Stream.filter((batch) => batch.rows > 0),
      Stream.concat(Stream.execute(rejects.judge)),
    );
    const version = yield* tables.overwrite(table.name, table.schema, batches);
    return { rows: rejects.rows(), rejected: rejects.rejected(), table: table.name, version };
  }).pipe(Effect.scoped);

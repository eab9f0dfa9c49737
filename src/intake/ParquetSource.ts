/**
 * ParquetSource: a Parquet file, or a folder of them, for the SQL engine.
 *
 * Every physical and logical type is read as what its writer meant: whole numbers and decimals digit by digit, UUIDs, times,
 * text; bytes as text where all of the column's are UTF-8 and as hexadecimal digits otherwise, as those of fixed length always
 * are; floating point as whole numbers where all of the column's are, for that is what becomes of them in a column with gaps.
 */
import { FileSystem, Path } from "@effect/platform";
import { Effect, Schema } from "effect";
import { noIds } from "../domain/Ids.ts";
import { SqlError, type SqlSession } from "../ports/Sql.ts";
import { identifier, joined, type Statement, sql } from "../ports/Statement.ts";
import { type InputError, isOfData } from "./InputError.ts";
import { type Column, describeColumn, kindOf, type Parts, scan } from "./ParquetColumns.ts";
import { type Source, sampleRows } from "./Source.ts";
import { fromPlatform, unreadable } from "./TextFile.ts";
import { momentCell, timeCell } from "./Times.ts";

const Described = Schema.Struct({ column_name: Schema.String, column_type: Schema.String });
const Rows = Schema.Struct({ num_rows: Schema.BigIntFromSelf });
const FirstCell = Schema.Struct({ cell: Schema.NullOr(Schema.String) });
const explained =
  (file: string) =>
  (error: SqlError): InputError =>
    /Could not convert (Timestamp|Date|Time)/.test(error.message)
      ? unreadable(
          file,
          `holds a time that is out of range (${error.message}); correct it, or write its column as whole numbers of seconds.`,
          error,
        )
      : unreadable(file, `cannot be read as Parquet: ${error.message}`, error);

/** Parquet files at a path: itself, or those in the folder. */
const partsOf = (file: string): Effect.Effect<Parts, InputError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const { type } = yield* fs.stat(file);
    if (type !== "Directory") return { paths: [path.resolve(file)], named: false };
    const names = yield* fs.readDirectory(file, { recursive: true });
    if (names.some((name) => path.basename(name) === "_delta_log")) {
      return yield* unreadable(
        file,
        "is a Delta table, some of whose files may be outdated; write its rows to a Parquet file.",
      );
    }
    const isHidden = (name: string): boolean => name.split(path.sep).some((part) => /^[._]/.test(part));
    const parts = names.filter((name) => /\.parquet$/i.test(name) && !isHidden(name)).sort();
    if (parts.length === 0) return yield* unreadable(file, "is a folder without Parquet files; give a file.");
    return { paths: parts.map((name) => path.resolve(file, name)), named: parts.some((name) => name.includes("=")) };
  }).pipe(Effect.mapError((error) => (error._tag === "InputError" ? error : fromPlatform(file)(error))));

/** Only the columns of `wanted` are read; undefined: all. A row's line is its number, from 1. */
export const openParquet = (
  session: SqlSession,
  file: string,
  wanted: ReadonlyArray<string> | undefined,
): Effect.Effect<Source, InputError | SqlError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const parts = yield* partsOf(file);
    const sizes = yield* Effect.forEach(parts.paths, (path) =>
      Effect.mapBoth(fs.stat(path), { onFailure: fromPlatform(path), onSuccess: ({ size }) => Number(size) }),
    );
    const described = yield* session.rows(Described, sql`DESCRIBE SELECT * FROM ${scan(parts)}`);
    const counts = yield* session.rows(
      Rows,
      sql`SELECT num_rows::BIGINT AS num_rows FROM parquet_file_metadata(${parts.paths})`,
    );
    const isWanted = (name: string): boolean => wanted === undefined || wanted.includes(name);
    const columns = yield* Effect.forEach(described, ({ column_name: name, column_type: type }) =>
      isWanted(name)
        ? describeColumn(session, file, parts, name, type)
        : Effect.succeed<Column>({ name, type, text: sql`NULL`, seconds: undefined, obstacle: undefined }),
    );
    const textAt = (column: number): Statement => identifier(`c${column}`);
    const secondsAt = (column: number): Statement => identifier(`s${column}`);
    const used = columns.flatMap((column, i) => (isWanted(column.name) ? [{ ...column, i }] : []));
    const cells = used.flatMap(({ text, seconds, i }) => [
      sql`${text} AS ${textAt(i)}`,
      ...(seconds === undefined ? [] : [sql`${seconds} AS ${secondsAt(i)}`]),
    ]);
    const rows = counts.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
    let before = 0n;
    const starts = counts.map(({ num_rows }) => {
      const start = before;
      before += num_rows;
      return sql`${start}`;
    });
    const line = sql`[${joined(starts)}][file_index::BIGINT + 1] + file_row_number + 1 AS line`;
    const raw = sql`array_to_string([${joined(used.map(({ text }) => sql`coalesce(${text}, '')`))}], ',') AS raw`;
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const source: Source = {
      file,
      bytes,
      columns: columns.map(({ name }) => name),
      headless: false,
      text: textAt,
      time: (column, name, options) =>
        columns[column]?.seconds === undefined
          ? timeCell(name, textAt(column), options)
          : momentCell(name, textAt(column), secondsAt(column), options),
      sample: [],
      firstCells: (at) => {
        const column = columns[at];
        if (column === undefined || column.seconds !== undefined || column.obstacle !== undefined) {
          return Effect.succeed([]);
        }
        const first = sql`SELECT trim(${column.text}) AS cell FROM ${scan(parts)} LIMIT ${sampleRows}`;
        const given = sql`SELECT cell FROM (${first}) WHERE cell <> '' AND cell NOT IN ${noIds}`;
        return session.rows(FirstCell, given).pipe(
          Effect.mapBoth({
            onFailure: (error) => (isOfData(error) ? explained(file)(error) : error),
            onSuccess: (found) => found.map(({ cell }) => cell ?? ""),
          }),
        );
      },
      says: (column) => {
        const own = columns[column];
        return own === undefined ? "nothing" : kindOf(own);
      },
      seconds: (column) => (columns[column]?.seconds === undefined ? undefined : secondsAt(column)),
      obstacle: (column) => columns[column]?.obstacle,
      explained: explained(file),
      direct: Effect.succeed(sql`(SELECT ${joined(cells)} FROM ${scan(parts)})`),
      numbered: (use, onBytes) => {
        const relation = sql`(SELECT ${joined([line, raw, ...cells])} FROM ${scan(parts)})`;
        return use({ relation, rows, broken: [] }).pipe(
          Effect.tap(() => Effect.sync(() => onBytes(bytes))),
          Effect.as(relation),
        );
      },
    };
    return source;
  }).pipe(
    Effect.mapError((error) =>
      error instanceof SqlError && (isOfData(error) || error.reason === "Missing") ? explained(file)(error) : error,
    ),
  );

/**
 * ReadRows: the rows of somebody's file as a file of a table, and those that cannot be used with their lines and reasons.
 *
 * A file in which every row is right is read by the engine alone, straight from the file to the table's. The first row that is
 * not ends that, and the file is read again row by row: slower, with the place of every row, as most files of most shops
 * never are.
 */
import { type FileSystem, Path } from "@effect/platform";
import { Effect, Schema, Stream } from "effect";
import { copyRows } from "../datasets/WriteTable.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import { Progress } from "../ports/Progress.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, joined, type Statement, sql } from "../ports/Statement.ts";
import type { NewFile } from "../ports/Tables.ts";
import { type Cell, firstProblem, prepared, strictValueOf, valueOf } from "./Cells.ts";
import { type InputError, isOfData } from "./InputError.ts";
import type { Rejects } from "./Rejects.ts";
import type { Broken, Piece, Source } from "./Source.ts";

/** How the columns of a table are made of a row's cells. */
export interface RowReader {
  /** By the name of the table's column. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** Rows to leave out that are no fault. */
  readonly ignored?: Statement | undefined;
}

export interface ReadRowsOptions {
  readonly session: SqlSession;
  readonly source: Source;
  readonly reader: RowReader;
  readonly table: TableDefinition;
  readonly rejects: Rejects;
  /** Where the table's new file is to be. */
  readonly path: string;
}

export interface RowsRead {
  readonly file: NewFile;
  /** Rows of the source, good or bad, or left out. */
  readonly rows: number;
  /** Rows that were left out for no fault. */
  readonly ignored: number;
}

const select = (
  { table, reader }: ReadRowsOptions,
  valueIn: (cell: Cell) => Statement,
  relation: Statement,
  where: Statement,
): Statement => {
  const columns = table.schema.map(({ name }) => {
    const cell = reader.cells[name];
    return sql`${cell === undefined ? sql`NULL` : valueIn(cell)} AS ${identifier(name)}`;
  });
  return sql`SELECT ${joined(columns)} FROM ${prepared(relation, Object.values(reader.cells))} WHERE ${where}`;
};

const kept = ({ ignored }: RowReader): Statement => (ignored === undefined ? sql`true` : sql`(${ignored}) IS NOT TRUE`);

/** How many percent of the bytes the engine has read, told to a task. */
const tellBytes = (bytes: number, advance: (amount: number) => void) => {
  let told = 0;
  return (percent: number): void => {
    const done = (bytes * percent) / 100;
    if (done > told) advance(done - told);
    told = Math.max(told, done);
  };
};

/** Whether the engine reads the file's first rows as our own reader does, for it must not lose one in silence. */
const agrees = (session: SqlSession, { sample, columns, text }: Source, relation: Statement) => {
  if (sample.length === 0) return Effect.succeed(true);
  const cells = columns.map((_, i) => sql`coalesce(${text(i)}, '') AS ${text(i)}`);
  return session.stream(sql`SELECT ${joined(cells)} FROM ${relation} LIMIT ${sample.length}`).pipe(
    Stream.runFold(0, (at, { rows, columns: read }) => {
      const own = Object.values(read);
      for (let row = 0; row < rows; row++) {
        if (at < 0 || !own.every((column, i) => column[row] === sample[at + row]?.[i])) return -1;
      }
      return at + rows;
    }),
    Effect.map((same) => same === sample.length),
  );
};

const Counted = Schema.Struct({ rows: Schema.BigIntFromSelf });

const countIgnored = ({ session, reader: { ignored } }: ReadRowsOptions, relation: Statement) =>
  Effect.gen(function* () {
    if (ignored === undefined) return 0;
    const [counted] = yield* session.rows(Counted, sql`SELECT count(*) AS rows FROM ${relation} WHERE ${ignored}`);
    return Number(counted?.rows ?? 0n);
  });

/** The rows of a relation of the whole file; nothing where it is not the file's as our own reader has it. */
const readRelation = (
  options: ReadRowsOptions,
  relation: Statement | undefined,
): Effect.Effect<RowsRead | undefined, SqlError, Progress | Path.Path> =>
  Effect.gen(function* () {
    const { session, source, reader, table, path } = options;
    if (relation === undefined || !(yield* agrees(session, source, relation))) return undefined;
    const progress = yield* Progress;
    const label = (yield* Path.Path).basename(source.file);
    const task = yield* progress.task({ label, unit: "bytes", total: source.bytes });
    const rows = select(options, strictValueOf, relation, kept(reader));
    const file = yield* copyRows(session, table.schema, rows, path, tellBytes(source.bytes, task.advance));
    const ignored = yield* countIgnored(options, relation);
    return { file, rows: file.rows + ignored, ignored };
  }).pipe(Effect.scoped);

const straight = (
  options: ReadRowsOptions,
): Effect.Effect<RowsRead | undefined, InputError | SqlError, Progress | Path.Path> =>
  Effect.gen(function* () {
    const { source } = options;
    return yield* readRelation(options, yield* source.direct).pipe(
      Effect.catchIf(isOfData, (error) =>
        Effect.flatMap(source.otherwise?.(error) ?? Effect.succeed(undefined), (relation) =>
          readRelation(options, relation),
        ),
      ),
    );
  }).pipe(Effect.catchIf(isOfData, () => Effect.succeed(undefined)));

/** Notes what is wrong with the rows of a piece, in their order. */
const judge = (
  { session, reader, rejects }: ReadRowsOptions,
  { relation, rows: count, broken }: Piece,
): Effect.Effect<void, InputError | SqlError> =>
  Effect.gen(function* () {
    const inOrder = [...broken].sort((a, b) => a.line - b.line);
    let next = 0;
    const note = (before: number): void => {
      for (; next < inOrder.length && (inOrder[next] as Broken).line < before; next++) {
        const { line, reason, raw } = inOrder[next] as Broken;
        rejects.reject(line, reason, raw);
      }
    };
    yield* rejects.settle(count);
    const cells = Object.values(reader.cells);
    const rows = prepared(relation, cells);
    const bad = sql`SELECT line, problem, raw FROM (SELECT line, raw, ${firstProblem(cells)} AS problem FROM ${rows} WHERE ${kept(reader)})
      WHERE problem IS NOT NULL`;
    yield* session.stream(bad).pipe(
      Stream.runForEach((batch) => {
        const lines = batch.columns.line as ArrayLike<bigint>;
        const reasons = batch.columns.problem as ArrayLike<string>;
        const raws = batch.columns.raw as ArrayLike<string>;
        for (let i = 0; i < batch.rows; i++) {
          const line = Number(lines[i]);
          note(line);
          rejects.reject(line, reasons[i] as string, raws[i] as string);
        }
        return rejects.settle(0);
      }),
    );
    note(Number.POSITIVE_INFINITY);
    yield* rejects.settle(0);
  });

const rowByRow = (
  options: ReadRowsOptions,
): Effect.Effect<NewFile, InputError | SqlError, Progress | Path.Path | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { session, source, reader, rejects, table, path } = options;
    const progress = yield* Progress;
    const label = `${(yield* Path.Path).basename(source.file)}, row by row`;
    const task = yield* progress.task({ label, unit: "bytes", total: source.bytes });
    const relation = yield* source.numbered((piece) => judge(options, piece), task.advance);
    yield* rejects.judge;
    const good = sql`${kept(reader)} AND ${firstProblem(Object.values(reader.cells))} IS NULL`;
    return yield* copyRows(session, table.schema, select(options, valueOf, relation, good), path);
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) =>
      error._tag === "SqlError" && isOfData(error) ? options.source.explained(error) : error,
    ),
  );

/** Fails with `TooManyRejects` where there are. */
export const readRows = (
  options: ReadRowsOptions,
): Effect.Effect<RowsRead, InputError | SqlError, Progress | Path.Path | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const quick = yield* straight(options);
    if (quick !== undefined) return quick;
    const file = yield* rowByRow(options);
    const rows = options.rejects.rows();
    return { file, rows, ignored: rows - options.rejects.rejected() - file.rows };
  });

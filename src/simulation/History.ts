/**
 * History: what happened in a shop, from a CSV file in the transactions' format or from a table, to be replayed. Rows that
 * cannot have happened are left out, and told of, and without a word what is of before a shopper was forgotten.
 */
import { FileSystem } from "@effect/platform";
import { Clock, Effect, Schema, Stream } from "effect";
import type { ColumnBatch } from "../domain/Columns.ts";
import { parseDay } from "../domain/Day.ts";
import { timeProblem } from "../domain/EventTime.ts";
import { type Happened, isOfBefore, saltedHash } from "../domain/Forgotten.ts";
import { idProblem } from "../domain/Ids.ts";
import { openCsv } from "../intake/CsvFile.ts";
import type { InputError } from "../intake/InputError.ts";
import { Forgotten, type ForgottenError } from "../ports/Forgotten.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import type { Draft } from "./Draft.ts";

/** A draft that knows its day (since 1970-01-01), and maybe its time. */
export interface HistoryRow extends Draft {
  readonly day: number;
}

export interface History<E> {
  /** The rows' days, as the rows stand; those of rows that are left out may be among them. */
  readonly days: Stream.Stream<ReadonlyArray<number>, E>;
  readonly rows: Stream.Stream<ReadonlyArray<HistoryRow>, E>;
}

export class HistoryError extends Schema.TaggedError<HistoryError>()("HistoryError", {
  reason: Schema.Literal("NotFound", "MissingColumn"),
  source: Schema.String,
  message: Schema.String,
}) {}

const secondsPerDay = 86_400;
const required = ["t_dat", "customer_id", "article_id"] as const;
const optional = ["event_type", "timestamp", "quantity"] as const;
/** Of a table: below 0 the row is a return, which no shopper sends as an event. */
const weightColumn = "weight";

const checked = (source: string, columns: ReadonlyArray<string>): Effect.Effect<void, HistoryError> => {
  const missing = required.filter((column) => !columns.includes(column));
  if (missing.length === 0) return Effect.void;
  const message = `${source} lacks ${missing.join(", ")}; it has ${columns.join(", ")}. Bring it into the tables with \`import\`, and replay raw/transactions`;
  return Effect.fail(new HistoryError({ reason: "MissingColumn", source, message }));
};

const rowOf = (
  day: number,
  userId: string,
  itemId: string,
  eventType: string,
  timestamp: number | undefined,
  quantity: number,
): HistoryRow => ({
  day,
  userId,
  itemId,
  eventType,
  quantity: Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= 1000 ? quantity : 1,
  ...(timestamp === undefined ? {} : { timestamp }),
});

const shownDay = (day: number): string => {
  const date = new Date(day * secondsPerDay * 1000);
  return Number.isNaN(date.getTime()) ? `day ${day} since 1970-01-01` : date.toISOString().slice(0, -14);
};

/** What is wrong with a row's day (since 1970-01-01) or its time (unix seconds), which arrived at `arrival`. */
const whenProblem = (day: number, timestamp: number | undefined, arrival: number): string | undefined => {
  const ofDay = timeProblem(day * secondsPerDay, arrival);
  if (ofDay !== undefined) return `t_dat ${shownDay(day)} ${ofDay}`;
  const ofTime = timestamp === undefined ? undefined : timeProblem(timestamp, arrival);
  return ofTime === undefined ? undefined : `timestamp ${timestamp} ${ofTime}`;
};

/** Says of the first row left out why, and in the end how many were; once, however often the rows are read. */
const makeLeftOut = (source: string) => {
  let count = 0;
  let told = false;
  const tell = <E, R>(rows: Stream.Stream<ReadonlyArray<HistoryRow | string>, E, R>) =>
    Stream.mapEffect(rows, (read) =>
      Effect.gen(function* () {
        const good = read.filter((row): row is HistoryRow => typeof row !== "string");
        const bad = read.find((row) => typeof row === "string");
        if (told || bad === undefined) return good;
        if (count === 0) yield* Effect.logWarning(`${source}: rows are left out, the first because ${bad}`);
        count += read.length - good.length;
        return good;
      }),
    ).pipe(
      Stream.concat(
        Stream.execute(
          Effect.suspend(() => {
            const last = !told && count > 0;
            told = true;
            return last ? Effect.logWarning(`${source}: ${count} rows were left out`) : Effect.void;
          }),
        ),
      ),
    );
  return tell;
};

/** Whether what a user did is of before they were forgotten. */
type IsForgotten = (userId: string, happened: Happened) => boolean;

/** By all who were forgotten until now. */
const forgottenUntilNow: Effect.Effect<IsForgotten, ForgottenError, Forgotten> = Effect.gen(function* () {
  const { all, salt } = yield* Forgotten;
  const tombstones = new Map((yield* all).map((one) => [one.hash, one]));
  if (tombstones.size === 0) return (): boolean => false;
  const itsSalt = yield* salt;
  return (userId: string, happened: Happened): boolean => {
    const tombstone = tombstones.get(saltedHash(itsSalt, userId));
    return tombstone !== undefined && isOfBefore(tombstone, happened);
  };
});

const placeColumns = ["log_id", "log_partition", "log_offset"] as const;

const fromTable = (
  table: string,
  usual: string,
  isForgotten: IsForgotten,
): Effect.Effect<History<TableError>, TableError | HistoryError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const snapshot = yield* tables.snapshot(table);
    const { schema, version } = snapshot;
    const tellingLeftOut = makeLeftOut(table);
    const names = schema.map(({ name }) => name);
    yield* checked(table, names);
    const wanted = [...optional, weightColumn, "arrived_at", ...placeColumns];
    const columns = [...required, ...wanted.filter((name) => names.includes(name))];
    // Rows that do not say when they arrived did when the newest of them were written.
    const writtenAt = snapshot.writtenAt / 1000;
    const rowsOf = (batch: ColumnBatch): ReadonlyArray<HistoryRow | string> =>
      Array.from({ length: batch.rows }, (_, row): ReadonlyArray<HistoryRow | string> => {
        const cell = (name: string) => batch.columns[name]?.[row] ?? undefined;
        const day = cell("t_dat") as number;
        const timestamp = cell("timestamp") as number | undefined;
        const arrived = cell("arrived_at") as number | undefined;
        const userId = cell("customer_id") as string;
        const [log, partition, offset] = placeColumns.map(cell) as [string?, number?, bigint?];
        const place =
          log === undefined || partition === undefined || offset === undefined ? undefined : { log, partition, offset };
        if (isForgotten(userId, { place, at: arrived ?? timestamp ?? day * secondsPerDay })) return [];
        const problem = whenProblem(day, timestamp, arrived ?? writtenAt);
        if (problem !== undefined) return [problem];
        if (((cell(weightColumn) ?? 0) as number) < 0) return ["it is a return"];
        const is = rowOf(
          day,
          userId,
          cell("article_id") as string,
          ((cell("event_type") ?? "") as string) || usual,
          timestamp,
          (cell("quantity") ?? 1) as number,
        );
        return [is];
      }).flat();
    return {
      days: tables
        .read(table, { version, columns: ["t_dat"] })
        .pipe(Stream.map((batch) => Array.from(batch.columns.t_dat as ArrayLike<number>))),
      rows: tables.read(table, { version, columns }).pipe(Stream.map(rowsOf), tellingLeftOut),
    };
  });

/** Nine digits are an article id of the H&M files that lost its leading zero. */
const restored = (id: string): string => (/^\d{9}$/.test(id) ? `0${id}` : id);

const fromFile = (
  file: string,
  usual: string,
  isForgotten: IsForgotten,
): Effect.Effect<History<InputError>, InputError | HistoryError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { columns, records } = yield* openCsv(file);
    const arrival = (yield* Clock.currentTimeMillis) / 1000;
    const tellingLeftOut = makeLeftOut(file);
    yield* checked(file, columns);
    const [dayAt, userAt, itemAt] = required.map((name) => columns.indexOf(name)) as [number, number, number];
    const [typeAt, timeAt, quantityAt] = optional.map((name) => columns.indexOf(name)) as [number, number, number];
    const read = (record: ReadonlyArray<string>): HistoryRow | string | undefined => {
      const text = record[dayAt] ?? "";
      const day = parseDay(text);
      const userId = record[userAt] ?? "";
      const itemId = restored(record[itemAt] ?? "");
      if (day === undefined) return `t_dat "${text}" is not a day written YYYY-MM-DD`;
      const time = record[timeAt] ?? "";
      const timestamp = time !== "" && Number.isFinite(Number(time)) ? Number(time) : undefined;
      const problem =
        idProblem("customer_id", userId) ?? idProblem("article_id", itemId) ?? whenProblem(day, timestamp, arrival);
      if (problem !== undefined) return problem;
      return isForgotten(userId, { place: undefined, at: timestamp ?? day * secondsPerDay })
        ? undefined
        : rowOf(day, userId, itemId, record[typeAt] || usual, timestamp, Number(record[quantityAt] ?? 1));
    };
    const rows = records(() => {}).pipe(
      Stream.map(({ cells, lines }) =>
        cells.flatMap((record, i): ReadonlyArray<HistoryRow | string> => {
          const row = read(record);
          if (row === undefined) return [];
          return [typeof row === "string" ? `line ${lines[i]}: ${row}` : row];
        }),
      ),
      tellingLeftOut,
    );
    return { days: Stream.map(rows, (list) => list.map(({ day }) => day)), rows };
  });

/** A file where there is one of that name, a table otherwise. `usual`: the type of what does not say its own. */
export const openHistory = (
  source: string,
  usual = "purchase",
): Effect.Effect<
  History<InputError | TableError>,
  InputError | TableError | HistoryError | ForgottenError,
  FileSystem.FileSystem | Tables | Forgotten
> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const isForgotten = yield* forgottenUntilNow;
    if (yield* Effect.orElseSucceed(fs.exists(source), () => false)) return yield* fromFile(source, usual, isForgotten);
    const message = `there is neither a file nor a table ${source}; name a CSV file, raw/transactions or raw/events`;
    return yield* fromTable(source, usual, isForgotten).pipe(
      Effect.catchIf(
        (error) => error.reason === "NotFound",
        () => Effect.fail(new HistoryError({ reason: "NotFound", source, message })),
      ),
    );
  });

/** History: what happened in a shop, from a CSV file in the transactions' format or from a table, to be replayed. */
import { FileSystem } from "@effect/platform";
import { Effect, Schema, Stream } from "effect";
import { parseDay } from "../batch/CsvCells.ts";
import { openCsv } from "../batch/CsvFile.ts";
import type { InputError } from "../batch/InputError.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";
import type { Draft } from "./Draft.ts";

/** A draft that knows its day (since 1970-01-01), and maybe its time. */
export interface HistoryRow extends Draft {
  readonly day: number;
}

export interface History<E> {
  /** The rows' days, as the rows stand. */
  readonly days: Stream.Stream<ReadonlyArray<number>, E>;
  readonly rows: Stream.Stream<ReadonlyArray<HistoryRow>, E>;
}

export class HistoryError extends Schema.TaggedError<HistoryError>()("HistoryError", {
  reason: Schema.Literal("NotFound", "MissingColumn"),
  source: Schema.String,
  message: Schema.String,
}) {}

const required = ["t_dat", "customer_id", "article_id"] as const;
const optional = ["event_type", "timestamp", "quantity"] as const;

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
  eventType: eventType === "" ? "purchase" : eventType,
  quantity: Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= 1000 ? quantity : 1,
  ...(timestamp === undefined ? {} : { timestamp }),
});

const fromTable = (table: string): Effect.Effect<History<TableError>, TableError | HistoryError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { schema, version } = yield* tables.snapshot(table);
    const names = schema.map(({ name }) => name);
    yield* checked(table, names);
    const columns = [...required, ...optional.filter((name) => names.includes(name))];
    const rowsOf = (batch: ColumnBatch): ReadonlyArray<HistoryRow> =>
      Array.from({ length: batch.rows }, (_, row) => {
        const cell = (name: string) => batch.columns[name]?.[row] ?? undefined;
        return rowOf(
          cell("t_dat") as number,
          cell("customer_id") as string,
          cell("article_id") as string,
          (cell("event_type") ?? "") as string,
          cell("timestamp") as number | undefined,
          (cell("quantity") ?? 1) as number,
        );
      });
    return {
      days: tables
        .read(table, { version, columns: ["t_dat"] })
        .pipe(Stream.map((batch) => Array.from(batch.columns.t_dat as ArrayLike<number>))),
      rows: tables.read(table, { version, columns }).pipe(Stream.map(rowsOf)),
    };
  });

/** Nine digits are an article id of the H&M files that lost its leading zero. */
const restored = (id: string): string => (/^\d{9}$/.test(id) ? `0${id}` : id);

/** Rows without a day, a customer or an article are left out. */
const fromFile = (file: string): Effect.Effect<History<InputError>, InputError | HistoryError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { columns, records } = yield* openCsv(file);
    yield* checked(file, columns);
    const [dayAt, userAt, itemAt] = required.map((name) => columns.indexOf(name)) as [number, number, number];
    const [typeAt, timeAt, quantityAt] = optional.map((name) => columns.indexOf(name)) as [number, number, number];
    const rows = records(() => {}).pipe(
      Stream.map(({ cells }) =>
        cells.flatMap((record): ReadonlyArray<HistoryRow> => {
          const day = parseDay(record[dayAt] ?? "");
          const userId = record[userAt] ?? "";
          const itemId = restored(record[itemAt] ?? "");
          if (day === undefined || userId === "" || itemId === "") return [];
          const time = record[timeAt] ?? "";
          const timestamp = time !== "" && Number.isFinite(Number(time)) ? Number(time) : undefined;
          return [rowOf(day, userId, itemId, record[typeAt] ?? "", timestamp, Number(record[quantityAt] ?? 1))];
        }),
      ),
    );
    return { days: Stream.map(rows, (list) => list.map(({ day }) => day)), rows };
  });

/** A file where there is one of that name, a table otherwise. */
export const openHistory = (
  source: string,
): Effect.Effect<
  History<InputError | TableError>,
  InputError | TableError | HistoryError,
  FileSystem.FileSystem | Tables
> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    if (yield* Effect.orElseSucceed(fs.exists(source), () => false)) return yield* fromFile(source);
    const message = `there is neither a file nor a table ${source}; name a CSV file, raw/transactions or raw/events`;
    return yield* fromTable(source).pipe(
      Effect.catchIf(
        (error) => error.reason === "NotFound",
        () => Effect.fail(new HistoryError({ reason: "NotFound", source, message })),
      ),
    );
  });

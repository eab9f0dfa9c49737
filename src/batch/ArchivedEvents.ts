/**
 * ArchivedEvents: the rows of raw/events in the order of the log: those of one partition by ascending offsets, those of
 * one log behind those of the logs before it.
 *
 * The archiver writes them so, and mostly that is how they stand. Where files were merged in another order (a compaction
 * beside large files, Spark's OPTIMIZE) the table is read once per window of offsets that holds some `windowRows` rows.
 */
import { Effect, Stream } from "effect";
import { rawEvents } from "../domain/TableSchemas.ts";
import { type ColumnBatch, type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";
import { optionalColumns } from "./InteractionRows.ts";

type Read = (columns: ReadonlyArray<string>) => Stream.Stream<ColumnBatch, TableError, Tables>;

const placeColumns = ["log_id", "log_partition", "log_offset", "arrived_at"];
const defaultWindow = 1 << 20;
/** Offsets are counted by spans of so many. */
const span = 65_536n;

/** Where row `row` stands; the log is "" in rows of version 0.1, which named none. */
const makePlaceOf = ({ columns }: ColumnBatch) => {
  const logs = columns.log_id as ArrayLike<string | null>;
  const partitions = columns.log_partition as ArrayLike<number>;
  const offsets = columns.log_offset as ArrayLike<bigint>;
  return (row: number) => ({ log: logs[row] ?? "", partition: partitions[row], offset: offsets[row] });
};

const spanOf = (log: string, offset: bigint): string => `${log} ${offset / span}`;

interface Span {
  readonly log: string;
  readonly first: bigint;
  rows: number;
}

interface Outline {
  readonly ordered: boolean;
  /** The logs, the oldest first, by when their first row arrived. */
  readonly logs: ReadonlyArray<string>;
  readonly spans: ReadonlyMap<string, Span>;
}

const outline = (read: Read): Effect.Effect<Outline, TableError, Tables> =>
  Effect.gen(function* () {
    const next = new Map<string, bigint>();
    const began = new Map<string, number>();
    const spans = new Map<string, Span>();
    let ordered = true;
    let current: string | undefined;
    yield* Stream.runForEach(read(placeColumns), (batch) =>
      Effect.sync(() => {
        const placeOf = makePlaceOf(batch);
        const arrivals = batch.columns.arrived_at as ArrayLike<number | null>;
        for (let i = 0; i < batch.rows; i++) {
          const { log, partition, offset } = placeOf(i);
          if (log !== current && began.has(log)) ordered = false;
          current = log;
          began.set(log, Math.min(began.get(log) ?? Number.POSITIVE_INFINITY, arrivals[i] ?? 0));
          const place = `${log} ${partition}`;
          if (offset < (next.get(place) ?? 0n)) ordered = false;
          next.set(place, offset + 1n);
          const key = spanOf(log, offset);
          const counted = spans.get(key);
          if (counted === undefined) spans.set(key, { log, first: offset - (offset % span), rows: 1 });
          else counted.rows++;
        }
      }),
    );
    const logs = [...began].sort(([, one], [, other]) => one - other).map(([log]) => log);
    const inTurn = [...began.keys()].every((log, i) => log === logs[i]);
    return { ordered: ordered && inTurn, logs, spans };
  });

/** The window of each span, numbered in order of the logs and offsets. */
const windowsOf = ({ logs, spans }: Outline, windowRows: number) => {
  const inOrder = [...spans].sort(
    ([, one], [, other]) => logs.indexOf(one.log) - logs.indexOf(other.log) || Number(one.first - other.first),
  );
  const windowOf = new Map<string, number>();
  let count = 0;
  let held = Number.POSITIVE_INFINITY;
  for (const [key, { rows }] of inOrder) {
    if (held + rows > windowRows) {
      count++;
      held = 0;
    }
    held += rows;
    windowOf.set(key, count - 1);
  }
  return { count, windowOf };
};

/** The rows of one window, sorted. */
const readWindow = (
  read: Read,
  columns: ReadonlyArray<string>,
  logs: ReadonlyArray<string>,
  isIn: (span: string) => boolean,
): Effect.Effect<ColumnBatch, TableError, Tables> =>
  Effect.gen(function* () {
    const all = [...new Set([...columns, ...placeColumns])];
    const held = new Map(all.map((name): [string, Array<unknown>] => [name, []]));
    yield* Stream.runForEach(read(all), (batch) =>
      Effect.sync(() => {
        const placeOf = makePlaceOf(batch);
        for (let i = 0; i < batch.rows; i++) {
          const { log, offset } = placeOf(i);
          if (!isIn(spanOf(log, offset))) continue;
          for (const [name, values] of held) values.push(batch.columns[name][i]);
        }
      }),
    );
    const placeOf = makePlaceOf({ rows: 0, columns: Object.fromEntries(held) });
    const places = (held.get("log_offset") ?? []).map((_, row) => placeOf(row));
    const order = places
      .map((_, row) => row)
      .sort(
        (a, b) =>
          logs.indexOf(places[a].log) - logs.indexOf(places[b].log) ||
          places[a].partition - places[b].partition ||
          Number(places[a].offset - places[b].offset),
      );
    return {
      rows: order.length,
      columns: Object.fromEntries([...held].map(([name, values]) => [name, order.map((row) => values[row])])),
    };
  });

/** Besides `columns`, batches may hold others. */
export const readArchived = (
  snapshot: TableSnapshot,
  columns: ReadonlyArray<string>,
  windowRows = defaultWindow,
): Stream.Stream<ColumnBatch, TableError, Tables> => {
  const read: Read = (wanted) =>
    Stream.unwrap(
      Effect.map(Tables, (tables) =>
        tables.read(rawEvents.name, { columns: wanted, optional: optionalColumns, version: snapshot.version }),
      ),
    );
  return Stream.unwrap(
    Effect.map(outline(read), (found) => {
      if (found.ordered) return read(columns);
      const { count, windowOf } = windowsOf(found, windowRows);
      return Stream.range(0, count - 1).pipe(
        Stream.mapEffect((window) => readWindow(read, columns, found.logs, (span) => windowOf.get(span) === window)),
      );
    }),
  );
};

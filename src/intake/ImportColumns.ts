/** ImportColumns: which column of a shop's files means what, as builders of the raw tables' rows. */
import { Effect } from "effect";
import { eventTypeCode, eventTypes } from "../domain/Event.ts";
import { timeProblem } from "../domain/EventTime.ts";
import { rawArticles } from "../domain/TableSchemas.ts";
import {
  type CellReader,
  constantCells,
  idCells,
  makeReader,
  makeRowBuilder,
  noCells,
  numberCells,
  type RowBuilder,
  textCells,
} from "./CsvCells.ts";
import type { RowFile } from "./CsvFile.ts";
import { InputError } from "./InputError.ts";
import { parseTimestamp } from "./Timestamp.ts";

export interface EventColumns {
  readonly user: string;
  readonly item: string;
  /** Unix seconds or milliseconds, or ISO date and time; see `parseTimestamp`. Without it every event is of today. */
  readonly timestamp?: string | undefined;
  /** Holds event types. Without it, or in an empty cell, an event is a purchase. */
  readonly type?: string | undefined;
  /** Holds numbers from 0 up, in place of the weight of the type. */
  readonly weight?: string | undefined;
  /** What the shop calls our types, e.g. `view=click,buy=purchase`. */
  readonly types?: string | undefined;
}

export interface ItemColumns {
  readonly itemId: string;
  readonly title?: string | undefined;
  readonly category?: string | undefined;
  readonly group?: string | undefined;
  readonly appearance?: string | undefined;
  readonly indexGroup?: string | undefined;
}

/** The table's field that each item column fills. */
const itemFields = {
  itemId: "article_id",
  title: "prod_name",
  category: "product_type_name",
  group: "product_group_name",
  appearance: "graphical_appearance_name",
  indexGroup: "index_group_name",
} as const satisfies Record<keyof ItemColumns, string>;

const known = eventTypes.join(", ");

/** Our type by the shop's, of an option such as `view=click,buy=purchase`. */
export const parseTypes = (
  file: string,
  option: string | undefined,
): Effect.Effect<ReadonlyMap<string, string>, InputError> =>
  Effect.suspend(() => {
    const types = new Map<string, string>();
    for (const part of (option ?? "").split(",")) {
      if (part.trim() === "") continue;
      const [theirs, ours, ...more] = part.split("=").map((word) => word.trim());
      if (theirs === "" || more.length > 0 || ours === undefined || eventTypeCode(ours) < 0) {
        return new InputError({
          reason: "BadOption",
          file,
          message: `"${part.trim()}" in --types is not of the form theirs=ours, where ours is one of ${known}.`,
        });
      }
      types.set(theirs, ours);
    }
    return Effect.succeed(types);
  });

/** The position of each column; `flags` are the flags that named them, for the error. */
const positions = (
  file: RowFile,
  named: ReadonlyArray<readonly [flag: string, column: string | undefined]>,
): Effect.Effect<ReadonlyArray<number>, InputError> =>
  Effect.forEach(named, ([flag, column]) => {
    const at = column === undefined ? -1 : file.columns.indexOf(column);
    return at >= 0 || column === undefined
      ? Effect.succeed(at)
      : new InputError({
          reason: "MissingColumn",
          file: file.file,
          message: `${file.file} has no column "${column}", which --${flag} names; it has ${file.columns.join(", ")}.`,
        });
  });

const typeCells = (column: string, types: ReadonlyMap<string, string>): CellReader =>
  makeReader("event_type", (cell, values, row) => {
    const text = cell.trim();
    const type = types.get(text) ?? text;
    values[row] = text === "" ? null : type;
    return text === "" || eventTypeCode(type) >= 0
      ? undefined
      : `${column} "${text}" is not one of ${known}, nor mapped to one by --types`;
  });

const timeCells = (column: string, name: string, arrival: number, valueOf: (seconds: number) => number): CellReader =>
  makeReader(name, (cell, values, row) => {
    const seconds = parseTimestamp(cell.trim());
    if (seconds === undefined) return `${column} "${cell}" is no unix time and no ISO date or time`;
    const problem = timeProblem(seconds, arrival);
    if (problem !== undefined) return `${column} "${cell}" ${problem}`;
    values[row] = valueOf(seconds);
    return undefined;
  });

/**
 * Builds rows of raw/transactions of a file that is read at `arrival` (unix seconds); events without a time are of its day.
 * Calls `onEvent` for every good row.
 */
export const eventBuilder = (
  file: RowFile,
  columns: EventColumns,
  arrival: number,
  onEvent: (user: string, item: string) => void,
): Effect.Effect<RowBuilder, InputError> =>
  Effect.gen(function* () {
    const { user, item, timestamp, type, weight } = columns;
    const types = yield* parseTypes(file.file, columns.types);
    const [userAt, itemAt, timeAt, typeAt, weightAt] = yield* positions(
      file,
      Object.entries({ user, item, timestamp, type, weight }),
    );
    const timed = timestamp === undefined;
    const builder = makeRowBuilder(
      [
        timed
          ? constantCells("t_dat", Math.floor(arrival / 86_400))
          : timeCells(timestamp, "t_dat", arrival, (seconds) => Math.floor(seconds / 86_400)),
        idCells("customer_id"),
        idCells("article_id"),
        noCells("price"),
        noCells("sales_channel_id"),
        typeCells(type ?? "", types),
        timed ? noCells("timestamp") : timeCells(timestamp, "timestamp", arrival, (seconds) => seconds),
        numberCells("weight", 0),
      ],
      [timeAt, userAt, itemAt, -1, -1, typeAt, timeAt, weightAt],
    );
    return {
      take: builder.take,
      add: (cells) => {
        const problem = builder.add(cells);
        if (problem === undefined) onEvent(cells[userAt].trim(), cells[itemAt].trim());
        return problem;
      },
    };
  });

/** Builds rows of raw/articles. */
export const itemBuilder = (file: RowFile, columns: ItemColumns): Effect.Effect<RowBuilder, InputError> =>
  Effect.gen(function* () {
    const keys = Object.keys(itemFields) as ReadonlyArray<keyof ItemColumns>;
    const flagOf = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const at = yield* positions(
      file,
      keys.map((key) => [flagOf(key), columns[key]]),
    );
    const placed = rawArticles.schema.map(({ name }) => at[keys.findIndex((key) => itemFields[key] === name)] ?? -1);
    return makeRowBuilder(
      rawArticles.schema.map(({ name }, i) => {
        if (name === "listed") return constantCells(name, true);
        return name === "article_id" ? idCells(name) : placed[i] < 0 ? noCells(name) : textCells(name);
      }),
      placed,
    );
  });

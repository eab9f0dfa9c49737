/** ImportColumns: which column of a shop's files means what, as readers of the raw tables' rows. */
import { Effect } from "effect";
import { codesOf, type EventTypes, pieceMillionths } from "../domain/EventTypes.ts";
import type { SqlError } from "../ports/Sql.ts";
import { joined, type Statement, sql } from "../ports/Statement.ts";
import {
  type Cell,
  called,
  constantCell,
  idCell,
  named,
  noCell,
  numberCell,
  problemOf,
  trimmed,
  valueOf,
} from "./Cells.ts";
import { InputError } from "./InputError.ts";
import type { RowReader } from "./ReadRows.ts";
import { listed, type Source } from "./Source.ts";
import { dayOf } from "./Times.ts";

export interface EventColumns {
  readonly user: string;
  readonly item: string;
  /** Unix seconds or milliseconds, or ISO date and time; see `timeCell`. Without it every event is of today. */
  readonly timestamp?: string | undefined;
  /** How times are written, e.g. `dd.MM.yyyy HH:mm`. */
  readonly timeFormat?: string | undefined;
  /** Holds event types. Without it, or in an empty cell, an event is of the usual type: a purchase. */
  readonly type?: string | undefined;
  /** Holds numbers from 0 up, in place of the weight of the type. */
  readonly weight?: string | undefined;
  /** Holds how many pieces a row is about; below 0 they were returned. Without it, or in an empty cell, it is one. */
  readonly quantity?: string | undefined;
  /** What the shop calls our types, e.g. `view=click,buy=purchase`; those named `ignore` are left out. Without `type`, the one of all events. */
  readonly types?: string | undefined;
}

/** What the shop's types are called here, for those that do not count. */
const ignored = "ignore";

/** Our type by the shop's, of an option such as `view=click,buy=purchase`. */
export const parseTypes = (
  file: string,
  option: string | undefined,
  { codeOf, names }: EventTypes,
): Effect.Effect<ReadonlyMap<string, string>, InputError> =>
  Effect.suspend(() => {
    const types = new Map<string, string>();
    for (const part of (option ?? "").split(",")) {
      if (part.trim() === "") continue;
      const [theirs, ours, ...more] = part.split("=").map((word) => word.trim());
      if (theirs === "" || more.length > 0 || ours === undefined || (codeOf(ours) < 0 && ours !== ignored)) {
        return new InputError({
          reason: "BadOption",
          file,
          message: `"${part.trim()}" in --types is not of the form theirs=ours, where ours is one of ${names.join(", ")} (EVENT_TYPES), or ignore.`,
        });
      }
      types.set(theirs, ours);
    }
    return Effect.succeed(types);
  });

/** The type of all events, where an option names one and no column does. */
const parseOneType = (
  file: string,
  option: string | undefined,
  { codeOf, names }: EventTypes,
): Effect.Effect<string | undefined, InputError> => {
  const name = (option ?? "").trim();
  return name === "" || codeOf(name) >= 0
    ? Effect.succeed(name === "" ? undefined : name)
    : new InputError({
        reason: "BadOption",
        file,
        message: `--types ${name} needs --type, the column of the types; without one it names the type of all events, one of ${names.join(", ")} (EVENT_TYPES).`,
      });
};

/** Types of a column's first cells that are neither known nor mapped, as a sentence; undefined where all are. */
export const typeHint = (
  source: Source,
  column: string,
  option: string | undefined,
  known: EventTypes,
): Effect.Effect<string | undefined, InputError | SqlError> =>
  Effect.gen(function* () {
    const types = yield* parseTypes(source.file, option, known);
    const cells = new Set(yield* source.firstCells(source.columns.indexOf(column)));
    const unknown = [...cells].filter((cell) => !types.has(cell) && known.codeOf(cell) < 0);
    if (unknown.length === 0) return undefined;
    return `In ${called(column)} there are the types ${listed(unknown)}: say by --types what each is here, as in ${unknown[0]}=${known.names[0]}, or ${unknown[0]}=${ignored}.`;
  });

/** The position of a column, -1 where none is named; `flag` named it, for the error. */
export const position = (
  { columns, file, headless }: Source,
  flag: string,
  column: string | undefined,
): Effect.Effect<number, InputError> => {
  const at = column === undefined ? -1 : columns.indexOf(column);
  return at >= 0 || column === undefined
    ? Effect.succeed(at)
    : new InputError({
        reason: "MissingColumn",
        file,
        message:
          `${file} has no column "${column}", which --${flag} names; it has ${listed(columns)}.` +
          (headless
            ? " Where its first line is no header but a row, say --no-header and name columns by number: --user 1."
            : ""),
      });
};

export const readable = (source: Source, at: number): Effect.Effect<void, InputError> => {
  const obstacle = at < 0 ? undefined : source.obstacle(at);
  return obstacle === undefined
    ? Effect.void
    : new InputError({ reason: "Unreadable", file: source.file, message: `${obstacle}.` });
};

/** The shop's types as ours, and which of its rows are to be left out. */
const typeReader = (
  column: string,
  cell: Statement,
  types: ReadonlyMap<string, string>,
  names: ReadonlyArray<string>,
) => {
  const mapped = [...types].filter(([, ours]) => ours !== ignored);
  const dropped = [...types].filter(([, ours]) => ours === ignored).map(([theirs]) => theirs);
  const ours = (text: Statement): Statement =>
    mapped.length === 0
      ? text
      : sql`CASE ${text} ${joined(
          mapped.map(([theirs, type]) => sql`WHEN ${theirs} THEN ${type}`),
          " ",
        )} ELSE ${text} END`;
  const text = trimmed(cell);
  const value = sql`nullif(${ours(text)}, '')`;
  const wrong = ` is not one of ${names.join(", ")} (EVENT_TYPES), nor mapped to one by --types`;
  const typed: Cell = {
    value,
    problem: sql`CASE WHEN ${value} NOT IN ${names} THEN ${named(called(column), text)} || ${wrong} END`,
    quick: { test: sql`${cell} IN ${[...names, ...mapped.map(([theirs]) => theirs)]}`, value: ours(cell) },
  };
  return { typed, ignored: dropped.length === 0 ? undefined : sql`${text} IN ${dropped}` };
};

/**
 * A row's weight times how many pieces it is about. What was returned weighs less than 0, and takes back a purchase; a return
 * of something whose own weight is 0 takes back a purchase of usual weight, so that it takes back at all.
 */
const timesQuantity = (own: Cell, column: string, cell: Statement, type: Cell, types: EventTypes): Cell => {
  const name = called(column);
  const quantity = numberCell(name, cell);
  const pieces = valueOf(quantity);
  const weight = valueOf(own);
  const { buys, names, takesBack, usual: usualType } = types;
  const kind = sql`coalesce(${valueOf(type)}, ${names[usualType]})`;
  const usual = sql`CASE ${kind} ${joined(
    pieceMillionths(types).map((weight, code) => sql`WHEN ${names[code]} THEN ${Math.abs(weight) / 1e6}`),
    " ",
  )} END`;
  const returned = codesOf(buys.map((is, code) => is || (takesBack[code] as boolean))).map(
    (code) => names[code] as string,
  );
  return {
    value: sql`CASE WHEN coalesce(${pieces}, 1) = 1 THEN ${weight}
      WHEN ${pieces} > 0 THEN ${pieces} * coalesce(${weight}, ${usual})
      ELSE ${pieces} * coalesce(nullif(${weight}, 0), ${usual}) END`,
    problem: sql`coalesce(${problemOf(own) ?? sql`NULL`}, ${problemOf(quantity) ?? sql`NULL`},
      CASE WHEN ${pieces} = 0 THEN ${`${name} is 0, neither bought nor returned`}
      WHEN ${pieces} < 0 AND ${kind} NOT IN ${returned} THEN ${named(name, cell)} || ' of a ' || ${kind} || ': only a purchase can be returned' END)`,
  };
};

/** An id; where the file's ids are whole numbers written with a fraction (17850.0), without it. */
export type IdText = (cell: Statement) => Statement;

export interface IdTexts {
  readonly user: IdText;
  readonly item: IdText;
}

/** Reads rows of raw/transactions from a file that is read at `arrival` (unix seconds); events without a time are of its day. */
export const eventReader = (
  source: Source,
  columns: EventColumns,
  arrival: number,
  ids: IdTexts,
  known: EventTypes,
): Effect.Effect<RowReader, InputError> =>
  Effect.gen(function* () {
    const { user, item, timestamp, type, weight, quantity } = columns;
    const types = type === undefined ? new Map<string, string>() : yield* parseTypes(source.file, columns.types, known);
    const typeOfAll = type === undefined ? yield* parseOneType(source.file, columns.types, known) : undefined;
    if (type !== undefined && known.codeOf(type) >= 0 && !source.columns.includes(type)) {
      return yield* new InputError({
        reason: "MissingColumn",
        file: source.file,
        message: `${source.file} has no column "${type}", which --type names: where all events are of this type, say --types ${type} and no --type.`,
      });
    }
    const [userAt, itemAt, timeAt, typeAt, weightAt, quantityAt] = yield* Effect.forEach(
      Object.entries({ user, item, timestamp, type, weight, quantity }),
      ([flag, column]) => Effect.tap(position(source, flag, column), (at) => readable(source, at)),
    );
    const time =
      timestamp === undefined
        ? undefined
        : source.time(timeAt as number, called(timestamp), { arrival, format: columns.timeFormat });
    const typeColumn =
      type === undefined ? undefined : typeReader(type, source.text(typeAt as number), types, known.names);
    const own = weight === undefined ? noCell : numberCell(called(weight), source.text(weightAt as number), 0);
    const typed = typeColumn?.typed ?? (typeOfAll === undefined ? noCell : constantCell(sql`${typeOfAll}`));
    return {
      cells: {
        t_dat:
          time === undefined ? constantCell(sql`DATE '1970-01-01' + ${Math.floor(arrival / 86_400)}`) : dayOf(time),
        customer_id: idCell(called(user), ids.user(source.text(userAt as number))),
        article_id: idCell(called(item), ids.item(source.text(itemAt as number))),
        event_type: typed,
        ...(time === undefined ? {} : { timestamp: time }),
        weight:
          quantity === undefined ? own : timesQuantity(own, quantity, source.text(quantityAt as number), typed, known),
      },
      ignored: typeColumn?.ignored,
    };
  });

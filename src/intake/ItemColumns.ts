/**
 * ItemColumns: which column of a shop's items file means what, as readers of rows of raw/articles: our own columns by what the shop
 * said, `title`, `available`, `valid_from` and `valid_until` by their names, too, and all others as attributes.
 */
import type { FileSystem } from "@effect/platform";
import { Effect, type Scope } from "effect";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import { attributesCell, instantText, type TypedColumn, typeColumns } from "./Attributes.ts";
import { type Cell, called, constantCell, idCell, named, textCell } from "./Cells.ts";
import { type IdText, position, readable } from "./ImportColumns.ts";
import type { InputError } from "./InputError.ts";
import type { RowReader } from "./ReadRows.ts";
import type { Source } from "./Source.ts";
import { secondsOf } from "./Times.ts";

export interface ItemColumns {
  readonly itemId: string;
  readonly title?: string | undefined;
  readonly category?: string | undefined;
  readonly group?: string | undefined;
  readonly appearance?: string | undefined;
  readonly indexGroup?: string | undefined;
  /** Whether it is for sale: true, 1, yes or false, 0, no. */
  readonly available?: string | undefined;
  /** From when, and until when: unix seconds, or ISO date and time. */
  readonly validFrom?: string | undefined;
  readonly validUntil?: string | undefined;
}

/** The table's field that each item column fills. */
const itemFields = {
  itemId: "article_id",
  title: "prod_name",
  category: "product_type_name",
  group: "product_group_name",
  appearance: "graphical_appearance_name",
  indexGroup: "index_group_name",
  available: "available",
  validFrom: "valid_from",
  validUntil: "valid_until",
} as const satisfies Record<keyof ItemColumns, string>;

const [yes, no] = [
  ["true", "1", "1.0", "yes"],
  ["false", "0", "0.0", "no"],
];

const booleanCell = (name: string, cell: Statement): Cell => {
  const text = sql`lower(trim(${cell}))`;
  return {
    value: sql`CASE WHEN ${text} IN ${yes} THEN true WHEN ${text} IN ${no} THEN false END`,
    problem: sql`CASE WHEN ${text} <> '' AND ${text} NOT IN ${[...yes, ...no]} THEN ${named(name, cell)} || ' is neither true nor false: write true, 1 or yes, and false, 0 or no' END`,
  };
};

const momentCell = (source: Source, at: number, name: string, arrival: number): Cell => {
  const cell = source.text(at);
  const value = instantText(source.seconds(at) ?? secondsOf(cell, arrival));
  return {
    value,
    problem: sql`CASE WHEN trim(${cell}) <> '' AND ${value} IS NULL THEN ${named(name, cell)} || ' is no unix time and no ISO date or time' END`,
  };
};

/** Fields that a column of their name fills where it holds such values, and what those are. */
const fieldKinds: Readonly<Record<string, ReadonlyArray<TypedColumn["kind"]>>> = {
  available: ["boolean", "number"],
  valid_from: ["time", "number"],
  valid_until: ["time", "number"],
};

/** Fields of raw/articles that `otherCells` fills. */
export const otherFields: ReadonlyArray<string> = ["attributes", ...Object.keys(fieldKinds)];

interface ToRead {
  readonly session: SqlSession;
  readonly source: Source;
  /** When the file is read, unix seconds. */
  readonly arrival: number;
}

/**
 * The cells of what an items file has beside the columns at the places `taken`: attributes, and fields by the names of columns, unless
 * `fields` gives their places.
 */
export const otherCells = (
  { arrival, session, source }: ToRead,
  taken: ReadonlySet<number>,
  fields: Readonly<Record<string, number>> = {},
): Effect.Effect<Readonly<Record<string, Cell>>, InputError | SqlError, Scope.Scope | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { columns, file } = source;
    const given = new Set(Object.values(fields));
    const places = columns.flatMap((name, at) =>
      name.trim() === "" || columns.indexOf(name) !== at || taken.has(at) || given.has(at) ? [] : [at],
    );
    const typed = yield* typeColumns(session, source, places);
    const left = places.filter((at) => !typed.some((column) => column.at === at)).map((at) => columns[at]);
    if (left.length > 0) {
      yield* Effect.logWarning(`of ${file} these columns are no attributes, for their types: ${left.join(", ")}`);
    }
    const found: Record<string, number> = { ...fields };
    const attributes: Array<TypedColumn> = [];
    for (const column of typed) {
      const kinds = found[column.name] === undefined ? fieldKinds[column.name] : undefined;
      if (kinds?.includes(column.kind) === true) found[column.name] = column.at;
      else {
        attributes.push(column);
        if (kinds !== undefined) {
          const what = column.name === "available" ? "true and false" : "times";
          yield* Effect.logWarning(
            `the column ${column.name} of ${file} does not hold ${what} alone: it is an attribute like others`,
          );
        }
      }
    }
    const cells = Object.entries(found).map(([name, at]) => [
      name,
      name === "available"
        ? booleanCell(called(columns[at] as string), source.text(at))
        : momentCell(source, at, called(columns[at] as string), arrival),
    ]);
    return { ...Object.fromEntries(cells), attributes: attributesCell(source, attributes) };
  });

/**
 * Reads rows of raw/articles. `ofEvents`: the file is that of the events, whose other columns are of an event, such as who bought:
 * the items have those alone that `given` names.
 */
export const itemReader = (
  toRead: ToRead,
  given: ItemColumns,
  idText: IdText,
  ofEvents = false,
): Effect.Effect<RowReader, InputError | SqlError, Scope.Scope | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { source } = toRead;
    const columns = { ...given, title: given.title ?? source.columns.find((name) => name === "title") };
    const keys = Object.keys(itemFields) as ReadonlyArray<keyof ItemColumns>;
    const flagOf = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const places = yield* Effect.forEach(keys, (key) =>
      Effect.gen(function* () {
        const at = yield* position(source, flagOf(key), columns[key]);
        yield* readable(source, at);
        return [itemFields[key], at] as const;
      }),
    );
    const there = places.filter(([, at]) => at >= 0);
    const fields = Object.fromEntries(there.filter(([name]) => name in fieldKinds));
    const own = there.filter(([name]) => !(name in fieldKinds));
    // What a flag maps keeps its own name, too.
    const taken = new Set(own.filter(([name]) => name === "article_id" || name === "prod_name").map(([, at]) => at));
    const ofItems = new Set(own.map(([, at]) => at));
    if (ofEvents) for (const at of source.columns.keys()) if (!ofItems.has(at)) taken.add(at);
    const cells = own.map(([name, at]): [string, Cell] => {
      const cell = source.text(at);
      return [name, name === "article_id" ? idCell(called(columns.itemId), idText(cell)) : textCell(cell)];
    });
    return {
      cells: {
        ...Object.fromEntries(cells),
        ...(yield* otherCells(toRead, taken, fields)),
        listed: constantCell(sql`true`),
      },
    };
  });

/**
 * Columns: the attributes of all items, by name and item index, in as little memory as they take: what filters are evaluated on
 * and answers are worded with.
 *
 * A name has a column per kind of value that was seen under it: in a shop's files `size` may be a number here and a text there.
 * An item has at most one value under a name.
 */
import { type AttributeValue, attributePrefix, type Fields } from "../domain/ItemRecord.ts";
import { kindOf, nameOfField, ownTexts, type ValueKind } from "../domain/Where.ts";
import {
  type BooleanColumn,
  type CodedColumn,
  type Column,
  makeBooleanColumn,
  makeCodedColumn,
  makeNumberColumn,
  makeTimeColumn,
  type NumberColumn,
} from "./Column.ts";
import { makeLists, makeTexts } from "./Dictionary.ts";

export interface TextColumn {
  /** By item index; 0: none. */
  readonly codes: Uint32Array;
  /** By code. Codes that no item has are of no text. */
  readonly texts: ReadonlyArray<string>;
  /** Undefined: no item has the text now. */
  readonly codeOf: (text: string) => number | undefined;
}

export interface ListColumn {
  /** By item index; 0: none. */
  readonly codes: Uint32Array;
  /** By code. */
  readonly lists: ReadonlyArray<ReadonlyArray<string>>;
}

/**
 * Names are those of `nameOfField`. Arrays are replaced as they grow, and codes may come to stand for other values as items change: take
 * both anew whenever you run over them.
 */
export interface Columns {
  /** Items of smaller indices may have values; arrays are at least so long. */
  readonly size: number;
  /** By name and kind: how many items have such a value now. A kind that was seen once stays, with 0 if need be. */
  readonly seen: ReadonlyMap<string, ReadonlyMap<ValueKind, number>>;
  /** Each undefined where no such value was seen under the name. */
  readonly text: (name: string) => TextColumn | undefined;
  /** By item index; NaN: none. */
  readonly numbers: (name: string) => Float64Array | undefined;
  /** By item index, unix milliseconds; NaN: none. */
  readonly times: (name: string) => Float64Array | undefined;
  /** By item index; 0: none, 1: false, 2: true. */
  readonly booleans: (name: string) => Uint8Array | undefined;
  readonly lists: (name: string) => ListColumn | undefined;
  /** As it was given. */
  readonly valueOf: (name: string, itemIdx: number) => AttributeValue | undefined;
  /** The item's values as they were put. */
  readonly fieldsOf: (itemIdx: number) => Fields;
  /** All of an item, by column. */
  readonly valuesOf: (itemIdx: number) => Readonly<Record<string, AttributeValue>>;
}

export interface WritableColumns extends Columns {
  /** The item has these values, by field of its record, and no others. */
  readonly put: (itemIdx: number, fields: Fields) => void;
  /** And this one, of a field that it has none of. */
  readonly add: (itemIdx: number, field: string, value: AttributeValue) => void;
}

/** Characters of a time; what is shorter is none. */
const shortestTime = "2026-01-01T00:00:00Z".length;

/** The name of the attribute that the column is of. */
export const attributeOf = (column: string): string =>
  column.startsWith(attributePrefix) ? column.slice(attributePrefix.length) : column;

const valueKinds: ReadonlyArray<ValueKind> = ["text", "number", "boolean", "time", "list"];

const smallest = 1024;

interface Kinds {
  text?: CodedColumn<string>;
  number?: NumberColumn;
  boolean?: BooleanColumn;
  time?: NumberColumn;
  list?: CodedColumn<ReadonlyArray<string>>;
}

const newColumn: { readonly [K in ValueKind]: (capacity: number) => Required<Kinds>[K] } = {
  text: (capacity) => makeCodedColumn<string>(capacity, makeTexts()),
  number: makeNumberColumn,
  boolean: makeBooleanColumn,
  time: makeTimeColumn,
  list: (capacity) => makeCodedColumn<ReadonlyArray<string>>(capacity, makeLists()),
};

interface Known {
  readonly name: string;
  /** Of the record, by which its values were put. */
  readonly field: string;
  readonly kind: ValueKind;
  readonly column: Column;
  readonly counts: Map<ValueKind, number>;
}

interface ByKind {
  readonly name: string;
  text?: Known;
  number?: Known;
  boolean?: Known;
  time?: Known;
  list?: Known;
}

export const makeColumns = (): WritableColumns => {
  const byName = new Map<string, Kinds>();
  const seen = new Map<string, Map<ValueKind, number>>();
  const all: Array<Known> = [];
  /** By field: its column's name, and by kind what is known; remembered, for a shop has few fields and many items. */
  const byField = new Map<string, ByKind>();
  let size = 0;
  let capacity = smallest;

  const open = (name: string, field: string, kind: ValueKind): Known => {
    const before = all.find((one) => one.name === name && one.kind === kind);
    if (before !== undefined) return before;
    const column = newColumn[kind](capacity);
    byName.set(name, { ...byName.get(name), [kind]: column });
    const counts = seen.get(name) ?? new Map<ValueKind, number>();
    seen.set(name, counts.set(kind, 0));
    const known = { name, field, kind, column, counts };
    all.push(known);
    return known;
  };

  const knownFor = (field: string, value: AttributeValue): Known => {
    const isText = typeof value === "string" && (value.length < shortestTime || ownTexts.has(field));
    const kind = isText ? "text" : kindOf(value);
    let found = byField.get(field);
    if (found === undefined) {
      found = { name: nameOfField(field) };
      byField.set(field, found);
    }
    found[kind] ??= open(found.name, field, kind);
    return found[kind];
  };

  const count = ({ counts, kind }: Known, by: 1 | -1): void => void counts.set(kind, counts.get(kind)! + by);

  const clear = (itemIdx: number): void => {
    if (itemIdx >= size) return;
    for (const known of all) {
      if (!known.column.has(itemIdx)) continue;
      known.column.clear(itemIdx);
      count(known, -1);
    }
  };

  const reach = (itemIdx: number): void => {
    if (itemIdx >= capacity) {
      while (itemIdx >= capacity) capacity *= 2;
      for (const { column } of all) column.grow(capacity);
    }
    size = Math.max(size, itemIdx + 1);
  };

  const add = (itemIdx: number, field: string, value: AttributeValue): void => {
    if (itemIdx >= size) reach(itemIdx);
    const known = knownFor(field, value);
    known.column.set(itemIdx, value);
    count(known, 1);
  };

  return {
    get size() {
      return size;
    },
    seen,
    text: (name) => {
      const column = byName.get(name)?.text;
      return column && { codes: column.codes, texts: column.dictionary.values, codeOf: column.dictionary.codeOf };
    },
    numbers: (name) => byName.get(name)?.number?.values,
    times: (name) => byName.get(name)?.time?.values,
    booleans: (name) => byName.get(name)?.boolean?.values,
    lists: (name) => {
      const column = byName.get(name)?.list;
      return column && { codes: column.codes, lists: column.dictionary.values };
    },
    valueOf: (name, itemIdx) => {
      const kinds = byName.get(name);
      if (kinds === undefined || itemIdx >= size) return undefined;
      for (const kind of valueKinds) {
        const column = kinds[kind];
        if (column?.has(itemIdx)) return column.get(itemIdx);
      }
      return undefined;
    },
    fieldsOf: (itemIdx) => {
      const fields: Record<string, AttributeValue> = {};
      if (itemIdx >= size) return fields;
      for (const { column, field } of all) if (column.has(itemIdx)) fields[field] = column.get(itemIdx);
      return fields;
    },
    valuesOf: (itemIdx) =>
      itemIdx >= size
        ? {}
        : Object.fromEntries(
            all.flatMap(({ column, name }) => (column.has(itemIdx) ? [[name, column.get(itemIdx)]] : [])),
          ),
    put: (itemIdx, fields) => {
      clear(itemIdx);
      for (const field in fields) add(itemIdx, field, fields[field]!);
    },
    add,
  };
};

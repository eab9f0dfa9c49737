/**
 * Columns: the attributes of all items, by name and item index, in as little memory as they take: what filters are evaluated on
 * and answers are worded with.
 *
 * A name has a column per kind of value that was seen under it: in a shop's files `size` may be a number here and a text there.
 * An item has at most one value under a name.
 */
import { type AttributeValue, attributePrefix, type Fields } from "../domain/ItemRecord.ts";
import { kindOf, nameOfField, ownTexts, type ValueKind } from "../domain/Where.ts";
import { hashOfAscii, isAscii } from "../kernels/TextHash.ts";
import { type Changes, makeChanges } from "./Changes.ts";
import { type Field, type Kinds, type Known, newColumn } from "./Column.ts";
import { type Scan, told } from "./Scan.ts";
import { isLikeTime, shortestTime, timeOfAscii } from "./Times.ts";

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
  /** Each time that an item's values were put. */
  readonly changes: Changes;
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
  /** As `put`, of the `count` fields that the scan has read off the bytes. */
  readonly putScanned: (itemIdx: number, scan: Scan, bytes: Buffer, count: number) => void;
  /** As `add`, of UTF-8 from `from` to below `to`, for a field that is text whatever it looks like. */
  readonly addUtf8: (itemIdx: number, field: string, bytes: Buffer, from: number, to: number) => void;
}

/** The name of the attribute that the column is of. */
export const attributeOf = (column: string): string =>
  column.startsWith(attributePrefix) ? column.slice(attributePrefix.length) : column;

const valueKinds: ReadonlyArray<ValueKind> = ["text", "number", "boolean", "time", "list"];

const smallest = 1024;

export const makeColumns = (): WritableColumns => {
  const byName = new Map<string, Kinds>();
  const seen = new Map<string, Map<ValueKind, number>>();
  const all: Array<Known> = [];
  /** Remembered, for a shop has few fields and many items. */
  const byField = new Map<string, Field>();
  /** By the scan's code of its name: of the one scan that is used. */
  const scanned: Array<Field | undefined> = [];
  const changes = makeChanges();
  let size = 0;
  let capacity = smallest;

  const kindsOf = (name: string): Kinds => {
    const kinds = byName.get(name) ?? {};
    byName.set(name, kinds);
    return kinds;
  };

  const open = (name: string, field: string, kind: ValueKind): Known => {
    const before = all.find((one) => one.name === name && one.kind === kind);
    if (before !== undefined) return before;
    const column = newColumn[kind](capacity);
    Object.assign(kindsOf(name), { [kind]: column });
    const counts = seen.get(name) ?? new Map<ValueKind, number>();
    seen.set(name, counts.set(kind, 0));
    const known = { name, field, kind, column, counts };
    all.push(known);
    return known;
  };

  const fieldOf = (field: string): Field => {
    const known = byField.get(field);
    if (known !== undefined) return known;
    const name = nameOfField(field);
    const found = { name, field, isText: ownTexts.has(field), kinds: kindsOf(name) };
    byField.set(field, found);
    return found;
  };

  /** One item more has such a value. */
  const oneMore = (field: Field, kind: ValueKind): Known => {
    field[kind] ??= open(field.name, field.field, kind);
    const known = field[kind];
    count(known, 1);
    return known;
  };

  const count = ({ counts, kind }: Known, by: 1 | -1): void => void counts.set(kind, counts.get(kind)! + by);

  const clear = (itemIdx: number): void => {
    changes.add(itemIdx);
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

  const addTo = (itemIdx: number, field: Field, value: AttributeValue): void => {
    const isText = typeof value === "string" && (value.length < shortestTime || field.isText);
    oneMore(field, isText ? "text" : kindOf(value)).column.set(itemIdx, value);
  };

  const change = (itemIdx: number): void => {
    changes.add(itemIdx);
    if (itemIdx >= size) reach(itemIdx);
  };

  /** A text, or a time. */
  const addAscii = (itemIdx: number, field: Field, bytes: Buffer, from: number, to: number, hash: number): void => {
    if (!field.isText && isLikeTime(bytes, from, to)) {
      const time = timeOfAscii(bytes, from, to);
      if (Number.isNaN(time)) addTo(itemIdx, field, bytes.toString("latin1", from, to));
      else {
        oneMore(field, "time");
        field.kinds.time!.setTime(itemIdx, time, to - from === shortestTime);
      }
    } else {
      oneMore(field, "text");
      field.kinds.text!.setAscii(itemIdx, bytes, from, to, hash);
    }
  };

  return {
    get size() {
      return size;
    },
    seen,
    changes,
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
      for (const field in fields) {
        if (itemIdx >= size) reach(itemIdx);
        addTo(itemIdx, fieldOf(field), fields[field]!);
      }
    },
    add: (itemIdx, field, value) => {
      change(itemIdx);
      addTo(itemIdx, fieldOf(field), value);
    },
    addUtf8: (itemIdx, field, bytes, from, to) => {
      change(itemIdx);
      const hash = hashOfAscii(bytes, from, to);
      if (isAscii(bytes, from, to)) addAscii(itemIdx, fieldOf(field), bytes, from, to, hash);
      else addTo(itemIdx, fieldOf(field), bytes.toString("utf8", from, to));
    },
    putScanned: (itemIdx, scan, bytes, count) => {
      clear(itemIdx);
      if (count > 0 && itemIdx >= size) reach(itemIdx);
      for (let i = 0; i < count; i++) {
        const code = scan.fields[i]!;
        scanned[code] ??= fieldOf(scan.names[code]!);
        const field = scanned[code];
        const kind = scan.kinds[i];
        if (kind === told.text) addAscii(itemIdx, field, bytes, scan.froms[i]!, scan.tos[i]!, scan.hashes[i]!);
        else if (kind === told.number) oneMore(field, "number").column.set(itemIdx, scan.numbers[i]!);
        else if (kind === told.boolean) oneMore(field, "boolean").column.set(itemIdx, scan.numbers[i] === 1);
        else if (kind === told.made) addTo(itemIdx, field, scan.made[i]!);
        else {
          oneMore(field, "list");
          field.kinds.list!.setAscii(itemIdx, bytes, scan.froms[i]!, scan.tos[i]!, scan.hashes[i]!);
        }
      }
    },
  };
};

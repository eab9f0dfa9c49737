/** Column: the values of one kind that items have under one name, by item index. */
import type { AttributeValue } from "../domain/ItemRecord.ts";
import { instantOf, type ValueKind } from "../domain/Where.ts";
import { type Dictionary, makeLists, makeTexts } from "./Dictionary.ts";

export interface Column {
  readonly grow: (capacity: number) => void;
  readonly has: (itemIdx: number) => boolean;
  /** Of an item that has one. */
  readonly get: (itemIdx: number) => AttributeValue;
  /** For an item that has none. */
  readonly set: (itemIdx: number, value: AttributeValue) => void;
  /** Of an item that has one. */
  readonly clear: (itemIdx: number) => void;
}

export interface CodedColumn<A> extends Column {
  readonly codes: Uint32Array;
  readonly dictionary: Dictionary<A>;
  /** As `set`, of the value that `Dictionary.takeAscii` knows by these. */
  readonly setAscii: (itemIdx: number, bytes: Buffer, from: number, to: number, hash: number) => void;
}

export interface NumberColumn extends Column {
  readonly values: Float64Array;
}

export interface TimeColumn extends NumberColumn {
  /** As `set`, of a text that is `new Date(time).toISOString()`, `isShort`: without its milliseconds, which are none. */
  readonly setTime: (itemIdx: number, time: number, isShort: boolean) => void;
}

export interface BooleanColumn extends Column {
  readonly values: Uint8Array;
}

type Numbers = Float64Array | Uint32Array | Uint8Array;

const grown = <A extends Numbers>(array: A, length: number, fill = 0): A => {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  if (fill !== 0) larger.fill(fill, array.length);
  return larger;
};

export const makeCodedColumn = <A extends AttributeValue>(
  capacity: number,
  dictionary: Dictionary<A>,
): CodedColumn<A> => {
  let codes = new Uint32Array(capacity);
  return {
    get codes() {
      return codes;
    },
    dictionary,
    grow: (length) => {
      codes = grown(codes, length);
    },
    has: (itemIdx) => codes[itemIdx] !== 0,
    get: (itemIdx) => dictionary.values[codes[itemIdx]!]!,
    set: (itemIdx, value) => {
      codes[itemIdx] = dictionary.take(value as A);
    },
    setAscii: (itemIdx, bytes, from, to, hash) => {
      codes[itemIdx] = dictionary.takeAscii(bytes, from, to, hash);
    },
    clear: (itemIdx) => {
      dictionary.release(codes[itemIdx]!);
      codes[itemIdx] = 0;
    },
  };
};

export const makeNumberColumn = (capacity: number): NumberColumn => {
  let values = new Float64Array(capacity).fill(Number.NaN);
  return {
    get values() {
      return values;
    },
    grow: (length) => {
      values = grown(values, length, Number.NaN);
    },
    has: (itemIdx) => !Number.isNaN(values[itemIdx]!),
    get: (itemIdx) => values[itemIdx]!,
    set: (itemIdx, value) => {
      values[itemIdx] = value as number;
    },
    clear: (itemIdx) => {
      values[itemIdx] = Number.NaN;
    },
  };
};

/** How a time is written: as ISO with milliseconds, as ISO without, or otherwise. */
const withMillis = 0;
const short = 1;
const otherwise = 2;

/** Date.parse takes February 30 for March 2, and 24:00 for the next day: written anew, the day would be another. */
const styleOf = (text: string, time: number): number => {
  const style = text.length === 20 ? short : text.length === 24 ? withMillis : otherwise;
  const isPlain = text.endsWith("Z") && text[10] === "T" && Number(text.slice(8, 10)) === new Date(time).getUTCDate();
  return isPlain ? style : otherwise;
};

/** Times, and how each was written. */
export const makeTimeColumn = (capacity: number): TimeColumn => {
  const times = makeNumberColumn(capacity);
  let styles = new Uint8Array(capacity);
  const texts = new Map<number, string>();
  return {
    get values() {
      return times.values;
    },
    grow: (length) => {
      times.grow(length);
      styles = grown(styles, length);
    },
    has: times.has,
    get: (itemIdx) => {
      const text = texts.get(itemIdx);
      if (text !== undefined) return text;
      const iso = new Date(times.values[itemIdx]!).toISOString();
      return styles[itemIdx] === short ? iso.replace(".000Z", "Z") : iso;
    },
    set: (itemIdx, value) => {
      const text = value as string;
      const time = instantOf(text) ?? Number.NaN;
      times.set(itemIdx, time);
      styles[itemIdx] = styleOf(text, time);
      if (styles[itemIdx] === otherwise) texts.set(itemIdx, text);
    },
    setTime: (itemIdx, time, isShort) => {
      times.values[itemIdx] = time;
      styles[itemIdx] = isShort ? short : withMillis;
    },
    clear: (itemIdx) => {
      times.clear(itemIdx);
      texts.delete(itemIdx);
    },
  };
};

export const makeBooleanColumn = (capacity: number): BooleanColumn => {
  let values = new Uint8Array(capacity);
  return {
    get values() {
      return values;
    },
    grow: (length) => {
      values = grown(values, length);
    },
    has: (itemIdx) => values[itemIdx] !== 0,
    get: (itemIdx) => values[itemIdx] === 2,
    set: (itemIdx, value) => {
      values[itemIdx] = value === true ? 2 : 1;
    },
    clear: (itemIdx) => {
      values[itemIdx] = 0;
    },
  };
};

/** The columns under one name. */
export interface Kinds {
  text?: CodedColumn<string>;
  number?: NumberColumn;
  boolean?: BooleanColumn;
  time?: TimeColumn;
  list?: CodedColumn<ReadonlyArray<string>>;
}

export const newColumn: { readonly [K in ValueKind]: (capacity: number) => Required<Kinds>[K] } = {
  text: (capacity) => makeCodedColumn<string>(capacity, makeTexts()),
  number: makeNumberColumn,
  boolean: makeBooleanColumn,
  time: makeTimeColumn,
  list: (capacity) => makeCodedColumn<ReadonlyArray<string>>(capacity, makeLists()),
};

export interface Known {
  readonly name: string;
  /** Of the record, by which its values were put. */
  readonly field: string;
  readonly kind: ValueKind;
  readonly column: Column;
  readonly counts: Map<ValueKind, number>;
}

/** A field of records: its own name, its column's name, the columns under it, and by kind what is known of them. */
export interface Field {
  readonly name: string;
  readonly field: string;
  readonly isText: boolean;
  readonly kinds: Kinds;
  text?: Known;
  number?: Known;
  boolean?: Known;
  time?: Known;
  list?: Known;
}

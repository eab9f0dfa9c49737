/**
 * Scan: what a stored record says, read off its bytes without making a record, for a million are read at a start.
 *
 * It knows records as `encodeRecord` writes those without patches that were not taken away. Of all else it says that it cannot
 * tell, and `decodeRecord` is to be asked: what it does tell is what that would have.
 */
import type { AttributeValue } from "../domain/ItemRecord.ts";
import { hashEnd, hashStart, hashUnit } from "../kernels/TextHash.ts";
import { type Dictionary, makeTexts } from "./Dictionary.ts";

/** How a field's value is told. */
export const told = {
  number: 0,
  boolean: 1,
  /** ASCII without an escape, between its quotes. */
  text: 2,
  /** JSON in ASCII without an escape, with its brackets. */
  list: 3,
  /** Made, since its bytes are not what it says. */
  made: 4,
} as const;

export interface Scan {
  /** Reads the record from `from` to below `to`: how many fields have values; -1: it cannot tell, and the rest is of no record. */
  readonly read: (bytes: Buffer, from: number, to: number) => number;
  /** Of the word about all, unix milliseconds. */
  readonly at: () => number;
  /** By the codes in `fields`. */
  readonly names: Dictionary<string>["values"];
  // By field, in the record's order.
  readonly fields: Int32Array;
  readonly kinds: Uint8Array;
  /** Of a number; of a boolean, 1 for true. */
  readonly numbers: Float64Array;
  /** Of a text or a list: where it begins, where it ends, and its hash (`kernels/TextHash.ts`). */
  readonly froms: Int32Array;
  readonly tos: Int32Array;
  readonly hashes: Int32Array;
  readonly made: ReadonlyArray<AttributeValue>;
}

/** Records of more are for `decodeRecord`. */
const mostFields = 1024;

const code = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code("\\"), code(","), code(":")];
const [bracket, bracketEnd, brace] = [code("["), code("]"), code("}")];
const [space, minus, dot, zero, nine] = [code(" "), code("-"), code("."), code("0"), code("9")];

const begin = Buffer.from('{"at":');
const middle = Buffer.from(',"fields":{');
const words = { true: Buffer.from("true"), false: Buffer.from("false"), null: Buffer.from("null") };

const isAt = (word: Buffer, bytes: Buffer, at: number): boolean => {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
};

const parsed = (bytes: Buffer, from: number, to: number): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8", from, to));
  } catch {
    return undefined;
  }
};

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** All of which are exact, and so is a quotient of a whole number of fifteen digits by one. */
const powers = Array.from({ length: 16 }, (_, i) => 10 ** i);
const mostDigits = 15;

/** As JSON has them. */
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const ofNumber = /[-+.\deE]/;

export const makeScan = (): Scan => {
  const names = makeTexts();
  const fields = new Int32Array(mostFields);
  const kinds = new Uint8Array(mostFields);
  const numbers = new Float64Array(mostFields);
  const froms = new Int32Array(mostFields);
  const tos = new Int32Array(mostFields);
  const hashes = new Int32Array(mostFields);
  const made: Array<AttributeValue> = new Array(mostFields).fill(false);
  /** By name, in which record it was met last: a record in which a name comes twice is for `decodeRecord`. */
  const metIn: Array<number> = [];
  let record = 0;
  let time = 0;
  // Of what was read last.
  let value = 0;
  let hash = 0;
  let isPlain = true;

  /** Behind the text that begins at its quote; -1: it is none. */
  const textEnd = (bytes: Buffer, from: number, to: number): number => {
    let own = hashStart;
    let isAscii = true;
    for (let at = from + 1; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        hash = hashEnd(own);
        isPlain = isAscii;
        return at + 1;
      }
      if (byte < space) return -1;
      if (byte >= 128) isAscii = false;
      else if (byte === backslash) {
        isAscii = false;
        at++;
      }
      own = hashUnit(own, byte);
    }
    return -1;
  };

  /** Behind the list that begins at its bracket; -1: it is none. */
  const listEnd = (bytes: Buffer, from: number, to: number): number => {
    let areAscii = true;
    let at = from + 1;
    if (bytes[at] !== bracketEnd) {
      for (; ; at++) {
        if (bytes[at] !== quote) return -1;
        at = textEnd(bytes, at, to);
        if (at < 0) return -1;
        areAscii &&= isPlain;
        if (bytes[at] !== comma) break;
      }
    }
    if (at >= to || bytes[at] !== bracketEnd) return -1;
    let own = hashStart;
    for (let i = from; i <= at; i++) own = hashUnit(own, bytes[i]!);
    hash = hashEnd(own);
    isPlain = areAscii;
    return at + 1;
  };

  /** Behind the number; -1: it is none. */
  const numberEnd = (bytes: Buffer, from: number, to: number): number => {
    let at = bytes[from] === minus ? from + 1 : from;
    const first = at;
    let [whole, behind, digits] = [0, 0, 0];
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte >= zero && byte <= nine) {
        whole = 10 * whole + (byte - zero);
        digits++;
        behind += behind > 0 ? 1 : 0;
      } else if (byte === dot && behind === 0) behind = 1;
      else break;
    }
    const isSimple =
      digits > 0 && digits <= mostDigits && behind !== 1 && bytes[at] !== code("e") && bytes[at] !== code("E");
    const hasOwnBegin = bytes[first] !== dot && (bytes[first] !== zero || first + 1 === at || bytes[first + 1] === dot);
    if (isSimple && hasOwnBegin) {
      const size = behind === 0 ? whole : whole / powers[behind - 1]!;
      value = bytes[from] === minus ? -size : size;
      return at;
    }
    let end = from;
    while (end < to && ofNumber.test(String.fromCharCode(bytes[end]!))) end++;
    const text = bytes.toString("latin1", from, end);
    value = Number(text);
    return number.test(text) ? end : -1;
  };

  /** Behind the name, whose code becomes `value`; -1: it is none. */
  const nameEnd = (bytes: Buffer, from: number, to: number): number => {
    if (bytes[from] !== quote) return -1;
    const end = textEnd(bytes, from, to);
    if (end < 0) return -1;
    if (isPlain) value = names.takeAscii(bytes, from + 1, end - 1, hash);
    else {
      const name = parsed(bytes, from, end);
      if (typeof name !== "string") return -1;
      value = names.take(name);
    }
    return end;
  };

  /** Behind the value of field `i`; -1: it is none. */
  const valueEnd = (bytes: Buffer, from: number, to: number, i: number): number => {
    const first = bytes[from]!;
    if (first === quote || first === bracket) {
      const isList = first === bracket;
      const end = isList ? listEnd(bytes, from, to) : textEnd(bytes, from, to);
      if (end < 0) return -1;
      if (isPlain) {
        kinds[i] = isList ? told.list : told.text;
        froms[i] = isList ? from : from + 1;
        tos[i] = isList ? end : end - 1;
        hashes[i] = hash;
        return end;
      }
      const one = parsed(bytes, from, end);
      if (typeof one !== "string" && !isTexts(one)) return -1;
      kinds[i] = told.made;
      made[i] = one;
      return end;
    }
    for (const word of [words.true, words.false] as const) {
      if (first !== word[0] || !isAt(word, bytes, from)) continue;
      kinds[i] = told.boolean;
      numbers[i] = word === words.true ? 1 : 0;
      return from + word.length;
    }
    const end = numberEnd(bytes, from, to);
    kinds[i] = told.number;
    numbers[i] = value;
    return end;
  };

  const read = (bytes: Buffer, from: number, to: number): number => {
    if (!isAt(begin, bytes, from)) return -1;
    let at = numberEnd(bytes, from + begin.length, to);
    if (at < 0 || !Number.isFinite(value) || !isAt(middle, bytes, at)) return -1;
    time = value;
    record++;
    at += middle.length;
    let count = 0;
    if (bytes[at] !== brace) {
      for (; ; at++) {
        at = nameEnd(bytes, at, to);
        if (at < 0 || bytes[at] !== colon || metIn[value] === record || count === mostFields) return -1;
        metIn[value] = record;
        fields[count] = value;
        at++;
        if (isAt(words.null, bytes, at)) at += words.null.length;
        else {
          at = valueEnd(bytes, at, to, count++);
          if (at < 0) return -1;
        }
        if (bytes[at] !== comma) break;
      }
    }
    return at + 2 === to && bytes[at] === brace && bytes[at + 1] === brace ? count : -1;
  };

  return { read, at: () => time, names: names.values, fields, kinds, numbers, froms, tos, hashes, made };
};

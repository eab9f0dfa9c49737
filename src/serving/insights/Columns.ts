/**
 * Columns: long lists beside a head of few words, as JSON or as bytes that a reader need not parse. Written a slice at a time, so that
 * whatever waits in the event loop runs between two.
 *
 * As bytes, all numbers little-endian: the length of the head (4 bytes); the head, which is JSON in UTF-8, filled up with spaces so that
 * what comes next begins at a multiple of 4; the columns. The head's `columns` tells of each, by name, its `type`, its `length` and the
 * byte at which it begins, counted from the end of the head: a multiple of 4. Of type `u8`, `u16` or `u32` are whole numbers from 0 of so
 * many bits; of type `text` is first, as `u32`, where each text ends, in bytes from where the first begins, and then all texts in UTF-8.
 */
import { Effect } from "effect";
import { breathe } from "../../training/Plane.ts";

/** Values that are written at a time: a millisecond or two. */
const atOnce = 2048;

export type Column = Uint8Array | Uint16Array | Uint32Array | ReadonlyArray<string>;

export interface Columns {
  readonly head: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Record<string, Column>>;
}

const isTexts = (column: Column): column is ReadonlyArray<string> => Array.isArray(column);

/** Slices of a column, between which there is time to breathe. */
const sliced = <C extends Column>(column: C, each: (slice: ArrayLike<C[number]>, from: number) => void) =>
  Effect.gen(function* () {
    for (let from = 0; from < column.length; from += atOnce) {
      each(column.slice(from, from + atOnce) as ArrayLike<C[number]>, from);
      yield* breathe;
    }
  });

/** An object of the members of the head and then of the columns, by name. */
export const asJson = ({ columns, head }: Columns): Effect.Effect<Buffer> =>
  Effect.gen(function* () {
    const parts: Array<string> = [JSON.stringify(head).slice(0, -1)];
    for (const [name, column] of Object.entries(columns)) {
      parts.push(`${parts.length === 1 && parts[0] === "{" ? "" : ","}${JSON.stringify(name)}:[`);
      yield* sliced(column, (slice, from) => {
        parts.push(`${from === 0 ? "" : ","}${JSON.stringify(Array.from<string | number>(slice)).slice(1, -1)}`);
      });
      parts.push("]");
    }
    parts.push("}");
    const bytes: Array<Buffer> = [];
    for (const [at, part] of parts.entries()) {
      bytes.push(Buffer.from(part));
      if (at % 16 === 0) yield* breathe;
    }
    return yield* joined(bytes);
  });

const joined = (parts: ReadonlyArray<Uint8Array>) =>
  Effect.gen(function* () {
    const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const [n, part] of parts.entries()) {
      whole.set(part, at);
      at += part.length;
      if (n % 64 === 0) yield* breathe;
    }
    return whole;
  });

const bytesOf = (values: Uint8Array | Uint16Array | Uint32Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const written = (column: Column) =>
  Effect.gen(function* () {
    if (!isTexts(column)) return [bytesOf(column)];
    const ends = new Uint32Array(column.length);
    const parts = [bytesOf(ends)];
    let end = 0;
    yield* sliced(column, (slice, from) => {
      const texts = Array.from(slice);
      for (const [n, text] of texts.entries()) {
        end += Buffer.byteLength(text);
        ends[from + n] = end;
      }
      parts.push(Buffer.from(texts.join("")));
    });
    return parts;
  });

const step = 4;
/** Bytes up to the next place at which a column may begin. */
const gap = (length: number): number => (step - (length % step)) % step;

/** The same as bytes, as is said above. */
export const asBytes = ({ columns, head }: Columns): Effect.Effect<Buffer> =>
  Effect.gen(function* () {
    const body: Array<Uint8Array> = [];
    const told: Record<string, unknown> = {};
    let at = 0;
    for (const [name, column] of Object.entries(columns)) {
      const type = isTexts(column) ? "text" : `u${8 * column.BYTES_PER_ELEMENT}`;
      told[name] = { type, length: column.length, at };
      const parts = yield* written(column);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      body.push(...parts, new Uint8Array(gap(length)));
      at += length + gap(length);
    }
    const text = JSON.stringify({ ...head, columns: told });
    const words = Buffer.from(text + " ".repeat(gap(Buffer.byteLength(text))));
    const length = Buffer.alloc(step);
    length.writeUInt32LE(words.length);
    return yield* joined([length, words, ...body]);
  });

/** Columns: long lists as JSON, written a slice at a time, so that whatever waits in the event loop runs between two. */
import { Effect } from "effect";
import { breathe } from "../../training/Plane.ts";

/** Values that are written at a time: a millisecond or two. */
const atOnce = 2048;

export interface Column {
  readonly length: number;
  /** As JSON. */
  readonly text: (at: number) => string;
}

export const numbers = (values: ArrayLike<number>): Column => ({
  length: values.length,
  text: (at) => String(values[at]),
});

export const texts = (values: ArrayLike<string>): Column => ({
  length: values.length,
  text: (at) => JSON.stringify(values[at]),
});

const written = ({ length, text }: Column, into: Array<string>) =>
  Effect.gen(function* () {
    for (let from = 0; from < length; from += atOnce) {
      const slice = Array.from({ length: Math.min(atOnce, length - from) }, (_, n) => text(from + n));
      into.push(`${from === 0 ? "" : ","}${slice.join(",")}`);
      yield* breathe;
    }
  });

/** An object of the members of `head` and then of the columns, by name. */
export const withColumns = (
  head: Readonly<Record<string, unknown>>,
  columns: Readonly<Record<string, Column>>,
): Effect.Effect<Buffer> =>
  Effect.gen(function* () {
    const parts: Array<string> = [JSON.stringify(head).slice(0, -1)];
    for (const [name, column] of Object.entries(columns)) {
      parts.push(`,${JSON.stringify(name)}:[`);
      yield* written(column, parts);
      parts.push("]");
    }
    parts.push("}");
    const bytes: Array<Buffer> = [];
    for (const [at, part] of parts.entries()) {
      bytes.push(Buffer.from(part));
      if (at % 16 === 0) yield* breathe;
    }
    const whole = Buffer.allocUnsafeSlow(bytes.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const [n, part] of bytes.entries()) {
      whole.set(part, at);
      at += part.length;
      if (n % 64 === 0) yield* breathe;
    }
    return whole;
  });

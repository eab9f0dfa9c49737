/** Lines: bytes as they arrive, cut into lines, with no more in memory than the longest line that is taken; and a line as JSON. */
import { Either } from "effect";
import { type FieldError, shown } from "../FieldError.ts";

/** Undefined: it has more bytes than are taken; they were dropped. */
export type Line = Uint8Array | undefined;

export interface Lines {
  /** The lines that end in the chunk, without their ends. */
  readonly push: (chunk: Uint8Array) => ReadonlyArray<Line>;
  /** What follows the last end of a line; nothing when nothing does. */
  readonly end: () => ReadonlyArray<Line>;
}

const lineFeed = 10;

export const makeLines = (maxBytes: number): Lines => {
  let pieces: Array<Uint8Array> = [];
  /** Of the line that has not ended. */
  let bytes = 0;

  const add = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes > maxBytes) pieces = [];
    else if (piece.length > 0) pieces.push(piece);
  };

  const take = (): Line => {
    const line = bytes > maxBytes ? undefined : pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    return line;
  };

  return {
    push: (chunk) => {
      const lines: Array<Line> = [];
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
        add(chunk.subarray(from, at));
        lines.push(take());
        from = at + 1;
      }
      add(chunk.subarray(from));
      return lines;
    },
    end: () => (bytes === 0 ? [] : [take()]),
  };
};

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The line as JSON; undefined: it is blank. */
export const parsed = (line: Line, maxBytes: number): Either.Either<unknown, FieldError> => {
  const wrong = (detail: string, value?: unknown) =>
    Either.left({ field: "line", ...(value === undefined ? {} : { value: shown(value) }), detail });
  if (line === undefined) return wrong(`it has more than ${maxBytes} bytes (MAX_BODY_BYTES): send a shorter one`);
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return wrong("it is not UTF-8: send JSON text in UTF-8");
  }
  if (text.trim() === "") return Either.right(undefined);
  try {
    return Either.right(JSON.parse(text));
  } catch (error) {
    return wrong(
      `it is not JSON, send an object: ${error instanceof Error ? error.message : "it cannot be parsed"}`,
      text.trim(),
    );
  }
};

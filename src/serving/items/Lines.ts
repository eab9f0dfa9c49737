/** Lines: bytes as they arrive, cut into lines, with no more in memory than the longest line that is taken. */

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

/** TextBytes: texts one after another as UTF-8, each written when it comes, so that none of them is kept until all are there. */

export interface TextBytes {
  readonly add: (text: string) => void;
  /** All of it; nothing may be added after that. */
  readonly take: () => Uint8Array;
}

const firstRoom = 65_536;
/** Of a UTF-16 unit. */
const mostBytes = 3;

export const makeTextBytes = (): TextBytes => {
  let bytes = Buffer.allocUnsafe(firstRoom);
  let end = 0;
  return {
    add: (text) => {
      const needed = end + mostBytes * text.length;
      if (needed > bytes.length) {
        const longer = Buffer.allocUnsafe(Math.max(needed, 2 * bytes.length));
        bytes.copy(longer, 0, 0, end);
        bytes = longer;
      }
      end += bytes.write(text, end);
    },
    take: () => bytes.subarray(0, end),
  };
};

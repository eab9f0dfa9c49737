/**
 * TextHash: a hash of a text's UTF-16 code units (FNV-1a over whole units, then mixed, so that all of its bits may be used), which
 * for ASCII is the same over bytes. For tables in memory: no defence against texts that were chosen to collide.
 */

export const hashStart = 0x811c9dc5 | 0;
const prime = 0x01000193;

/** The hash so far, with one unit more. */
export const hashUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, prime);

/** The hash, once all units are in it: a signed 32-bit number, which needs no box. */
export const hashEnd = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
};

export const hashOfText = (text: string): number => {
  let hash = hashStart;
  for (let i = 0; i < text.length; i++) hash = hashUnit(hash, text.charCodeAt(i));
  return hashEnd(hash);
};

/** Of ASCII from `from` to below `to`, as of the text that it is. */
export const hashOfAscii = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = hashStart;
  for (let i = from; i < to; i++) hash = hashUnit(hash, bytes[i]!);
  return hashEnd(hash);
};

/** Whether all from `from` to below `to` is ASCII. */
export const isAscii = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (bytes[i]! >= 128) return false;
  return true;
};

/** Whether the ASCII from `from` to below `to` is the text. */
export const isAsciiOf = (text: string, bytes: Uint8Array, from: number, to: number): boolean => {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
};

/**
 * Runs: small numbers as a file stores them, in runs of one value and packed in bits (Parquet's RLE/bit-packed
 * hybrid): levels, and places in a dictionary. Bytes that end too early are a `RangeError`.
 * Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */

const tooShort = "values end before their page does";

/** Fills `values` from bytes whose numbers take `width` bits, from 0 to 32. */
const unpack = (bytes: Uint8Array, width: number, values: Int32Array | Uint8Array): void => {
  const { length } = values;
  const mask = width === 32 ? -1 : (1 << width) - 1;
  const size = (width + 7) >> 3;
  let at = 0;
  let done = 0;
  while (done < length) {
    let header = 0;
    let shift = 0;
    let byte: number;
    do {
      if (at >= bytes.length || shift > 28) throw new RangeError(tooShort);
      byte = bytes[at++]!;
      header |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    const count = header >>> 1;
    if ((header & 1) === 0) {
      if (at + size > bytes.length) throw new RangeError(tooShort);
      let value = 0;
      for (let i = 0; i < size; i++) value |= bytes[at++]! << (8 * i);
      values.fill(value, done, done + count);
      done += count;
      continue;
    }
    // Groups of eight, the last of which may go beyond what there is.
    const end = Math.min(length, done + 8 * count);
    const start = at;
    at += width * count;
    if (start + Math.ceil(((end - done) * width) / 8) > bytes.length) throw new RangeError(tooShort);
    if (width <= 24) {
      // What is behind the last byte counts as 0.
      for (let bit = 8 * start; done < end; bit += width) {
        const from = bit >>> 3;
        const word = bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24);
        values[done++] = (word >>> (bit & 7)) & mask;
      }
    } else {
      for (let bit = 8 * start; done < end; bit += width) {
        const from = bit >>> 3;
        const low = bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24);
        const high = (bit & 7) === 0 ? 0 : bytes[from + 4]! << (32 - (bit & 7));
        values[done++] = ((low >>> (bit & 7)) | high) & mask;
      }
    }
  }
};

const widthOf = (top: number): number => 32 - Math.clz32(top);

/** Whether the bytes begin with one run of `count` times `top`, which is below 128, as where no value is missing. */
const isOneRun = (bytes: Uint8Array, top: number, count: number): boolean => {
  let header = 0;
  let at = 0;
  for (let shift = 0; at < bytes.length && at < 4; at++, shift += 7) {
    header |= (bytes[at]! & 0x7f) << shift;
    if (bytes[at]! < 0x80) return (header & 1) === 0 && header >>> 1 >= count && bytes[at + 1] === top;
  }
  return false;
};

/** Levels from 0 to `top`, which is below 128. */
export const levelsIn = (bytes: Uint8Array, top: number, count: number): Uint8Array => {
  const levels = new Uint8Array(count);
  unpack(bytes, widthOf(top), levels);
  return levels;
};

/** As `levelsIn`; none where each is `top`. */
export const levelsBelow = (bytes: Uint8Array, top: number, count: number): Uint8Array => {
  if (isOneRun(bytes, top, count)) return new Uint8Array(0);
  const levels = levelsIn(bytes, top, count);
  return levels.every((level) => level === top) ? new Uint8Array(0) : levels;
};

/** Fills `places`, which are of a dictionary; the first byte tells how many bits each takes. */
export const fillPlaces = (bytes: Uint8Array, places: Int32Array): void => {
  const [width] = bytes;
  if (places.length === 0) return;
  if (width === undefined || width > 32) throw new RangeError(tooShort);
  unpack(bytes.subarray(1), width, places);
};

/** Numbers of 32 bits, whatever they are. */
const words = (values: ArrayBufferView): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);

/** What the dictionary has at the places, in an array of its kind; undefined where it ends before one. */
export const lookUp = (dictionary: ArrayLike<unknown>, places: Int32Array): ArrayLike<unknown> | undefined => {
  const { length } = places;
  // Below 0 is beyond 2^31.
  for (let i = 0; i < length; i++) if (places[i]! >>> 0 >= dictionary.length) return undefined;
  if (
    !(
      dictionary instanceof Int32Array ||
      dictionary instanceof Float32Array ||
      dictionary instanceof Float64Array ||
      dictionary instanceof BigInt64Array
    )
  ) {
    return Array.from(places, (place) => dictionary[place]);
  }
  const values = new (dictionary.constructor as Float64ArrayConstructor)(length);
  const from = words(dictionary);
  const to = words(values);
  // One loop for every type, which stays fast; and the bits of a NaN stay as they are.
  if (values.BYTES_PER_ELEMENT === 4) for (let i = 0; i < length; i++) to[i] = from[places[i]!]!;
  else {
    for (let i = 0; i < length; i++) {
      to[2 * i] = from[2 * places[i]!]!;
      to[2 * i + 1] = from[2 * places[i]! + 1]!;
    }
  }
  return values;
};

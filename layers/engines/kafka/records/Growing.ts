/** Growing: what a decompressor has put out so far, never more than `limit` bytes. Whatever does not fit is refused. */
export interface Growing {
  bytes: Uint8Array;
  length: number;
  readonly limit: number;
}

export const growing = (expected: number, limit: number): Growing => ({
  bytes: new Uint8Array(Math.min(Math.max(expected, 256), limit)),
  length: 0,
  limit,
});

const makeRoom = (out: Growing, more: number): boolean => {
  const wanted = out.length + more;
  if (wanted > out.limit) return false;
  if (wanted > out.bytes.length) {
    const larger = new Uint8Array(Math.min(out.limit, Math.max(wanted, 2 * out.bytes.length)));
    larger.set(out.bytes.subarray(0, out.length));
    out.bytes = larger;
  }
  return true;
};

export const put = (out: Growing, bytes: Uint8Array): boolean => {
  if (!makeRoom(out, bytes.length)) return false;
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
  return true;
};

/** Repeats what was put out `distance` bytes ago; a length beyond the distance repeats the repetition. */
export const repeat = (out: Growing, distance: number, length: number): boolean => {
  if (distance < 1 || distance > out.length || !makeRoom(out, length)) return false;
  const { bytes } = out;
  const end = out.length + length;
  if (distance >= length && length > 32)
    bytes.copyWithin(out.length, out.length - distance, out.length - distance + length);
  else for (let at = out.length; at < end; at++) bytes[at] = bytes[at - distance]!;
  out.length = end;
  return true;
};

export const grown = (out: Growing): Uint8Array => out.bytes.subarray(0, out.length);

/** Record batches and old messages, written as Kafka's clients and brokers write them. */
import { crc32, gzipSync } from "node:zlib";
import { snappyCompress } from "hysnappy";
import { crc32c } from "../../../../../layers/engines/kafka/records/Crc32c.ts";

export interface Written {
  /** From the batch's base on. */
  readonly delta: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: ReadonlyArray<readonly [name: string, value: Uint8Array | null]>;
}

export type CodecName = "none" | "gzip" | "snappy" | "xerial" | "lz4" | "zstd";
const codecs: Readonly<Record<CodecName, number>> = { none: 0, gzip: 1, snappy: 2, xerial: 2, lz4: 3, zstd: 4 };

export interface BatchOptions {
  readonly base: bigint;
  readonly codec?: CodecName;
  readonly lastDelta?: number;
  readonly producerId?: bigint;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly appendTime?: number;
  /** In place of what the records say. */
  readonly content?: Uint8Array;
  readonly count?: number;
  readonly codecNumber?: number;
}

const int = (bytes: number, value: number | bigint): Buffer => {
  const out = Buffer.alloc(bytes);
  if (bytes === 8) out.writeBigInt64BE(BigInt(value));
  else out.writeIntBE(Number(value), 0, bytes);
  return out;
};
const uint32 = (value: number, littleEndian = false): Buffer => {
  const out = Buffer.alloc(4);
  if (littleEndian) out.writeUInt32LE(value);
  else out.writeUInt32BE(value);
  return out;
};

export const varint = (value: number | bigint): Buffer => {
  let left = (BigInt(value) << 1n) ^ (BigInt(value) >> 63n);
  const bytes: Array<number> = [];
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  return Buffer.from([...bytes, Number(left)]);
};

const sized = (bytes: Uint8Array | null, size: (length: number) => Buffer): Buffer =>
  bytes === null ? size(-1) : Buffer.concat([size(bytes.length), bytes]);

const recordBytes = ({ delta, headers, key, timestamp, value }: Written, baseTimestamp: number): Buffer => {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(timestamp - baseTimestamp),
    varint(delta),
    sized(key, varint),
    sized(value, varint),
    varint(headers.length),
    ...headers.flatMap(([name, bytes]) => [sized(Buffer.from(name), varint), sized(bytes, varint)]),
  ]);
  return sized(body, varint);
};

const xerial = (bytes: Uint8Array): Buffer => {
  const chunks: Array<Buffer> = [];
  for (let at = 0; at < bytes.length || at === 0; at += 32_768) {
    const chunk = snappyCompress(bytes.subarray(at, at + 32_768));
    chunks.push(uint32(chunk.length), Buffer.from(chunk));
  }
  return Buffer.concat([Buffer.from([0x82]), Buffer.from("SNAPPY\0"), uint32(1), uint32(1), ...chunks]);
};

/** A length that does not fit into 4 bits goes on in further bytes. */
const more = (length: number): Buffer =>
  length < 15
    ? Buffer.alloc(0)
    : Buffer.from([...Array(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255]);

/** A block that takes, at each place, the nearest repetition of four bytes or more; the last five bytes are literals. */
export const lz4Block = (bytes: Uint8Array): Buffer => {
  const out: Array<Buffer> = [];
  const seen = new Map<number, number>();
  let literal = 0;
  let at = 0;
  const view = Buffer.from(bytes);
  while (at + 9 < bytes.length) {
    const word = view.readUInt32LE(at);
    const before = seen.get(word);
    seen.set(word, at);
    if (before === undefined || at - before > 65_535) {
      at += 1;
      continue;
    }
    let length = 4;
    while (at + length < bytes.length - 5 && bytes[at + length] === bytes[before + length]) length += 1;
    const literals = view.subarray(literal, at);
    const token = (Math.min(15, literals.length) << 4) | Math.min(15, length - 4);
    const distance = Buffer.alloc(2);
    distance.writeUInt16LE(at - before);
    out.push(Buffer.from([token]), more(literals.length), literals, distance, more(length - 4));
    at += length;
    literal = at;
  }
  const literals = view.subarray(literal);
  return Buffer.concat([...out, Buffer.from([Math.min(15, literals.length) << 4]), more(literals.length), literals]);
};

/** Blocks in turn compressed and as they are; with all checksums, which are not looked at. */
export const lz4Frame = (bytes: Uint8Array, blockSize = 65_536): Buffer => {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  const out = [uint32(0x184d2204, true), Buffer.from([0b0101_1100, 0x40]), size, Buffer.from([0])];
  for (let at = 0, plain = false; at < bytes.length; at += blockSize, plain = !plain) {
    const piece = bytes.subarray(at, at + blockSize);
    const block = plain ? Buffer.from(piece) : lz4Block(piece);
    out.push(uint32(plain ? (block.length | 0x80000000) >>> 0 : block.length, true), block, uint32(0));
  }
  return Buffer.concat([...out, uint32(0), uint32(0)]);
};

/** A frame of blocks as they are, of which each that repeats one byte says so. `size`: told in the frame's header. */
export const zstdFrame = (bytes: Uint8Array, size = true): Buffer => {
  const head = size
    ? Buffer.concat([Buffer.from([0b1010_0000]), uint32(bytes.length, true)])
    : Buffer.from([0, 0b0101_1000]);
  const out = [uint32(0xfd2fb528, true), head];
  const block = 64 * 1024;
  for (let at = 0; at < bytes.length || at === 0; at += block) {
    const piece = bytes.subarray(at, at + block);
    const last = at + block >= bytes.length ? 1 : 0;
    const same = piece.length > 0 && piece.every((byte) => byte === piece[0]);
    const header = Buffer.alloc(3);
    header.writeUIntLE(last | ((same ? 1 : 0) << 1) | (piece.length << 3), 0, 3);
    out.push(header, Buffer.from(same ? piece.subarray(0, 1) : piece));
  }
  return Buffer.concat(out);
};

export const compress: Readonly<Record<CodecName, (bytes: Uint8Array) => Uint8Array>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  snappy: (bytes) => snappyCompress(bytes),
  xerial,
  lz4: (bytes) => lz4Frame(bytes),
  zstd: (bytes) => zstdFrame(bytes),
};

/** A batch of format 2. */
export const batch = (records: ReadonlyArray<Written>, options: BatchOptions): Buffer => {
  const { appendTime, base, codec = "none" } = options;
  const baseTimestamp = records[0]?.timestamp ?? -1;
  const content =
    options.content ?? compress[codec](Buffer.concat(records.map((record) => recordBytes(record, baseTimestamp))));
  const attributes =
    (options.codecNumber ?? codecs[codec]) |
    (appendTime === undefined ? 0 : 8) |
    (options.transactional ? 16 : 0) |
    (options.control ? 32 : 0);
  const covered = Buffer.concat([
    int(2, attributes),
    int(4, options.lastDelta ?? records.at(-1)?.delta ?? 0),
    int(8, baseTimestamp),
    int(8, appendTime ?? records.reduce((most, { timestamp }) => Math.max(most, timestamp), -1)),
    int(8, options.producerId ?? -1n),
    int(2, options.producerId === undefined ? -1 : 0),
    int(4, options.producerId === undefined ? -1 : 0),
    int(4, options.count ?? records.length),
    content,
  ]);
  const epoch = int(4, 7);
  const checked = Buffer.concat([epoch, Buffer.from([2]), uint32(crc32c(covered)), covered]);
  return Buffer.concat([int(8, base), int(4, checked.length), checked]);
};

export const marker = (base: bigint, producerId: bigint, commit: boolean): Buffer =>
  batch(
    [{ delta: 0, timestamp: 0, key: Buffer.from([0, 0, 0, commit ? 1 : 0]), value: Buffer.alloc(6), headers: [] }],
    { base, producerId, transactional: true, control: true },
  );

/** A message of format 0 or 1. */
export const message = (
  format: 0 | 1,
  { key, timestamp, value }: Pick<Written, "key" | "timestamp" | "value">,
  offset: bigint,
  attributes = 0,
): Buffer => {
  const covered = Buffer.concat([
    Buffer.from([format, attributes]),
    format === 0 ? Buffer.alloc(0) : int(8, timestamp),
    sized(key, (length) => int(4, length)),
    sized(value, (length) => int(4, length)),
  ]);
  const checked = Buffer.concat([uint32(crc32(covered)), covered]);
  return Buffer.concat([int(8, offset), int(4, checked.length), checked]);
};

/** Messages of format 0 or 1, compressed into one. */
export const wrapped = (
  format: 0 | 1,
  messages: ReadonlyArray<Pick<Written, "key" | "timestamp" | "value">>,
  base: bigint,
  codec: CodecName,
  appendTime?: number,
): Buffer => {
  const inner = messages.map((one, i) => message(format, one, format === 0 ? base + BigInt(i) : BigInt(i)));
  const value = compress[codec](Buffer.concat(inner));
  const timestamp = appendTime ?? messages.reduce((most, one) => Math.max(most, one.timestamp), -1);
  const attributes = codecs[codec] | (appendTime === undefined ? 0 : 8);
  return message(format, { key: null, value, timestamp }, base + BigInt(messages.length - 1), attributes);
};

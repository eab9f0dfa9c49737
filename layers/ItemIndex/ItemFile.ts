/**
 * ItemFile: one model's items in one file, so that a rename replaces all of it at once.
 *
 * 20 bytes head (u32: magic, format, bytes of the index, bytes of the values, CRC-32 of what follows), the index as JSON,
 * padded with spaces so that the values begin at a multiple of 8, then the values: rows × rank vectors and rows popularities as
 * f32, of the followers rows + 1 pointers and all items as u32, zeros up to a multiple of 8, all counts and rows totals as f64,
 * features × rank weights of the attribute map as f32; all little-endian. The index stores a name once and refers to it by number, so that 100,000 items are read in a fraction of
 * a second.
 *
 * Format 3 has no attribute map. Formats 1 and 2 hold vectors alone as values: without followers, and the popularity is the share of buyers. Format 1, which
 * knew neither availability nor buyers, is read as if all items were available and none had been bought.
 */
import { crc32 } from "node:zlib";
import { type Followers, noFollowers } from "../../src/domain/Followers.ts";
import { itemMetadataFields } from "../../src/domain/Item.ts";
import type { Metric } from "../../src/domain/Model.ts";
import { type Items, sharesOf } from "./Items.ts";

interface Index {
  readonly rank: number;
  /** Absent: dot. */
  readonly metric?: Metric;
  readonly itemIdx: ReadonlyArray<number>;
  /** In the order of `itemMetadataFields`. */
  readonly columns: ReadonlyArray<{ readonly names: ReadonlyArray<string>; readonly codes: ReadonlyArray<number> }>;
  /** Rows that are not available. */
  readonly gone?: ReadonlyArray<number>;
  /** Rows of new items. */
  readonly fresh?: ReadonlyArray<number>;
  /** By row. */
  readonly buyers?: ReadonlyArray<number>;
  /** How many followers all rows have. */
  readonly followers?: number;
  /** Names of the attribute map's features; absent where there is none. */
  readonly features?: ReadonlyArray<string>;
}

const headBytes = 20;
const magic = 0x534d5449;
const format = 4;

const encodeColumn = (values: ReadonlyArray<string>): Index["columns"][number] => {
  const numbers = new Map<string, number>();
  const codes = values.map((value) => {
    const code = numbers.get(value) ?? numbers.size;
    numbers.set(value, code);
    return code;
  });
  return { names: [...numbers.keys()], codes };
};

/** CRC-32 of all parts; zlib takes an empty one for a new start. */
const checksumOf = (parts: ReadonlyArray<Uint8Array>): number =>
  parts.reduce((sum, part) => (part.length === 0 ? sum : crc32(part, sum)), 0);

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The parts of the file, in order. */
export const encodeItems = (items: Items): ReadonlyArray<Uint8Array> => {
  const { attributes, available, buyers, followers, isNew, itemIdx, metadata, metric, popularity, rank, vectors } =
    items;
  const json = JSON.stringify({
    rank,
    metric,
    itemIdx: Array.from(itemIdx),
    columns: itemMetadataFields.map((field) => encodeColumn(metadata.map((item) => item[field]))),
    gone: [...available.keys()].filter((row) => available[row] === 0),
    fresh: [...isNew.keys()].filter((row) => isNew[row] === 1),
    buyers: Array.from(buyers),
    followers: followers.items.length,
    ...(attributes === undefined ? {} : { features: attributes.features }),
  } satisfies Index);
  const index = Buffer.from(json + " ".repeat(-(headBytes + Buffer.byteLength(json)) & 7));
  const singles = [vectors, popularity, followers.pointers, followers.items].map(bytesOf);
  const single = singles.reduce((sum, { length }) => sum + length, 0);
  const doubles = [followers.counts, followers.totals].map(bytesOf);
  const weights = attributes === undefined ? [] : [bytesOf(attributes.weights)];
  const values = [...singles, new Uint8Array(-single & 7), ...doubles, ...weights];
  const length = values.reduce((sum, part) => sum + part.length, 0);
  const head = Uint32Array.of(magic, format, index.length, length, checksumOf([index, ...values]));
  return [bytesOf(head), index, ...values];
};

/** Takes one array after another from the file, as it stands there where it is aligned, else a copy. */
const takerOf = (file: Buffer, start: number) => {
  let at = start;
  const take =
    <A>(size: number, make: (buffer: ArrayBufferLike, offset: number, length: number) => A) =>
    (length: number): A => {
      at += -(at - start) & (size - 1);
      const from = file.byteOffset + at;
      at += size * length;
      return from % size === 0
        ? make(file.buffer, from, length)
        : make(file.buffer.slice(from, from + size * length), 0, length);
    };
  return {
    f32: take(4, (buffer, offset, length) => new Float32Array(buffer, offset, length)),
    u32: take(4, (buffer, offset, length) => new Uint32Array(buffer, offset, length)),
    f64: take(8, (buffer, offset, length) => new Float64Array(buffer, offset, length)),
    /** Whether the file ends where the last array does. */
    isAtEnd: () => at === file.length,
  };
};

const metadataOf = ({ columns, itemIdx }: Index): Items["metadata"] => {
  const [article, name, type, group, appearance, indexGroup] = columns.map(
    ({ names, codes }) =>
      (row: number) =>
        names[codes[row]!]!,
  ) as [Column, Column, Column, Column, Column, Column];
  return itemIdx.map((_, row) => ({
    article_id: article(row),
    prod_name: name(row),
    product_type_name: type(row),
    product_group_name: group(row),
    graphical_appearance_name: appearance(row),
    index_group_name: indexGroup(row),
  }));
};

type Column = (row: number) => string;

/** The items of a file; `newer` when a later version wrote it, `damaged` when it is not whole. */
export const decodeItems = (file: Buffer): Items | "newer" | "damaged" => {
  if (file.length < headBytes) return "damaged";
  const [kind, version, indexBytes, valueBytes, checksum] = [0, 4, 8, 12, 16].map((at) => file.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (kind === magic && version > format) return "newer";
  if (kind !== magic || version === 0 || file.length !== headBytes + indexBytes + valueBytes) return "damaged";
  if (checksumOf([file.subarray(headBytes)]) !== checksum) return "damaged";
  const index = JSON.parse(file.toString("utf8", headBytes, headBytes + indexBytes)) as Index;
  const rows = index.itemIdx.length;
  const { f32, f64, isAtEnd, u32 } = takerOf(file, headBytes + indexBytes);
  const available = new Uint8Array(rows).fill(1);
  for (const row of index.gone ?? []) available[row] = 0;
  const isNew = new Uint8Array(rows);
  for (const row of index.fresh ?? []) isNew[row] = 1;
  const buyers = index.buyers === undefined ? new Uint32Array(rows) : Uint32Array.from(index.buyers);
  const vectors = f32(rows * index.rank);
  const followersOf = (size: number): Followers => ({
    pointers: u32(rows + 1),
    items: u32(size),
    counts: f64(size),
    totals: f64(rows),
  });
  const kept = {
    popularity: index.followers === undefined ? sharesOf(buyers) : f32(rows),
    followers: index.followers === undefined ? noFollowers(rows) : followersOf(index.followers),
  };
  const { features } = index;
  const attributes = features === undefined ? undefined : { features, weights: f32(features.length * index.rank) };
  return isAtEnd()
    ? {
        rank: index.rank,
        metric: index.metric ?? "dot",
        itemIdx: Uint32Array.from(index.itemIdx),
        vectors,
        metadata: metadataOf(index),
        available,
        isNew,
        buyers,
        ...kept,
        attributes,
      }
    : "damaged";
};

/**
 * ItemFile: one model's items in one file, so that a rename replaces all of it at once.
 *
 * 20 bytes head (u32: magic, format, bytes of the index, bytes of the vectors, CRC-32 of what follows), the index as JSON,
 * padded with spaces to a multiple of 4, then rows × rank vectors as f32; all little-endian. The index stores a name once
 * and refers to it by number, so that 100,000 items are read in a fraction of a second. Format 1, which knew neither
 * availability nor buyers, is read as if all items were available and none had been bought.
 */
import { crc32 } from "node:zlib";
import { type ItemMetadata, itemMetadataFields } from "../../src/domain/Item.ts";
import type { ItemVector } from "../../src/ports/ItemIndex.ts";

/** Rows ascend by itemIdx. */
export interface Items {
  readonly rank: number;
  readonly itemIdx: Uint32Array;
  /** rows × rank, row-major. */
  readonly vectors: Float32Array;
  readonly metadata: ReadonlyArray<ItemMetadata>;
  /** By row, 1 or 0. */
  readonly available: Uint8Array;
  /** By row. */
  readonly buyers: Uint32Array;
}

interface Index {
  readonly rank: number;
  readonly itemIdx: ReadonlyArray<number>;
  /** In the order of `itemMetadataFields`. */
  readonly columns: ReadonlyArray<{ readonly names: ReadonlyArray<string>; readonly codes: ReadonlyArray<number> }>;
  /** Rows that are not available. */
  readonly gone?: ReadonlyArray<number>;
  /** By row. */
  readonly buyers?: ReadonlyArray<number>;
}

const headBytes = 20;
const magic = 0x534d5449;
const format = 2;

/** Sorts by itemIdx; of several items with one index the last counts. */
export const collectItems = (rank: number, items: ReadonlyArray<ItemVector>): Items => {
  const newest = new Map(items.map((item) => [item.itemIdx, item]));
  const sorted = [...newest.values()].sort((a, b) => a.itemIdx - b.itemIdx);
  const vectors = new Float32Array(sorted.length * rank);
  sorted.forEach((item, row) => {
    vectors.set(item.vector, row * rank);
  });
  return {
    rank,
    itemIdx: Uint32Array.from(sorted, (item) => item.itemIdx),
    vectors,
    metadata: sorted.map((item) => item.metadata),
    available: Uint8Array.from(sorted, (item) => (item.available ? 1 : 0)),
    buyers: Uint32Array.from(sorted, (item) => item.buyers),
  };
};

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

/** The parts of the file, in order. */
export const encodeItems = ({
  rank,
  itemIdx,
  vectors,
  metadata,
  available,
  buyers,
}: Items): ReadonlyArray<Uint8Array> => {
  const columns = itemMetadataFields.map((field) => encodeColumn(metadata.map((item) => item[field])));
  const gone = [...available.keys()].filter((row) => available[row] === 0);
  const json = JSON.stringify({
    rank,
    itemIdx: Array.from(itemIdx),
    columns,
    gone,
    buyers: Array.from(buyers),
  } satisfies Index);
  const index = Buffer.from(json + " ".repeat(-Buffer.byteLength(json) & 3));
  const values = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  const head = Uint32Array.of(magic, format, index.length, values.length, checksumOf([index, values]));
  return [new Uint8Array(head.buffer), index, values];
};

/** The items of a file; `newer` when a later version wrote it, `damaged` when it is not whole. */
export const decodeItems = (file: Buffer): Items | "newer" | "damaged" => {
  if (file.length < headBytes) return "damaged";
  const [kind, version, indexBytes, vectorBytes, checksum] = [0, 4, 8, 12, 16].map((at) => file.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (kind === magic && version > format) return "newer";
  if (kind !== magic || version === 0 || file.length !== headBytes + indexBytes + vectorBytes) return "damaged";
  if (checksumOf([file.subarray(headBytes)]) !== checksum) return "damaged";
  const index = JSON.parse(file.toString("utf8", headBytes, headBytes + indexBytes)) as Index;
  const start = file.byteOffset + headBytes + indexBytes;
  const [article, name, type, group, appearance, indexGroup] = index.columns.map(
    ({ names, codes }) =>
      (row: number) =>
        names[codes[row]!]!,
  ) as [Column, Column, Column, Column, Column, Column];
  const available = new Uint8Array(index.itemIdx.length).fill(1);
  for (const row of index.gone ?? []) available[row] = 0;
  return {
    rank: index.rank,
    itemIdx: Uint32Array.from(index.itemIdx),
    vectors:
      start % 4 === 0
        ? new Float32Array(file.buffer, start, vectorBytes / 4)
        : new Float32Array(file.buffer.slice(start, start + vectorBytes)),
    metadata: index.itemIdx.map((_, row) => ({
      article_id: article(row),
      prod_name: name(row),
      product_type_name: type(row),
      product_group_name: group(row),
      graphical_appearance_name: appearance(row),
      index_group_name: indexGroup(row),
    })),
    available,
    buyers: index.buyers === undefined ? new Uint32Array(index.itemIdx.length) : Uint32Array.from(index.buyers),
  };
};

type Column = (row: number) => string;

/**
 * Lists: a column chunk of lists of numbers of 32 bits, as `parquetElements` describes them. The general way makes an
 * object of every element and packs what hardly gets smaller; here a list is copied as it is, and its levels are told in
 * runs.
 */
import type { ColumnChunk } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";

/** One per row; null where there is none. */
export type Lists = ReadonlyArray<Float32Array | null>;

/** Values of a page, in bytes, unless a list is larger. */
const pageBytes = 1 << 20;

/** Where the page ends that begins with list `from`. */
const pageEnd = (lists: Lists, from: number): number => {
  let bytes = lists[from]?.byteLength ?? 0;
  let to = from + 1;
  while (to < lists.length && bytes + (lists[to]?.byteLength ?? 0) <= pageBytes) bytes += lists[to++]?.byteLength ?? 0;
  return to;
};

interface Levels {
  /** 0 begins a list, 1 goes on with it. */
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  /** Lists that are empty or none. */
  readonly missing: number;
}

/** `present`: the definition level of an element; one less is an empty list, two less none. */
const levelsOf = (lists: Lists, present: number): Levels => {
  const count = lists.reduce((sum, list) => sum + Math.max(1, list?.length ?? 0), 0);
  const repetition = new Uint8Array(count).fill(1);
  const definition = new Uint8Array(count).fill(present);
  let missing = 0;
  let at = 0;
  for (const list of lists) {
    repetition[at] = 0;
    if (list === null || list.length === 0) {
      definition[at] = present - (list === null ? 2 : 1);
      missing++;
    }
    at += Math.max(1, list?.length ?? 0);
  }
  return { repetition, definition, missing };
};

const packed = (levels: Uint8Array, width: number): Uint8Array => {
  const writer = new ByteWriter();
  writeRleBitPackedHybrid(writer, levels, width);
  return writer.getBytes();
};

const writePage = (writer: ByteWriter, lists: Lists, nullable: boolean): void => {
  const { definition, missing, repetition } = levelsOf(lists, nullable ? 2 : 1);
  const repeated = packed(repetition, 1);
  const defined = packed(definition, nullable ? 2 : 1);
  const values = lists.reduce((sum, list) => sum + (list?.byteLength ?? 0), 0);
  const size = repeated.length + defined.length + values;
  writePageHeader(writer, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: size,
    compressed_page_size: size,
    data_page_header_v2: {
      num_values: definition.length,
      num_nulls: missing,
      num_rows: lists.length,
      encoding: "PLAIN",
      definition_levels_byte_length: defined.length,
      repetition_levels_byte_length: repeated.length,
      is_compressed: false,
    },
  });
  writer.appendBytes(repeated);
  writer.appendBytes(defined);
  writer.ensure(values);
  for (const list of lists) {
    if (list !== null) writer.appendBytes(new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
  }
};

/** Writes the lists' pages, one behind the other. */
export const writeLists = (writer: ByteWriter, name: string, nullable: boolean, lists: Lists): ColumnChunk => {
  const start = writer.offset;
  for (let from = 0; from < lists.length; ) {
    const to = pageEnd(lists, from);
    writePage(writer, lists.slice(from, to), nullable);
    from = to;
  }
  const size = BigInt(writer.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: "FLOAT",
      encodings: ["PLAIN"],
      path_in_schema: [name, "list", "element"],
      codec: "UNCOMPRESSED",
      num_values: lists.reduce((sum, list) => sum + BigInt(Math.max(1, list?.length ?? 0)), 0n),
      total_compressed_size: size,
      total_uncompressed_size: size,
      data_page_offset: BigInt(start),
    },
  };
};

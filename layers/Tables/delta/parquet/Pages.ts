/**
 * Pages: the pages of one column of one row group, one after the other, so that a row group of any size is read in
 * little memory. A page that has a checksum is held against it.
 */
import { crc32 } from "node:zlib";
import type { AsyncBuffer, DataPageHeader, DecodedArray, Encoding, PageHeader, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { ColumnMetaData, DataPageHeaderV2 } from "hyparquet/src/types.js";
import type { Column } from "../../../../src/domain/Columns.ts";
import { fault } from "../TableErrors.ts";
import { compressors } from "./Codecs.ts";
import { fillPlaces, levelsBelow, levelsIn, lookUp } from "./Runs.ts";

export interface Page {
  /** Values, nulls and empty lists. */
  readonly count: number;
  /** One per count, or none where every value is there. */
  readonly definition: ArrayLike<number>;
  /** One per count, none in a column without lists. */
  readonly repetition: ArrayLike<number>;
  /** Those that are there. */
  readonly values: Column;
}

export interface Pages {
  /** Undefined behind the last one. */
  readonly next: () => Promise<Page | undefined>;
}

/** What is read from the file at a time, in bytes, unless a page is larger. */
const blockBytes = 1 << 20;
/** What a page's header takes as a rule, in bytes. */
const headerBytes = 1 << 12;

/** Bytes of the file between `start` and `end`, which are read on and on. */
const makeWindow = (file: AsyncBuffer, start: number, end: number) => {
  let from = start;
  let bytes = new Uint8Array(0);
  /** Fewer at the end. */
  return async (position: number, size: number): Promise<Uint8Array> => {
    const stop = Math.min(end, position + size);
    if (position < from || stop > from + bytes.length) {
      from = position;
      bytes = new Uint8Array(await file.slice(position, Math.min(end, Math.max(stop, position + blockBytes))));
    }
    return bytes.subarray(position - from, Math.max(position, stop) - from);
  };
};

interface Header {
  readonly header: PageHeader;
  readonly size: number;
}

/** Undefined where the bytes end within it. */
const headerIn = async (bytes: Uint8Array): Promise<Header | undefined> => {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  try {
    const header = parquetHeader(reader);
    return reader.offset <= bytes.length ? { header, size: reader.offset } : undefined;
  } catch (cause) {
    return cause instanceof RangeError ? undefined : Promise.reject(cause);
  }
};

const noLevels = new Uint8Array(0);
const unknownLevels = { definition_level_encoding: "RLE", repetition_level_encoding: "RLE" } as const;

const countOf = (levels: Uint8Array, level: number): number =>
  levels.reduce((count, one) => (one === level ? count + 1 : count), 0);

/**
 * `path`: from the file's root down to the leaf. `convert` makes of values as they are stored what the column holds; a
 * dictionary's are made once.
 */
export const makePages = (
  file: AsyncBuffer,
  column: ColumnMetaData,
  path: Array<SchemaTree>,
  convert: (stored: DecodedArray) => Column,
): Pages => {
  const { codec, num_values, path_in_schema, type } = column;
  const name = path_in_schema.join(".");
  const element = path[path.length - 1]!.element;
  const repetitions = getMaxRepetitionLevel(path);
  const definitions = getMaxDefinitionLevel(path);
  /** For values alone: levels are read here. */
  const decoder = { pathInSchema: path_in_schema, type, element, schemaPath: [], codec, parsers: DEFAULT_PARSERS };
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = start + Number(column.total_compressed_size);
  const bytesAt = makeWindow(file, start, end);
  let position = start;
  let left = Number(num_values);
  let dictionary: Column | undefined;
  /** Used again for each page. */
  let places = new Int32Array(0);

  const cutOff = (at: number) => fault("Corrupt", `column ${name} ends within its page at byte ${at}`);

  const headerAt = async (size: number): Promise<Header> => {
    const bytes = await bytesAt(position, size);
    const found = await headerIn(bytes);
    if (found !== undefined) return found;
    return bytes.length < size ? cutOff(position) : headerAt(2 * size);
  };

  const unpacked = (bytes: Uint8Array, size: number) => decompressPage(bytes, size, codec, compressors);

  const valuesIn = (bytes: Uint8Array, count: number, encoding: Encoding): Column | Promise<never> => {
    if (!encoding.endsWith("_DICTIONARY")) {
      return convert(readDataPage(bytes, { ...unknownLevels, num_values: count, encoding }, decoder).dataPage);
    }
    if (dictionary === undefined)
      return fault("Corrupt", `column ${name} has places in a dictionary, and no dictionary`);
    if (places.length < count) places = new Int32Array(count);
    const own = places.subarray(0, count);
    fillPlaces(bytes, own);
    return lookUp(dictionary, own) ?? fault("Corrupt", `column ${name} has places behind the end of its dictionary`);
  };

  const firstPage = async ({ encoding, num_values }: DataPageHeader, bytes: Uint8Array): Promise<Page> => {
    let rest = bytes;
    const levels = (): Uint8Array => {
      const end = 4 + new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
      const found = rest.subarray(4, end);
      rest = rest.subarray(end);
      return found;
    };
    const repetition = repetitions === 0 ? noLevels : levelsIn(levels(), repetitions, num_values);
    const definition = definitions === 0 ? noLevels : levelsBelow(levels(), definitions, num_values);
    const present = definition.length === 0 ? num_values : countOf(definition, definitions);
    return { count: num_values, definition, repetition, values: await valuesIn(rest, present, encoding) };
  };

  const secondPage = async (header: DataPageHeaderV2, bytes: Uint8Array, size: number): Promise<Page> => {
    const { encoding, is_compressed, num_nulls, num_values } = header;
    const { definition_levels_byte_length: defined, repetition_levels_byte_length: repeated } = header;
    const levels = defined + repeated;
    const repetition = repetitions === 0 ? noLevels : levelsIn(bytes.subarray(0, repeated), repetitions, num_values);
    const definition =
      definitions === 0 ? noLevels : levelsBelow(bytes.subarray(repeated, levels), definitions, num_values);
    const packed = bytes.subarray(levels);
    const values = is_compressed === false ? packed : unpacked(packed, size - levels);
    return {
      count: num_values,
      definition,
      repetition,
      values: await valuesIn(values, num_values - num_nulls, encoding),
    };
  };

  const next = async (): Promise<Page | undefined> => {
    if (left <= 0) return undefined;
    const at = position;
    const { header, size } = await headerAt(headerBytes);
    const bytes = await bytesAt(at + size, header.compressed_page_size);
    if (bytes.length < header.compressed_page_size) return cutOff(at);
    position = at + size + bytes.length;
    if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0) {
      return fault("Corrupt", `the page of column ${name} at byte ${at} is damaged: its checksum is another`);
    }
    const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: words } = header;
    if (words !== undefined) {
      const plain = unpacked(bytes, header.uncompressed_page_size);
      const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
      dictionary = convert(readPlain({ view, offset: 0 }, type, words.num_values, element.type_length));
      return next();
    }
    const page =
      first !== undefined
        ? await firstPage(first, unpacked(bytes, header.uncompressed_page_size))
        : second !== undefined
          ? await secondPage(second, bytes, header.uncompressed_page_size)
          : undefined;
    if (page === undefined) return next();
    left -= page.count;
    return page;
  };
  return { next };
};

/**
 * ParquetPages: the pages of one column of one row group, one after the other, so that a row group of any size is read in
 * little memory. A page that has a checksum is held against it.
 */
import { crc32 } from "node:zlib";
import type { AsyncBuffer, DecodedArray, PageHeader, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import type { ColumnDecoder, ColumnMetaData } from "hyparquet/src/types.js";
import type { Column } from "../../src/ports/Tables.ts";
import { compressors } from "./Codecs.ts";
import { fault } from "./Failures.ts";

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
  const decoder: ColumnDecoder = {
    pathInSchema: path_in_schema,
    type,
    element,
    schemaPath: path,
    codec,
    parsers: DEFAULT_PARSERS,
    compressors,
  };
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = start + Number(column.total_compressed_size);
  const bytesAt = makeWindow(file, start, end);
  let position = start;
  let left = Number(num_values);
  let dictionary: Column | undefined;

  const cutOff = (at: number) => fault("Corrupt", `column ${name} ends within its page at byte ${at}`);

  const headerAt = async (size: number): Promise<Header> => {
    const bytes = await bytesAt(position, size);
    const found = await headerIn(bytes);
    if (found !== undefined) return found;
    return bytes.length < size ? cutOff(position) : headerAt(2 * size);
  };

  const valuesOf = (stored: DecodedArray, encoding: string): Column => {
    if (!encoding.endsWith("_DICTIONARY") || dictionary === undefined) return convert(stored);
    const values = new Array<unknown>(stored.length);
    for (let i = 0; i < values.length; i++) values[i] = dictionary[stored[i] as number];
    return values;
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
      const plain = decompressPage(bytes, Number(header.uncompressed_page_size), codec, compressors);
      const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
      dictionary = convert(readPlain({ view, offset: 0 }, type, words.num_values, element.type_length));
      return next();
    }
    const told = first ?? second;
    if (told === undefined) return next();
    const page =
      first === undefined
        ? readDataPageV2(bytes, header, decoder)
        : readDataPage(
            decompressPage(bytes, Number(header.uncompressed_page_size), codec, compressors),
            first,
            decoder,
          );
    const count = told.num_values;
    left -= count;
    return {
      count,
      definition: page.definitionLevels ?? [],
      repetition: page.repetitionLevels,
      values: valuesOf(page.dataPage, told.encoding),
    };
  };
  return { next };
};

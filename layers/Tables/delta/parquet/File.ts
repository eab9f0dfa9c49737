/** File: one data file, written row group by row group with hyparquet-writer. */
import { setImmediate } from "node:timers/promises";
import type { ColumnChunk } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { writeColumn } from "hyparquet-writer/src/column.js";
import { encodeNestedValues } from "hyparquet-writer/src/dremel.js";
import { schemaPathResolver } from "hyparquet-writer/src/schema.js";
import { snappyCompressor } from "hysnappy";
import { mergeStatistics, statisticsOf } from "../../../../src/delta/Statistics.ts";
import type { Field } from "../../../../src/domain/Columns.ts";
import type { ColumnStatistics } from "../../../../src/ports/Tables.ts";
import type { Upload } from "../../objects/Objects.ts";
import type { ColumnBuffer } from "./ColumnBuffer.ts";
import { type Lists, writeLists } from "./Lists.ts";
import type { RowGroup } from "./RowGroup.ts";
import { parquetElements } from "./Schema.ts";

export interface ParquetFile {
  rows: number;
  bytes: number;
  statistics: ReadonlyArray<ColumnStatistics>;
  /** All else that the process has to do gets its turn between columns; the group stays as it is meanwhile. */
  readonly writeGroup: (group: RowGroup) => Promise<void>;
  /** Writes the footer and finishes the upload. */
  readonly finish: () => Promise<void>;
}

const compressors = { SNAPPY: snappyCompressor() };

/** hyparquet-writer's buffer, emptied into the upload after each row group. */
const makeFileWriter = (upload: Upload) => {
  const writer = new ByteWriter(1 << 20);
  const flush = async (): Promise<void> => {
    await upload.write(writer.getBytes());
    writer.index = 0;
  };
  return Object.assign(writer, { flush, finish: flush });
};

/** Bytes of a page, about. */
const pageSize = 1 << 20;

/**
 * Writes a column without lists. Text has a dictionary where it repeats; all else is PLAIN, which every reader has and which
 * writes fastest. Statistics and page indexes are left out: readers of the table go by those of the add action.
 */
const writeFlat = (
  writer: ByteWriter,
  path: ReturnType<ReturnType<typeof schemaPathResolver>>,
  column: ColumnBuffer,
) => {
  const { name, type } = column.field;
  const elements = path.map(({ element }) => element);
  return writeColumn({
    writer,
    column: {
      columnName: name,
      element: elements[elements.length - 1]!,
      schemaPath: elements,
      codec: "SNAPPY",
      compressors,
      stats: false,
      pageSize,
      columnIndex: false,
      offsetIndex: false,
      ...(type === "string" ? {} : { encoding: "PLAIN" as const }),
    },
    pageData: encodeNestedValues(path, column.values),
  }).chunk;
};

const sizeOf = (columns: ReadonlyArray<ColumnChunk>): bigint =>
  columns.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n);

export const makeParquetFile = (upload: Upload, fields: ReadonlyArray<Field>): ParquetFile => {
  const writer = makeFileWriter(upload);
  const schema = parquetElements(fields);
  const pathOf = schemaPathResolver(schema);
  const parquet = new ParquetWriter({ writer, schema, createdBy: "slipstream" });
  const file: ParquetFile = {
    rows: 0,
    bytes: 0,
    statistics: [],
    writeGroup: async (group) => {
      const statistics: Array<ColumnStatistics> = [];
      const columns: Array<ColumnChunk> = [];
      const start = writer.offset;
      for (const column of group.columns) {
        const { name, nullable, type } = column.field;
        statistics.push(statisticsOf(type, column.values));
        columns.push(
          type === "array<float>"
            ? writeLists(writer, name, nullable, column.values as Lists)
            : writeFlat(writer, pathOf([name]), column),
        );
        await setImmediate();
      }
      parquet.row_groups.push({
        columns,
        num_rows: BigInt(group.rows),
        total_byte_size: sizeOf(columns),
        total_compressed_size: BigInt(writer.offset - start),
      });
      parquet.num_rows += BigInt(group.rows);
      await writer.flush();
      file.statistics =
        file.rows === 0 ? statistics : file.statistics.map((known, i) => mergeStatistics(known, statistics[i]!));
      file.rows += group.rows;
      file.bytes = writer.offset;
    },
    finish: async () => {
      await parquet.finish();
      file.bytes = writer.offset;
      await upload.finish();
    },
  };
  return file;
};

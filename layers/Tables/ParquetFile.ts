/** ParquetFile: one data file, written row group by row group with hyparquet-writer. */
import { type FileHandle, open } from "node:fs/promises";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { snappyCompressor } from "hysnappy";
import { mergeStatistics, statisticsOf } from "../../src/delta/Statistics.ts";
import type { ColumnStatistics, Field } from "../../src/ports/Tables.ts";
import type { ColumnBuffer } from "./ColumnBuffer.ts";
import { parquetElements } from "./ParquetSchema.ts";
import type { RowGroup } from "./RowGroup.ts";

export interface ParquetFile {
  readonly path: string;
  rows: number;
  bytes: number;
  statistics: ReadonlyArray<ColumnStatistics>;
  readonly writeGroup: (group: RowGroup) => Promise<void>;
  /** Writes the footer, syncs and closes. */
  readonly finish: () => Promise<void>;
  /** Gives the file up; harmless after `finish`. */
  readonly close: () => Promise<void>;
}

const compressors = { SNAPPY: snappyCompressor() };

/** hyparquet-writer's buffer, emptied into the file after each row group. */
const makeFileWriter = (file: FileHandle) => {
  const writer = new ByteWriter(1 << 20);
  const flush = async (): Promise<void> => {
    const bytes = writer.getBytes();
    let written = 0;
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
    writer.index = 0;
  };
  return Object.assign(writer, { flush, finish: flush });
};

/**
 * Text has a dictionary where it repeats; all else is PLAIN, which every reader has and which writes fastest. Statistics
 * and page indexes are left out: readers of the table go by those of the add action.
 */
const sourceOf = ({ field, values }: ColumnBuffer) => ({
  name: field.name,
  data: values,
  offsetIndex: false,
  ...(field.type === "string" ? {} : { encoding: "PLAIN" as const }),
});

/** Makes the file, which must not exist. */
export const makeParquetFile = async (path: string, fields: ReadonlyArray<Field>): Promise<ParquetFile> => {
  const handle = await open(path, "wx");
  const writer = makeFileWriter(handle);
  const schema = parquetElements(fields);
  const parquet = new ParquetWriter({ writer, schema, compressors, statistics: false, createdBy: "slipstream" });
  const file: ParquetFile = {
    path,
    rows: 0,
    bytes: 0,
    statistics: [],
    writeGroup: async (group) => {
      const statistics = group.columns.map(({ field, values }) => statisticsOf(field.type, values));
      await parquet.write({ columnData: group.columns.map(sourceOf), rowGroupSize: group.rows });
      file.statistics =
        file.rows === 0 ? statistics : file.statistics.map((known, i) => mergeStatistics(known, statistics[i]!));
      file.rows += group.rows;
      file.bytes = writer.offset;
    },
    finish: async () => {
      await parquet.finish();
      file.bytes = writer.offset;
      await handle.sync();
      await handle.close();
    },
    close: () => handle.close(),
  };
  return file;
};

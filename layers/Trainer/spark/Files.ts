/** Files: ratings as Parquet files that Spark reads, and the factors that it writes. */
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetRead } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Ratings } from "../../../src/ports/Trainer.ts";
import { partsIn } from "../../engines/spark/Parts.ts";

/** Pairs of a file: about what one task of Spark's reads. */
const filePairs = 1_000_000;

/** Above 0, and nothing beside 1 or any rating: to Spark ML a rating of 0 says that the user did not want the item. */
const leastRating = 1e-9;

/** A row per pair: user, item, rating. */
export const writeRatings = async (folder: string, { itemIdx, pointers, ratings }: Ratings): Promise<void> => {
  await mkdir(folder, { recursive: true });
  let user = 0;
  for (let from = 0, file = 0; from < itemIdx.length; from += filePairs, file++) {
    const rows = Math.min(filePairs, itemIdx.length - from);
    const users = new Int32Array(rows);
    for (let i = 0; i < rows; i++) {
      while (pointers[user + 1]! <= from + i) user++;
      users[i] = user;
    }
    const columnData = [
      { name: "user", data: users, type: "INT32" as const },
      { name: "item", data: Int32Array.from(itemIdx.subarray(from, from + rows)), type: "INT32" as const },
      {
        name: "rating",
        data: ratings.subarray(from, from + rows).map((rating) => Math.max(rating, leastRating)),
        type: "FLOAT" as const,
      },
    ];
    const bytes = parquetWriteBuffer({ columnData, statistics: false });
    await writeFile(join(folder, `ratings-${file}.parquet`), new Uint8Array(bytes));
  }
};

/** The factors of `rows` users or items, row-major; zeros for those that Spark does not know. */
export const readFactors = async (folder: string, rows: number, rank: number): Promise<Float32Array> => {
  const factors = new Float32Array(rows * rank);
  for (const path of await partsIn(folder)) {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
        const bytes = new Uint8Array(end - start);
        await file.read(bytes, 0, bytes.length, start);
        return bytes.buffer;
      };
      const buffer = { byteLength: size, slice };
      /** By the number of the file's row. */
      const ids: Array<number> = [];
      await parquetRead({
        file: buffer,
        columns: ["id"],
        onChunk: ({ columnData, rowStart }) => {
          for (let i = 0; i < columnData.length; i++) ids[rowStart + i] = Number(columnData[i]);
        },
      });
      await parquetRead({
        file: buffer,
        columns: Array.from({ length: rank }, (_, f) => `f${f}`),
        onChunk: ({ columnName, columnData, rowStart }) => {
          const f = Number(columnName.slice(1));
          for (let i = 0; i < columnData.length; i++) factors[ids[rowStart + i]! * rank + f] = Number(columnData[i]);
        },
      });
    } finally {
      await file.close();
    }
  }
  return factors;
};

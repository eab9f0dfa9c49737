/** Parts: the part files that Spark wrote to a folder, in the order of its rows, and what their footers tell. */
import { copyFile, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type FileMetaData, parquetMetadataAsync, type Statistics } from "hyparquet";
import type { ColumnType, Field } from "../../../src/domain/Columns.ts";
import type { Bound, ColumnStatistics, NewFile } from "../../../src/ports/Tables.ts";

const partName = /^part-(\d+)-.*?(?:-c(\d+))?(?:\.[\w.]+)?\.parquet$/;

/** Paths of the parts: in the order of Spark's partitions, and of the files of each. */
export const partsIn = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await readdir(folder))
    .flatMap((name) => {
      const [found, part = "0", file = "0"] = partName.exec(name) ?? [];
      return found === undefined ? [] : [{ name, part: Number(part), file: Number(file) }];
    })
    .sort((a, b) => a.part - b.part || a.file - b.file)
    .map(({ name }) => join(folder, name));

/** To another name, on another disk, too. */
export const moveFile = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EXDEV") throw cause;
    await copyFile(from, to);
    await rm(from);
  }
};

const dayMillis = 86_400_000;

const isNumber = (value: unknown): value is number => typeof value === "number" && !Number.isNaN(value);

/** What the footer has as a bound, in our terms; undefined where it is none of the type's. */
const bounds: Readonly<Record<ColumnType, (value: unknown) => Bound | undefined>> = {
  string: (value) => (typeof value === "string" ? value : undefined),
  boolean: () => undefined,
  integer: (value) => (isNumber(value) ? value : undefined),
  long: (value) => (typeof value === "bigint" ? value : undefined),
  float: (value) => (isNumber(value) ? value : undefined),
  double: (value) => (isNumber(value) ? value : undefined),
  date: (value) => (value instanceof Date ? value.getTime() / dayMillis : undefined),
  // The footer's reader keeps milliseconds alone.
  timestamp: () => undefined,
  "array<float>": () => undefined,
};

/** The least or greatest of all groups' bounds; undefined where some group has none. */
const outermost = <B extends Bound>(
  all: ReadonlyArray<B | undefined>,
  isBeyond: (a: B, b: B) => boolean,
): B | undefined =>
  all.includes(undefined) || all.length === 0
    ? undefined
    : (all as ReadonlyArray<B>).reduce((best, one) => (isBeyond(one, best) ? one : best));

const precedes = (a: Bound, b: Bound): boolean =>
  typeof a === "string" && typeof b === "string" ? Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 : a < b;

/** Of a column, in all row groups that have a value in it. */
const statisticsOf = (
  type: ColumnType,
  groups: ReadonlyArray<{ readonly rows: number; readonly told: Statistics | undefined }>,
) => {
  const counts = groups.map(({ told }) => (told?.null_count === undefined ? undefined : Number(told.null_count)));
  const filled = groups.filter(({ rows }, i) => counts[i] !== rows);
  const least = outermost(
    filled.map(({ told }) => bounds[type](told?.min_value)),
    precedes,
  );
  const most = outermost(
    filled.map(({ told }) => bounds[type](told?.max_value)),
    (a, b) => precedes(b, a),
  );
  return {
    nulls: counts.includes(undefined) ? undefined : counts.reduce<number>((sum, nulls) => sum + (nulls ?? 0), 0),
    min: least,
    max: most,
    bounded: filled.length === 0 || (least !== undefined && most !== undefined),
  } satisfies ColumnStatistics;
};

const footerOf = async (path: string): Promise<FileMetaData> => {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      await file.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    };
    return await parquetMetadataAsync({ byteLength: size, slice });
  } finally {
    await file.close();
  }
};

/** What a commit wants to know of a file whose columns are `fields`. */
export const describePart = async (path: string, fields: ReadonlyArray<Field>): Promise<NewFile> => {
  const { num_rows, row_groups } = await footerOf(path);
  const columns = new Map<string, Array<{ readonly rows: number; readonly told: Statistics | undefined }>>(
    fields.map(({ name }) => [name, []]),
  );
  for (const group of row_groups) {
    for (const { meta_data } of group.columns) {
      if (meta_data === undefined || meta_data.path_in_schema.length !== 1) continue;
      columns
        .get(meta_data.path_in_schema[0] ?? "")
        ?.push({ rows: Number(group.num_rows), told: meta_data.statistics });
    }
  }
  return {
    path,
    rows: Number(num_rows),
    statistics: new Map(
      fields.flatMap(({ name, type }) => {
        const groups = columns.get(name) ?? [];
        return groups.length === 0 ? [] : [[name, statisticsOf(type, groups)] as const];
      }),
    ),
  };
};

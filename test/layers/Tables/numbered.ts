/** Tables of numbered rows, and the files that their commits are in. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Chunk, Effect, Stream } from "effect";
import type { Field } from "../../../src/domain/Columns.ts";
import type { TablesService } from "../../../src/ports/Tables.ts";
import { batchOf, rowsOf } from "../../contracts/Tables.ts";

export const numbers: ReadonlyArray<Field> = [
  { name: "id", type: "integer", nullable: false },
  { name: "name", type: "string", nullable: true },
];

export const append = (tables: TablesService, ...ids: ReadonlyArray<number>) =>
  tables.append("t", numbers, Stream.make(batchOf(ids)));

export const read = (tables: TablesService, version?: number) =>
  Effect.map(Stream.runCollect(tables.read("t", version === undefined ? {} : { version })), (batches) =>
    rowsOf(numbers, Chunk.toReadonlyArray(batches)).map(([id]) => id as number),
  );

/** Of a file in the log. */
export const name = (version: number, suffix = "json") => `${String(version).padStart(20, "0")}.${suffix}`;

export const editCommit = (root: string, version: number, edit: (text: string) => string) =>
  Effect.promise(async () => {
    const path = join(root, "t/_delta_log", name(version));
    await writeFile(path, edit(await readFile(path, "utf8")));
  });

/** Folder: a data folder of its own for a test, with real tables in it. */
import { FileSystem, Path } from "@effect/platform";
import * as NodeContext from "@effect/platform-node/NodeContext";
import { Clock, ConfigProvider, Effect, Layer, Logger, Stream } from "effect";
import * as BuiltIn from "../../layers/BatchSteps/BuiltIn.ts";
import type { EngineSettings } from "../../layers/engines/duckdb/Engine.ts";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { layerAt } from "../../layers/Tables/Local.ts";
import type { Column, ColumnBatch, Field } from "../../src/domain/Columns.ts";
import type { BatchSteps } from "../../src/ports/BatchSteps.ts";
import type { Catalogue } from "../../src/ports/Catalogue.ts";
import type { Forgotten } from "../../src/ports/Forgotten.ts";
import { Popular, type PopularItems } from "../../src/ports/Popular.ts";
import type { Progress } from "../../src/ports/Progress.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { noStoreFile, StoreFile } from "../../src/ports/StoreFile.ts";
import { type TableError, Tables } from "../../src/ports/Tables.ts";
import type { Trainer } from "../../src/ports/Trainer.ts";
import { makeMemoryCatalogue } from "./MemoryCatalogue.ts";
import { memoryForgotten } from "./MemoryForgotten.ts";
import { training } from "./Training.ts";

export interface Folder {
  readonly dataDir: string;
  readonly write: (name: string, content: string | Uint8Array) => Effect.Effect<string>;
  readonly read: (name: string) => Effect.Effect<string>;
  readonly exists: (name: string) => Effect.Effect<boolean>;
  /** Newest list that was put. */
  readonly popular: () => PopularItems | undefined;
}

type Services =
  | Tables
  | Sql
  | BatchSteps
  | Catalogue
  | Trainer
  | Popular
  | Progress
  | Forgotten
  | StoreFile
  | FileSystem.FileSystem
  | Path.Path;

/** The SQL engine as it is set here, and the batch's steps on it. */
export const engine = (settings: EngineSettings): Layer.Layer<Sql | BatchSteps, never, Tables> =>
  Layer.provideMerge(BuiltIn.layer, Layer.succeed(Sql, makeSql(settings)));

/** Runs `test` in a new folder with Tables, Sql, BatchSteps, Catalogue (in memory), Trainer, Progress, Popular, Forgotten (nobody), StoreFile (none) and `settings`, by the real clock, and removes the folder. */
export const inFolder = <A, E>(
  test: (folder: Folder) => Effect.Effect<A, E, Services>,
  settings: Readonly<Record<string, string>> = {},
  steps: Layer.Layer<BatchSteps, unknown, Tables | Sql> = BuiltIn.layer,
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const dataDir = yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "slipstream-batch-" }));
    let list: PopularItems | undefined;
    const folder: Folder = {
      dataDir,
      write: (name, content) =>
        Effect.gen(function* () {
          const file = path.join(dataDir, name);
          yield* fs.makeDirectory(path.dirname(file), { recursive: true });
          yield* fs.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
          return file;
        }).pipe(Effect.orDie),
      read: (name) => Effect.orDie(fs.readFileString(path.join(dataDir, name))),
      exists: (name) => Effect.orDie(fs.exists(path.join(dataDir, name))),
      popular: () => list,
    };
    const popular = Layer.succeed(Popular, {
      put: (items) =>
        Effect.sync(() => {
          list = items;
        }),
      get: Effect.sync(() => list),
    });
    const services = Layer.mergeAll(
      Layer.provideMerge(
        Layer.orDie(steps),
        Layer.merge(
          layerAt(path.join(dataDir, "delta")),
          Layer.succeed(Sql, makeSql({ threads: 2, memoryMiB: 256, spillFolder: path.join(dataDir, "spill") })),
        ),
      ),
      popular,
      (yield* makeMemoryCatalogue).layer,
      training,
      memoryForgotten(),
      Layer.succeed(StoreFile, noStoreFile),
      Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", dataDir], ...Object.entries(settings)]))),
      Logger.remove(Logger.defaultLogger),
    );
    return yield* Effect.provide(test(folder), services);
  }).pipe(Effect.scoped, Effect.withClock(Clock.make()), Effect.provide(NodeContext.layer));

export type Row = Readonly<Record<string, unknown>>;

/** All rows of a table as objects, in order. */
export const rowsOf = (table: string): Effect.Effect<ReadonlyArray<Row>, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const rows: Array<Row> = [];
    yield* tables.read(table).pipe(
      Stream.runForEach((batch) =>
        Effect.sync(() => {
          for (let i = 0; i < batch.rows; i++) {
            rows.push(Object.fromEntries(Object.entries(batch.columns).map(([name, column]) => [name, column[i]])));
          }
        }),
      ),
    );
    return rows;
  });

/** Rows as one batch; a column that a row lacks is null there. */
export const batchOf = (schema: ReadonlyArray<Field>, rows: ReadonlyArray<Row>): ColumnBatch => ({
  rows: rows.length,
  columns: Object.fromEntries(schema.map(({ name }): [string, Column] => [name, rows.map((row) => row[name] ?? null)])),
});

/** A disk that is full: while `import` unpacks, reads row by row or writes a table, and while `preprocess` spills or writes. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Stream } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { layerAt } from "../../layers/Tables/Local.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readTrainingData } from "../../src/datasets/TrainingData.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, engine, inFolder, rowsOf } from "../support/Folder.ts";

const smallDisk = (mebibytes: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const path = await mkdtemp(join(tmpdir(), "small-disk-"));
      const how = ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path];
      return { path, mounted: spawnSync("mount", how, { stdio: "ignore" }).status === 0 };
    }),
    ({ path }) =>
      Effect.promise(async () => {
        spawnSync("umount", [path]);
        await rm(path, { recursive: true });
      }),
  );

const lines = Array.from(
  { length: 300_000 },
  (_, i) => `${(i * 2654435761) % 2 ** 32}-${(i * 40503) % 65_537},${i % 7919}`,
);

describe("import on a small disk", () => {
  it.effect("says that it is full, and leaves the shop as it was", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { path, mounted } = yield* smallDisk(6);
        if (!mounted) return console.warn("skipped: import on a full disk, which needs the right to mount one");
        const text = ["user,item", ...lines, ""].join("\n");
        const small = yield* folder.write("small.csv", "user,item\nanna,x\n");
        const files = [
          yield* folder.write("plain.csv", text),
          yield* folder.write("rows.csv", `${text}too,many,cells\n`),
          yield* folder.write("packed.csv.gz", gzipSync(text)),
        ];
        yield* Effect.gen(function* () {
          yield* importEvents({ events: small, user: "user", item: "item" });
          const before = readdirSync(path, { recursive: true }).sort();
          for (const events of files) {
            const error = yield* Effect.flip(importEvents({ events, user: "user", item: "item" }));
            expect(error, events).toMatchObject({ reason: "Full" });
            expect(String((error as Error).message)).toMatch(/free some space, or set DATA_DIR/);
            expect(readdirSync(path, { recursive: true }).sort()).toEqual(before);
          }
          expect((yield* rowsOf("raw/transactions")).map((row) => row.customer_id)).toEqual(["anna"]);
        }).pipe(
          Effect.provide([
            layerAt(join(path, "delta")),
            Layer.succeed(Sql, makeSql({ threads: 2, memoryMiB: 256, spillFolder: join(path, "spill") })),
            Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", path]]))),
          ]),
        );
      }).pipe(Effect.scoped),
    ),
  );
});

describe("preprocess on a small disk", () => {
  it.effect("says that it is full, leaves the last run's tables and no remains, and works again with space", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { path, mounted } = yield* smallDisk(1);
        if (!mounted) return console.warn("skipped: preprocess on a full disk, which needs the right to mount one");
        const { name, schema } = rawTransactions;
        const rows = Array.from({ length: 200_000 }, (_, i) => ({
          t_dat: 18_000 + (i % 700),
          customer_id: `user ${(i * 2_654_435_761) % 2 ** 32}`,
          article_id: `item ${(i * 104_729) % 5_003}`,
          timestamp: 1.5e9 + Math.sin(i * i) * 1e7,
        }));
        const put = (count: number) =>
          Effect.flatMap(Tables, (tables) =>
            tables.overwrite(name, schema, Stream.make(batchOf(schema, rows.slice(0, count)))),
          );
        const files = () =>
          readdirSync(path, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".parquet"));
        const on = (spillFolder: string) => engine({ threads: 2, memoryMiB: 128, spillFolder });
        yield* put(1000);
        yield* preprocess.pipe(Effect.provide(on(join(path, "spill"))));
        yield* put(rows.length);
        const before = yield* readTrainingData();
        // The tables have space, what is spilled has not.
        const error = yield* Effect.flip(preprocess.pipe(Effect.provide(on(join(path, "spill")))));
        expect(error).toMatchObject({ reason: "Full" });
        expect(error.message).toMatch(/free some space, or set DATA_DIR/);
        expect(files()).toEqual([]);
        expect(yield* readTrainingData()).toEqual(before);
        const elsewhere = join(path, "..", `spill-${process.pid}`);
        expect(yield* preprocess.pipe(Effect.provide(on(elsewhere)))).toMatchObject({ transactions: rows.length });
        expect(existsSync(elsewhere)).toBe(false);
      }).pipe(Effect.scoped),
    ),
  );
});

/** `import` on a disk that is full: while it unpacks, while it reads row by row, and while it writes a table. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { layerAt } from "../../layers/Tables/Local.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { inFolder, rowsOf } from "../batch/Fixture.ts";

const smallDisk = Effect.acquireRelease(
  Effect.promise(async () => {
    const path = await mkdtemp(join(tmpdir(), "intake-disk-"));
    const mounted =
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", path], { stdio: "ignore" }).status === 0;
    return { path, mounted };
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
        const { path, mounted } = yield* smallDisk;
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

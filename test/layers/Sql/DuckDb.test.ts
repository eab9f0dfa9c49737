import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Layer } from "effect";
import { make } from "../../../layers/Sql/DuckDb.ts";
import { Sql } from "../../../src/ports/Sql.ts";
import { sqlContract } from "../../contracts/Sql.ts";

sqlContract("DuckDb", (use) =>
  Effect.acquireUseRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "sql-"))),
    (folder) =>
      use({
        folder,
        layer: Layer.succeed(Sql, make({ threads: 2, memoryMiB: 128, spillFolder: join(folder, "spill") })),
      }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
  ),
);

/** The SQL engine on a disk that is full: while it spills, and while it writes a table. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { make as makeTables } from "../../layers/Tables/Local.ts";
import { overwriteTable } from "../../src/datasets/WriteTable.ts";
import { sql } from "../../src/ports/Statement.ts";
import { Tables } from "../../src/ports/Tables.ts";

const mount = (path: string): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", path], { stdio: "ignore" }).status === 0;

/** A disk of 8 MiB until the scope closes; nothing where none may be mounted. */
const smallDisk = Effect.acquireRelease(
  Effect.promise(async () => {
    const path = await mkdtemp(join(tmpdir(), "sql-disk-"));
    return { path, mounted: mount(path) };
  }),
  ({ path }) =>
    Effect.promise(async () => {
      spawnSync("umount", [path]);
      await rm(path, { recursive: true });
    }),
);

const schema = [{ name: "id", type: "string", nullable: false }] as const;
const table = { name: "t", schema };
const large = sql`SELECT sha256(i::VARCHAR) AS id FROM range(3000000) t(i)`;

describe("The SQL engine on a small disk", () => {
  it.scopedLive("says that it is full, leaves nothing behind, and goes on when there is room", () =>
    Effect.gen(function* () {
      const { path, mounted } = yield* smallDisk;
      if (!mounted) return console.warn("skipped: the SQL engine on a full disk, which needs the right to mount one");
      const tables = yield* makeTables(join(path, "delta"));
      yield* tables.append("t", schema, Stream.make({ rows: 1, columns: { id: ["kept"] } }));
      yield* Effect.gen(function* () {
        const session = yield* makeSql({ threads: 2, memoryMiB: 128, spillFolder: join(path, "spill") }).session;
        const spilling = session.run(sql`CREATE TABLE sorted AS SELECT * FROM (${large}) ORDER BY id`);
        const write = overwriteTable({ session, table, select: large });
        for (const full of [Effect.asVoid(spilling), Effect.asVoid(write)]) {
          const error = yield* Effect.flip(full);
          expect(error).toMatchObject({
            _tag: "SqlError",
            reason: "Full",
            message: expect.stringMatching(/^[^\n]*[^.\n]: free some space/),
          });
        }
        expect(yield* overwriteTable({ session, table, select: sql`SELECT ${"new"} AS id` })).toEqual({
          version: 1,
          rows: 1,
        });
      }).pipe(Effect.scoped, Effect.provideService(Tables, tables));
      expect(existsSync(join(path, "spill"))).toBe(false);
      expect(readdirSync(join(path, "delta/t")).filter((name) => name.endsWith(".parquet"))).toHaveLength(2);
      expect(yield* tables.snapshot("t")).toMatchObject({ rows: 1, version: 1 });
    }),
  );
});

/** The folder in which an engine spills: whose it is, what dead processes left, and where it cannot be made. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { type Identity, ownIdentity } from "../../../../layers/Processes/Identity.ts";
import { make } from "../../../../layers/Sql/DuckDb.ts";
import { sql } from "../../../../src/ports/Statement.ts";
import { temporaryFolder } from "../../Tables/temporary.ts";

const engineAt = (spillFolder: string) => make({ threads: 1, memoryMiB: 128, spillFolder });

describe("Spill", () => {
  it.scopedLive("takes away what dead processes left, however new, and nothing else", () =>
    Effect.gen(function* () {
      const root = join(yield* temporaryFolder, "spill");
      const { pid: dead = 0 } = spawnSync(process.execPath, ["-e", "0"]);
      const put = async (name: string, owner: Identity | string | undefined, days = 0) => {
        const folder = join(root, name);
        await mkdir(folder, { recursive: true });
        const files = ["spilt.tmp", ...(owner === undefined ? [] : ["owner.json"])];
        const content = typeof owner === "string" ? owner : JSON.stringify(owner);
        const time = new Date(Date.now() - days * 86_400_000);
        for (const file of files) {
          await writeFile(join(folder, file), file === "owner.json" ? content : "");
          await utimes(join(folder, file), time, time);
        }
        await utimes(folder, time, time);
      };
      yield* Effect.promise(async () => {
        await put("dead", { ...ownIdentity, pid: dead });
        await put("number used again", { ...ownIdentity, began: "1" });
        await put("nobody's, old", undefined, 2);
        await put("unreadable, old", "{", 2);
        await put("elsewhere, old", { ...ownIdentity, host: "another" }, 2);
        await put("at work, old", ownIdentity, 2);
        await put("nobody's", undefined);
        await put("unreadable", "{");
        await put("elsewhere", { ...ownIdentity, host: "another" });
      });
      yield* Effect.scoped(
        Effect.gen(function* () {
          const session = yield* engineAt(root).session;
          const file = yield* session.scratch("rows.csv");
          const own = file.slice(root.length + 1).split("/")[0];
          const left = yield* Effect.promise(() => readdir(root));
          expect(left.sort()).toEqual([own, "at work, old", "elsewhere", "nobody's", "unreadable"].sort());
          expect(existsSync(join(root, String(own), "owner.json"))).toBe(true);
          expect(file).not.toBe(yield* session.scratch("rows.csv"));
        }),
      );
      const left = yield* Effect.promise(() => readdir(root));
      expect(left.sort()).toEqual(["at work, old", "elsewhere", "nobody's", "unreadable"]);
    }),
  );

  it.scopedLive("answers what needs no file where it cannot be made, and else says what to do", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "file");
      yield* Effect.promise(() => writeFile(file, ""));
      const session = yield* engineAt(join(file, "spill")).session;
      yield* session.run(sql`CREATE TABLE t AS FROM range(3)`);
      expect(yield* Effect.flip(session.scratch("rows.csv"))).toMatchObject({
        _tag: "SqlError",
        reason: "Full",
        message: expect.stringMatching(
          /file\/spill\/.* cannot be written \(.*\): free some space, or set DATA_DIR to a folder/,
        ),
      });
    }),
  );
});

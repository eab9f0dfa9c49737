/** Delta tables on a disk that is full, read-only or forbidden, for real. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Effect, Stream } from "effect";
import { make } from "../../layers/Tables/Local.ts";
import type { Field } from "../../src/domain/Columns.ts";
import { TableError, type TablesService } from "../../src/ports/Tables.ts";
import { batchOf, rowsOf } from "../contracts/Tables.ts";

const numbers: ReadonlyArray<Field> = [
  { name: "id", type: "integer", nullable: false },
  { name: "name", type: "string", nullable: true },
];

const append = (tables: TablesService, ...ids: ReadonlyArray<number>) =>
  tables.append("t", numbers, Stream.make(batchOf(ids)));

const ids = (tables: TablesService) =>
  Effect.map(Stream.runCollect(tables.read("t")), (batches) =>
    rowsOf(numbers, Chunk.toReadonlyArray(batches)).map(([id]) => id),
  );

const files = (root: string) => Effect.promise(async () => (await readdir(root, { recursive: true })).sort());

const folder = Effect.acquireRelease(
  Effect.promise(async () => {
    const path = await mkdtemp(join(tmpdir(), "delta-disk-"));
    await chmod(path, 0o755);
    return path;
  }),
  (path) => Effect.promise(() => rm(path, { recursive: true })),
);

const isRoot = process.getuid?.() === 0;

const mount = (...args: ReadonlyArray<string>): boolean =>
  spawnSync("mount", ["-t", "tmpfs", ...args], { stdio: "ignore" }).status === 0;

const unmount = (path: string): void => {
  spawnSync("umount", [path]);
};

const tryMount = (): boolean => {
  const path = mkdtempSync(join(tmpdir(), "delta-mount-"));
  const mounted = isRoot && mount("tmpfs", path);
  if (mounted) unmount(path);
  rmdirSync(path);
  return mounted;
};

const canMount = tryMount();
if (!canMount) console.warn("skipped: tables on a full and on a read-only disk, which needs the right to mount one");

/** A disk of 1 MiB, until the scope closes. */
const smallDisk = Effect.tap(folder, (path) =>
  Effect.acquireRelease(
    Effect.sync(() => expect(mount("-o", "size=1m", "tmpfs", path)).toBe(true)),
    () => Effect.sync(() => unmount(path)),
  ),
);

const expectFull = (error: unknown, root: string, remedy: string): void => {
  expect(error).toBeInstanceOf(TableError);
  expect(error).toMatchObject({ reason: "Full", message: expect.stringContaining(root) });
  expect(String(error)).toContain(remedy);
};

describe.skipIf(!canMount)("Delta tables on a small disk", () => {
  it.scopedLive("say that it is full, stay as they were, and go on when there is room again", () =>
    Effect.gen(function* () {
      const root = yield* smallDisk;
      const tables = yield* make(root);
      yield* append(tables, 1);
      const before = yield* files(root);
      const noise = Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 0x9e3779b1));
      const batches = Stream.make(batchOf(noise));
      for (const write of [tables.append("t", numbers, batches), tables.overwrite("t", numbers, batches)]) {
        expectFull(yield* Effect.flip(write), root, "the disk is full");
        expect(yield* files(root)).toEqual(before);
        expect(yield* ids(tables)).toEqual([1]);
      }
      // To the last byte, so that not even a commit has room.
      const filler = join(root, "filler");
      yield* Effect.promise(() => writeFile(filler, new Uint8Array(2 ** 20)).catch(() => undefined));
      expectFull(yield* Effect.flip(append(tables, 2)), root, "the disk is full");
      const move = [{ appId: "writer", expected: undefined, next: 1n }];
      expectFull(yield* Effect.flip(tables.append("t", numbers, Stream.empty, move)), root, "the disk is full");
      expectFull(yield* Effect.flip(tables.writable("t")), root, "the disk is full");
      expect(yield* ids(yield* make(root))).toEqual([1]);
      yield* Effect.promise(() => rm(filler));
      expect(yield* files(root)).toEqual(before);
      yield* append(tables, 3);
      expect(yield* ids(yield* make(root))).toEqual([1, 3]);
    }),
  );

  it.scopedLive("can be read where it is read-only, and say so when they are to be written", () =>
    Effect.gen(function* () {
      const root = yield* smallDisk;
      const tables = yield* make(root);
      yield* append(tables, 1);
      expect(mount("-o", "remount,ro", "tmpfs", root)).toBe(true);
      yield* tables.writable("t").pipe(
        Effect.flip,
        Effect.map((error) => expectFull(error, root, "read-only")),
      );
      expectFull(yield* Effect.flip(append(tables, 2)), root, "read-only");
      expectFull(yield* Effect.flip(tables.append("new", numbers, Stream.empty)), root, "read-only");
      expect(yield* ids(yield* make(root))).toEqual([1]);
    }),
  );
});

describe("Delta tables of another user", () => {
  /** Root may write anywhere, so it is somebody else for a while. */
  const unprivileged = Effect.acquireRelease(
    Effect.sync(() => (isRoot ? process.seteuid?.(65_534) : undefined)),
    () => Effect.sync(() => (isRoot ? process.seteuid?.(0) : undefined)),
  );

  it.scopedLive("can be read, and say what is missing when they are to be written", () =>
    Effect.gen(function* () {
      const root = yield* folder;
      const tables = yield* make(root);
      yield* append(tables, 1);
      const paths = [root, join(root, "t"), join(root, "t/_delta_log")];
      const allow = (mode: number) => Effect.promise(() => Promise.all(paths.map((path) => chmod(path, mode))));
      yield* Effect.acquireRelease(allow(0o555), () => allow(0o755));
      yield* unprivileged;
      expectFull(yield* Effect.flip(append(tables, 2)), root, "permission denied");
      expectFull(yield* Effect.flip(tables.writable("t")), root, "permission denied");
      expectFull(yield* Effect.flip(tables.append("new", numbers, Stream.empty)), root, "permission denied");
      expect(yield* ids(yield* make(root))).toEqual([1]);
    }),
  );
});

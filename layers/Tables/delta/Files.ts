/** Files: durable small files, folders and random access to large ones, with the file system's errors told apart. */
import { type FileHandle, link, mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Effect, Option, type Scope } from "effect";
import type { AsyncBuffer } from "hyparquet";
import type { TableError } from "../../../src/ports/Tables.ts";
import { codeOf, damaged, io } from "./TableErrors.ts";

const absentIs = async <A>(run: () => Promise<A>, absent: A): Promise<A> => {
  try {
    return await run();
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return absent;
    return Promise.reject(cause);
  }
};

/** The names in a folder; none where there is no folder. */
export const listFolder = (table: string, path: string): Effect.Effect<ReadonlyArray<string>, TableError> =>
  io(table, path, () => absentIs(() => readdir(path), []));

export const readText = (table: string, path: string): Effect.Effect<Option.Option<string>, TableError> =>
  io(table, path, () => absentIs(async () => Option.some(await readFile(path, "utf8")), Option.none<string>()));

export interface FileIdentity {
  readonly inode: number;
  readonly modified: number;
  readonly size: number;
}

export const identify = (table: string, path: string): Effect.Effect<Option.Option<FileIdentity>, TableError> =>
  io(table, path, () =>
    absentIs(async () => {
      const { ino, mtimeMs, size } = await stat(path);
      return Option.some({ inode: ino, modified: mtimeMs, size });
    }, Option.none<FileIdentity>()),
  );

/** Best effort: what cannot be removed now is left to vacuum. */
export const removeQuietly = (paths: Iterable<string>): Effect.Effect<void> =>
  Effect.promise(() => Promise.allSettled(Array.from(paths, (path) => rm(path, { force: true, recursive: true }))));

/** Makes the names in a folder survive a power cut. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

export const persistNames = (table: string, folder: string): Effect.Effect<void, TableError> =>
  io(table, folder, () => syncFolder(folder));

/** One by one from the first that is missing: Node's recursive mkdir says ENOENT where the disk is read-only. */
const makeFolders = async (path: string, withParents = true): Promise<void> => {
  try {
    await mkdir(path);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return;
    if (codeOf(cause) !== "ENOENT" || !withParents) return Promise.reject(cause);
    await makeFolders(dirname(path));
    return makeFolders(path, false);
  }
  await syncFolder(dirname(path));
};

/** Makes a folder and its parents, durably. */
export const makeFolder = (table: string, path: string): Effect.Effect<void, TableError> =>
  io(table, path, () => makeFolders(path));

const writeDurably = async (path: string, content: string | Uint8Array): Promise<void> => {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
};

const noLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
const linkRemedy =
  "this file system has no hard links, which an atomic commit needs; set DATA_DIR to one that has them";

/**
 * Puts a whole file under `name`, unless there is one; answers whether it did. Nobody ever sees a part of it: the
 * content is written and synced beside it, then linked, which fails where the name exists. `persistNames` comes after.
 */
export const putIfAbsent = (
  table: string,
  folder: string,
  name: string,
  content: string | Uint8Array,
  temporary: string,
): Effect.Effect<boolean, TableError> => {
  const beside = join(folder, temporary);
  const target = join(folder, name);
  return io(table, target, async () => {
    try {
      await writeDurably(beside, content);
      try {
        await link(beside, target);
      } catch (cause) {
        if (codeOf(cause) === "EEXIST") return false;
        return await Promise.reject(noLinks.has(codeOf(cause) ?? "") ? new Error(linkRemedy, { cause }) : cause);
      }
    } finally {
      await rm(beside, { force: true });
    }
    return true;
  });
};

/** Writes a file and removes it again, to see whether that is possible. */
export const tryFile = (
  table: string,
  folder: string,
  name: string,
  content: Uint8Array,
): Effect.Effect<void, TableError> =>
  io(table, folder, async () => {
    const path = join(folder, name);
    try {
      await writeFile(path, content);
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  });

/** A file opened for reading, until the scope closes. */
export const openBuffer = (table: string, path: string): Effect.Effect<AsyncBuffer, TableError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(
      io(table, path, () => absentIs(() => open(path, "r"), undefined)),
      (file) => (file === undefined ? Effect.fail(damaged(table, path, "is missing")) : Effect.succeed(file)),
    ),
    (file) => Effect.promise(() => file.close()),
  ).pipe(
    Effect.flatMap((file) =>
      io(table, path, async () => {
        const { size } = await file.stat();
        return { byteLength: size, slice: (start, end = size) => readRange(file, start, end) };
      }),
    ),
  );

const readRange = async (file: FileHandle, start: number, end: number): Promise<ArrayBuffer> => {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) return Promise.reject(new Error(`the file ends at byte ${start + filled}`));
    filled += bytesRead;
  }
  return bytes.buffer;
};

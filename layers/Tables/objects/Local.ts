/** Objects in folders of this machine: an object is a file. */
import { randomUUID } from "node:crypto";
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Effect, Layer, Option, type Scope } from "effect";
import { codeOf, ObjectError, Objects, type ObjectsService, type Opened, type Upload } from "./Objects.ts";

const failed = (path: string) => (cause: unknown) => new ObjectError({ path, cause });

const io = <A>(path: string, run: () => Promise<A>): Effect.Effect<A, ObjectError> =>
  Effect.tryPromise({ try: run, catch: failed(path) });

const absentIs = async <A>(run: () => Promise<A>, absent: A): Promise<A> => {
  try {
    return await run();
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return absent;
    return Promise.reject(cause);
  }
};

const found = <A>(path: string, run: () => Promise<A>): Effect.Effect<Option.Option<A>, ObjectError> =>
  io(path, () => absentIs(async () => Option.some(await run()), Option.none<A>()));

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

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

/** Hidden, in the same folder. */
const beside = (path: string): string => join(dirname(path), `.${randomUUID()}.tmp`);

const writeDurably = async (path: string, content: Uint8Array): Promise<void> => {
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

/** The content is written and synced beside it, then linked, which fails where the name exists. */
const putIfAbsent = async (path: string, content: Uint8Array): Promise<boolean> => {
  const temporary = beside(path);
  try {
    await writeDurably(temporary, content);
    try {
      await link(temporary, path);
    } catch (cause) {
      if (codeOf(cause) === "EEXIST") return false;
      return await Promise.reject(noLinks.has(codeOf(cause) ?? "") ? new Error(linkRemedy, { cause }) : cause);
    }
  } finally {
    await rm(temporary, { force: true });
  }
  return true;
};

const put = async (path: string, content: Uint8Array): Promise<void> => {
  const temporary = beside(path);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
};

/** Until the scope closes. */
const opened = <A>(file: Effect.Effect<A, ObjectError>, close: (file: A) => Promise<void>) =>
  Effect.acquireRelease(file, (one) => Effect.promise(() => close(one)));

const readRange = async (path: string, file: FileHandle, start: number, end: number): Promise<ArrayBuffer> => {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file
      .read(bytes, filled, bytes.length - filled, start + filled)
      .catch((cause) => Promise.reject(failed(path)(cause)));
    if (bytesRead === 0) return Promise.reject(new Error(`the file ends at byte ${start + filled}`));
    filled += bytesRead;
  }
  return bytes.buffer;
};

const openAt = (path: string): Effect.Effect<Option.Option<Opened>, ObjectError, Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* opened(
      io(path, () => absentIs(() => open(path, "r"), undefined)),
      async (one) => one?.close(),
    );
    if (file === undefined) return Option.none();
    const { size } = yield* io(path, () => file.stat());
    return Option.some({ size, range: (start, end) => readRange(path, file, start, end) });
  });

const writeAll = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  let written = 0;
  while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
};

const create = (path: string): Effect.Effect<Upload, ObjectError, Scope.Scope> =>
  Effect.map(
    opened(
      io(path, () => open(path, "wx")),
      (file) => file.close(),
    ),
    (file) => {
      const told = (run: Promise<void>) => run.catch((cause) => Promise.reject(failed(path)(cause)));
      return {
        write: (bytes) => told(writeAll(file, bytes)),
        finish: () => told(file.sync().then(() => file.close())),
      };
    },
  );

/** Renames the folder first. */
const drop = async (folder: string): Promise<void> => {
  const parent = dirname(folder);
  const doomed = `.${basename(folder)}.dropped-`;
  await absentIs(() => rename(folder, join(parent, `${doomed}${randomUUID()}`)), undefined);
  const left = (await absentIs(() => readdir(parent), [])).filter((name) => name.startsWith(doomed));
  await Promise.allSettled(left.map((name) => rm(join(parent, name), { force: true, recursive: true })));
};

/** Makes the content of a file survive a power cut; answers its size. */
const sync = async (path: string): Promise<number> => {
  const file = await open(path, "r+");
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
};

export const local: ObjectsService = {
  get: (path) => found(path, () => readFile(path)),
  head: (path) =>
    found(path, async () => {
      const { ino, mtimeMs, size } = await stat(path);
      return { tag: `${ino} ${mtimeMs}`, modified: mtimeMs, size };
    }),
  open: openAt,
  list: (folder) =>
    io(folder, async () => {
      const entries = await absentIs(() => readdir(folder, { withFileTypes: true }), []);
      return entries.map((entry) => ({
        name: entry.name,
        kind: entry.isFile() ? "object" : entry.isDirectory() ? "folder" : "none",
      }));
    }),
  putIfAbsent: (path, content) => io(path, () => putIfAbsent(path, content)),
  put: (path, content) => io(path, () => put(path, content)),
  create,
  delete: (path) => io(path, () => rm(path, { force: true, recursive: true })),
  drop: (folder) => io(folder, () => drop(folder)),
  makeFolder: (folder) => io(folder, () => makeFolders(folder)),
  persistNames: (folder) => io(folder, () => syncFolder(folder)),
  fileOf: Effect.succeed,
  newFile: Effect.succeed,
  takeFile: (file) => io(file, () => sync(file)),
};

export const layer: Layer.Layer<Objects> = Layer.succeed(Objects, local);

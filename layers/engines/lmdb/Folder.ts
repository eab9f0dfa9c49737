/**
 * Folder: makes the store's folder and looks whether LMDB can work in it.
 *
 * LMDB's binding ends the process (a segmentation fault) where an environment cannot be opened; so whatever can be known
 * beforehand is asked here and told as an error: the folder, room and rights to write, the kind of the files in it.
 */
import { randomUUID } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Effect } from "effect";
import { mapSize } from "./Environment.ts";
import { isMeta, pageSizeOf } from "./Meta.ts";
import { type StoreError, storeError } from "./StoreError.ts";

const smallestPage = 512;
const largestPage = 65_536;

/** The reason why a data file of this size that begins so is no environment of this version. */
const flawOf = ({ head, size }: { readonly head: Buffer; readonly size: number }): string | undefined => {
  if (size === 0) return undefined;
  if (!isMeta(head, 0)) return "MDB_INVALID: data.mdb does not begin as a database of this version";
  const pageSize = pageSizeOf(head);
  // A file that is cut behind them is left to `Soundness.ts`: pages that were taken and given back in one commit are never
  // written, so that a sound file may lack any number of pages at its end.
  return pageSize < smallestPage || pageSize > largestPage || !isMeta(head, pageSize)
    ? "MDB_CORRUPTED: data.mdb lacks its second meta page"
    : undefined;
};

/** Opens as LMDB will; answers the file's size and its first pages, of no bytes where there is no such file. */
const headOf = (file: string): { readonly head: Buffer; readonly size: number } => {
  if (!existsSync(file)) return { head: Buffer.alloc(0), size: 0 };
  const descriptor = openSync(file, "r+");
  try {
    const { size } = fstatSync(descriptor);
    const head = Buffer.alloc(Math.min(size, 2 * largestPage));
    return { head: head.subarray(0, readSync(descriptor, head, 0, head.length, 0)), size };
  } finally {
    closeSync(descriptor);
  }
};

/** The reason why the map does not fit beside what this process (`vmSize` bytes) has, by the text of /proc/PID/limits. */
export const narrowness = (limits: string, vmSize: number): string | undefined => {
  const limit = /^Max address space\s+(\d+)/m.exec(limits)?.[1];
  return limit !== undefined && Number(limit) - vmSize < mapSize
    ? `ENOMEM: address space is limited to ${limit} bytes`
    : undefined;
};

/** Linux tells; elsewhere nothing is known. */
const ownNarrowness = (): string | undefined => {
  if (!existsSync("/proc/self/limits")) return undefined;
  const kibibytes = /^VmSize:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return narrowness(readFileSync("/proc/self/limits", "utf8"), Number(kibibytes ?? 0) * 1024);
};

/** The folder itself or the closest of its parents that is there. */
const nearest = (path: string): string => (existsSync(path) || dirname(path) === path ? path : nearest(dirname(path)));

export const prepareFolder = (path: string): Effect.Effect<void, StoreError> =>
  Effect.try({
    try: () => {
      // A folder that cannot be made on a read-only disk is said to be missing; its parent tells the true reason.
      accessSync(nearest(resolve(path)), constants.W_OK);
      mkdirSync(path, { recursive: true });
      const probe = join(path, `probe-${randomUUID()}`);
      try {
        writeFileSync(probe, Buffer.alloc(largestPage, 1));
      } finally {
        rmSync(probe, { force: true });
      }
      // Not opened: closing it would drop the locks that this process holds on it.
      const lock = join(path, "lock.mdb");
      if (existsSync(lock)) {
        if (!statSync(lock).isFile()) return "EISDIR: lock.mdb is no file";
        accessSync(lock, constants.R_OK | constants.W_OK);
      }
      return flawOf(headOf(join(path, "data.mdb"))) ?? ownNarrowness();
    },
    catch: (cause) => storeError(path, cause),
  }).pipe(Effect.flatMap((flaw) => (flaw === undefined ? Effect.void : Effect.fail(storeError(path, flaw)))));

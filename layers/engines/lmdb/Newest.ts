/**
 * Newest: makes sure that a write transaction builds on the newest commit.
 *
 * A process that opens an LMDB environment copies the number of the newest commit, as it read it some steps before, into
 * the lock file, whoever else has committed meanwhile (`mdb_env_open2` in mdb.c; OpenLDAP's ITS#9496, still in the
 * binding's 3.5.6). The next write transaction then builds on an older commit and overwrites the newer one: what was
 * acknowledged is lost. So every change asks here first, while it holds the writer's lock: the meta pages cannot change
 * then, and tell the truth. A number that was set back is put right in the lock file, and the change is tried again.
 *
 * Readers are safe meanwhile: an older number names the newest commit or the one before it, whose pages are still there.
 *
 * In the same place it is seen whether the file is still the store's: a compaction (`CompactFile.ts`) puts another into its
 * place while it holds the writer's lock, and what is written to the old one would be lost.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openRoot, type Root } from "./Environment.ts";
import { metaBytes, pageSizeOf, transactionOf } from "./Meta.ts";

/** Of the newest commit's number in the lock file, behind its magic number and format. */
const numberAt = 8;

export interface Newest {
  /** Within write transaction `transaction`: true if it must not be committed; the next one then starts right. */
  readonly isBehind: (transaction: number) => boolean;
  /** Within a write transaction: true if another file has taken the place of the one that this process has open. */
  readonly isReplaced: () => boolean;
  readonly close: () => void;
}

export const watchNewest = (folder: string): Newest => {
  const path = join(folder, "data.mdb");
  const data = openSync(path, constants.O_RDONLY);
  const { dev, ino } = fstatSync(data);
  const page = Buffer.alloc(metaBytes);
  readSync(data, page, 0, metaBytes, 0);
  const pageSize = pageSizeOf(page);

  const numberIn = (start: number): number => {
    readSync(data, page, 0, metaBytes, start);
    return transactionOf(page, 0);
  };

  return {
    isBehind: (transaction) => {
      const newest = Math.max(numberIn(0), numberIn(pageSize));
      if (transaction === newest + 1) return false;
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(BigInt(newest));
      // Never closed: that would drop the locks that this process holds on the file.
      writeSync(openSync(join(folder, "lock.mdb"), constants.O_RDWR), number, 0, 8, numberAt);
      return true;
    },
    isReplaced: () => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found !== undefined && (found.ino !== ino || found.dev !== dev);
    },
    close: () => closeSync(data),
  };
};

/**
 * Opens the environment too. The file is looked at before: opening waits for the writer's lock, and should another file take its
 * place meanwhile, the environment is the old one's, and must be known to be.
 */
export const openWatched = (folder: string): { readonly root: Root; readonly newest: Newest } => {
  const size = statSync(join(folder, "data.mdb"), { throwIfNoEntry: false })?.size ?? 0;
  const before = size > 0 ? watchNewest(folder) : undefined;
  try {
    const root = openRoot(folder);
    return { root, newest: before ?? watchNewest(folder) };
  } catch (cause) {
    before?.close();
    throw cause;
  }
};

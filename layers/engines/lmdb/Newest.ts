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
 */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { metaBytes, pageSizeOf, transactionOf } from "./Meta.ts";

/** Of the newest commit's number in the lock file, behind its magic number and format. */
const numberAt = 8;

export interface Newest {
  /** Within write transaction `transaction`: true if it must not be committed; the next one then starts right. */
  readonly isBehind: (transaction: number) => boolean;
  readonly close: () => void;
}

export const watchNewest = (folder: string): Newest => {
  const data = openSync(join(folder, "data.mdb"), constants.O_RDONLY);
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
    close: () => closeSync(data),
  };
};

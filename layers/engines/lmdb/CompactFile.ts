/**
 * CompactFile: writes the store's data file anew, with what is in its tables and nothing else.
 *
 * LMDB keeps the bytes of what is removed: in pages that are free, between the entries of those that are not, and as keys that
 * divide pages. Its own compacting copy takes the last two over. So every entry is put into a new file, by a process that has seen
 * no other bytes, and the file takes the place of the old one.
 *
 * All of it happens within one write transaction on the old file, which keeps writers of all processes out and changes nothing. Who has the
 * store open is noted in the folder before they open it: where somebody has, nothing is done. Who comes meanwhile waits
 * (`Compaction.ts`), at the latest for the writer's lock, finds that the file is another (`Newest.ts`), and opens that. A process that is killed leaves the old
 * file or the new one, whole, and the lock free.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { ABORT } from "lmdb";
import { ownIdentity } from "../../Processes/Identity.ts";
import { readNote, writeNote } from "./CompactionNote.ts";
import { findTable, openRoot, openTable, type Root, type Table, type TableName, tableNames } from "./Environment.ts";
import { openWatched } from "./Newest.ts";
import { holdersOf, noteClosed } from "./Openings.ts";

export type Compacted =
  /** Bytes of the file. */
  | { readonly _tag: "Done"; readonly before: number; readonly after: number }
  /** Who has the store open. */
  | { readonly _tag: "Open"; readonly holders: ReadonlyArray<string> }
  /** Bytes that the disk must have free beside the store, and has. */
  | { readonly _tag: "NoRoom"; readonly needed: number; readonly free: number }
  | { readonly _tag: "Failed"; readonly message: string };

/** What has been done, in this order. */
export const steps = ["begun", "copied", "synced", "renamed", "noted", "tidied"] as const;
export type Step = (typeof steps)[number];

/** Where the new file is made; what a killed process left there is of no use to anybody. */
const besides = (folder: string): string => join(folder, "anew");

const bytesPerCommit = 32 * 2 ** 20;
const spare = 16 * 2 ** 20;
const mostAttempts = 20;

interface Stats {
  readonly pageSize: number;
  readonly entryCount: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

const statsOf = (table: Table): Stats => table.getStats() as Stats;

const bytesOf = ({ overflowPages, pageSize, treeBranchPageCount, treeLeafPageCount }: Stats): number =>
  pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);

const synced = (path: string): void => {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Puts all entries of `from`, in their order, into `to`, a few megabytes per commit. */
const copyTable = (from: Table, into: Root, to: Table): void => {
  const entries = from.getRange()[Symbol.iterator]();
  let next = entries.next();
  while (next.done !== true) {
    into.transactionSync(() => {
      for (let bytes = 0; next.done !== true && bytes < bytesPerCommit; next = entries.next()) {
        const { key, value } = next.value;
        to.putSync(key, value, { append: true });
        bytes += key.length + value.length;
      }
    });
  }
};

type Tables = ReadonlyArray<readonly [TableName, Table]>;

/** Answers the reason why the copy is not the same, if it is not. */
const copyTables = (tables: Tables, folder: string): string | undefined => {
  const anew = openRoot(folder, { noSync: true });
  for (const [name, table] of tables) {
    const copy = openTable(anew, name);
    copyTable(table, anew, copy);
    const [told, copied] = [statsOf(table).entryCount, statsOf(copy).entryCount];
    if (told !== copied) return `of ${told} entries of table ${name}, ${copied} were copied`;
  }
  // Not closed: its files are moved and removed, and this process ends.
  return undefined;
};

/** What a killed process has left; for whoever holds the writer's lock. */
export const removeRemains = (folder: string): void => {
  try {
    rmSync(besides(folder), { recursive: true, force: true });
  } catch {
    // Room on the disk is all that it costs.
  }
};

export interface Surroundings {
  /** Told each step once it is done. */
  readonly at: (step: Step) => void;
  /** Of the disk on which the folder is. */
  readonly freeBytes: (folder: string) => number;
}

const real: Surroundings = {
  at: () => {},
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
};

/** Within the write transaction. */
const compactHeld = (folder: string, tables: Tables, { at, freeBytes }: Surroundings): Compacted => {
  const began = Date.now() / 1000;
  const holders = holdersOf(folder);
  if (holders.length > 0) return { _tag: "Open", holders };
  const anew = besides(folder);
  removeRemains(folder);
  const file = join(folder, "data.mdb");
  const { gid, mode, size: before, uid } = statSync(file);
  const needed = tables.reduce((bytes, [, table]) => bytes + bytesOf(statsOf(table)), spare);
  const free = freeBytes(folder);
  if (free < needed) return { _tag: "NoRoom", needed, free };
  writeNote(folder, { ...readNote(folder), begun: began, by: ownIdentity });
  at("begun");
  mkdirSync(anew);
  const flaw = copyTables(tables, anew);
  if (flaw !== undefined) {
    removeRemains(folder);
    return { _tag: "Failed", message: flaw };
  }
  at("copied");
  const made = join(anew, "data.mdb");
  const own = statSync(made);
  if (own.uid !== uid || own.gid !== gid) chownSync(made, uid, gid);
  chmodSync(made, mode);
  synced(made);
  at("synced");
  renameSync(made, file);
  synced(folder);
  at("renamed");
  noteClosed(folder);
  writeNote(folder, { done: began });
  at("noted");
  removeRemains(folder);
  at("tidied");
  return { _tag: "Done", before, after: statSync(file).size };
};

/** The names of tables end with a zero byte. */
const nameOf = (key: Uint8Array): string => Buffer.from(key).toString().replace(/\0$/, "");

/** For a process of its own, which ends when it has the answer: it waits for the disk, and its old file stays open. */
export const compactFile = (folder: string, surroundings: Surroundings = real): Compacted => {
  const { newest, root } = openWatched(folder);
  const tables: Tables = tableNames.flatMap((name) => {
    const table = findTable(root, name);
    return table === undefined ? [] : [[name, table] as const];
  });
  const strange = Array.from(root.getKeys(), nameOf).filter((name) => !tableNames.some((known) => known === name));
  if (strange.length > 0) return { _tag: "Failed", message: `it holds what this version does not know: ${strange}` };
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const found: { answer?: Compacted } = {};
    root.transactionSync(() => {
      if (newest.isReplaced()) found.answer = { _tag: "Failed", message: "another process compacts it" };
      else if (!newest.isBehind(root.getWriteTxnId())) found.answer = compactHeld(folder, tables, surroundings);
      return ABORT;
    });
    if (found.answer !== undefined) return found.answer;
  }
  return { _tag: "Failed", message: "other processes keep opening it" };
};

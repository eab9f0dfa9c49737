/**
 * walk: `node walk.js FOLDER` looks through a store, in a process of its own, since LMDB's binding ends the process that
 * meets a damaged page. Exit code 0: sound, as far as can be seen. 3: damaged, stdout says how. A signal: damaged.
 *
 * Every page of every table is touched, and the entries are counted against what the table says of itself; a commit that
 * changes nothing in the end touches the list of free pages. Values have no checksums: what is written over the inside of
 * one is not seen.
 */
import { writeSync } from "node:fs";
import { ABORT } from "lmdb";
import { findTable, openRoot, type Root, type Table, tableNames } from "./Environment.ts";
import { watchNewest } from "./Newest.ts";

/** Larger than most runs of free pages, so that many of them are looked at. */
const trialBytes = 256 * 1024;
const trialKey = Buffer.from("\u0000trial");
const mostAttempts = 20;

const damaged = (what: string): never => {
  writeSync(1, what);
  return process.exit(3);
};

const walk = (name: string, table: Table): void => {
  const told = (table.getStats() as { readonly entryCount: number }).entryCount;
  let met = 0;
  for (const _ of table.getRange()) met++;
  if (met !== told) damaged(`MDB_CORRUPTED: table ${name} has ${told} entries, of which ${met} can be reached`);
};

const commit = (root: Root, table: Table, folder: string): void => {
  const newest = watchNewest(folder);
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const done = root.transactionSync(() => {
      if (newest.isBehind(root.getWriteTxnId())) return ABORT;
      table.putSync(trialKey, Buffer.alloc(trialBytes));
      table.removeSync(trialKey);
      return true;
    });
    if (done === true) return;
  }
};

const check = (folder: string): void => {
  const root = openRoot(folder);
  const tables = tableNames.flatMap((name) => {
    const table = findTable(root, name);
    return table === undefined ? [] : [[name, table] as const];
  });
  for (const [name, table] of tables) walk(name, table);
  const last = tables.at(-1);
  if (last !== undefined) commit(root, last[1], folder);
};

try {
  check(process.argv[2] ?? "");
  // Not closed: that has nothing to do here, and could wait.
  process.exit(0);
} catch (cause) {
  damaged(cause instanceof Error ? cause.message : String(cause));
}

/**
 * compact: `node compact.js FOLDER` compacts a store, in a process of its own: LMDB's binding ends the process that meets a
 * damaged page, and this one has no bytes in its memory but those that it copies. It prints a line of JSON, a `Compacted`.
 */
import { writeSync } from "node:fs";
import { type Compacted, compactFile } from "./CompactFile.ts";

const folder = process.argv[2] ?? "";

const attempt = (): Compacted => {
  try {
    return compactFile(folder);
  } catch (cause) {
    return { _tag: "Failed", message: cause instanceof Error ? cause.message : String(cause) };
  }
};

writeSync(1, JSON.stringify(attempt()));
// Nothing is closed: the file that is open has gone, or is another's.
process.exit(0);

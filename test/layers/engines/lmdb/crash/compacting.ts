/**
 * A process that compacts a store and is killed once a step is done: `node compacting.js FOLDER STEP`. Instead of a step: `no room`; `held`
 * or a path: once it has begun, it waits for somebody to have the store open, or for that file.
 */
import { existsSync, statfsSync } from "node:fs";
import { compactFile } from "../../../../../layers/engines/lmdb/CompactFile.ts";
import { holdersOf } from "../../../../../layers/engines/lmdb/Openings.ts";

const [folder = "", last] = process.argv.slice(2);

const at = (step: string): void => {
  if (step === last) process.kill(process.pid, "SIGKILL");
  if (step !== "begun" || last === undefined) return;
  const isThere = (): boolean =>
    last.includes("/") ? existsSync(last) : last !== "held" || holdersOf(folder).length > 0;
  while (!isThere()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
};

const freeBytes = (): number => (last === "no room" ? 1 : statfsSync(folder).bavail * statfsSync(folder).bsize);

process.stdout.write(JSON.stringify(compactFile(folder, { at, freeBytes })));
process.exit(0);

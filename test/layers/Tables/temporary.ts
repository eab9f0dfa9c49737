/** A folder for one test's tables, deleted with its scope. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";

export const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "tables-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true })),
);

/** A store in a folder of its own, which goes with the scope. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Layer } from "effect";
import { layerAt } from "../../../../layers/engines/lmdb/Store.ts";

export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "slipstream-store-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
);

export const temporaryStore = Layer.unwrapScoped(Effect.map(temporaryFolder, layerAt));

/** Artifact: where the build put a file, seen from the bundle in dist/ and from the sources alike. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const candidates = (folder: string, name: string): ReadonlyArray<string> => {
  const here = [join(folder, name), join(folder, "dist", name)];
  const parent = dirname(folder);
  return parent === folder ? here : [...here, ...candidates(parent, name)];
};

/** The path of e.g. `kernels/topk.wasm` or `worker.js`. Where it was not built: the path it should have had. */
export const artifactPath = (name: string): string => {
  const paths = candidates(dirname(fileURLToPath(import.meta.url)), name);
  return paths.find((path) => existsSync(path)) ?? join("dist", name);
};

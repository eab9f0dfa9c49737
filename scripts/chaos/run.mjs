// Bundles scripts/chaos/Main.ts next to the build and runs it: node scripts/chaos/run.mjs --seed 7 --minutes 2 --rate 200.
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { build } from "../build.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const outfile = join(root, "dist/chaos/main.mjs");
await build({ ifStale: true });
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ["scripts/chaos/Main.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
});
// In this process, so that signals reach it.
await import(pathToFileURL(outfile).href);

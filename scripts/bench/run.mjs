// Bundles scripts/bench/NAME.ts next to the build and runs it: node scripts/bench/run.mjs NAME [its own flags].
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { build } from "../build.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [name, ...flags] = process.argv.slice(2);
const outfile = join(root, "dist/bench", `${name}.js`);
await build({ ifStale: true });
await esbuild.build({
  absWorkingDir: root,
  entryPoints: [`scripts/bench/${name}.ts`],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
});
process.exitCode = spawnSync(process.execPath, [outfile, ...flags], { stdio: "inherit" }).status ?? 1;

// Builds dist/: the kernels (AssemblyScript to WebAssembly), the bundled programs and the console's page. `--if-stale` skips what is up to date,
// `--clean` begins with an empty folder.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

const files = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => files(join(path, name))) : [path];

const consoleSources = join(root, "src/console");

/** The console's sources count where they are named alone: the programs hold none of them. */
const fingerprint = (paths) => {
  const hash = createHash("sha256");
  const counted = (path) => files(path).filter((file) => path === consoleSources || !file.startsWith(consoleSources));
  for (const file of paths.flatMap((path) => counted(join(root, path))).sort()) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest("hex");
};

/** Runs `make` unless the stamp file already holds the fingerprint of `sources`. */
const step = async (name, sources, ifStale, make) => {
  const stamp = join(dist, `.${name}`);
  const now = fingerprint(sources);
  if (ifStale && existsSync(stamp) && readFileSync(stamp, "utf8") === now) return;
  const started = Date.now();
  await make();
  writeFileSync(stamp, now);
  console.error(`built ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
};

// The tools are loaded only when there is something to build: a start with nothing to do takes no time.
const bundle = async () => {
  const esbuild = await import("esbuild");
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: {
      main: "src/main.ts",
      worker: "src/worker.ts",
      answerer: "src/answerer.ts",
      walk: "layers/engines/lmdb/walk.ts",
      compact: "layers/engines/lmdb/compact.ts",
    },
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "chunks/[name]-[hash]",
    external: [
      "@duckdb/node-api",
      "@duckdb/node-bindings",
      "lmdb",
      "undici",
      "ws",
      "mime",
      "kafkajs",
      "ioredis",
      "@qdrant/js-client-rest",
      "csv-parse",
    ],
    logLevel: "warning",
  });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { snippet: "src/snippet/Page.ts" },
    outdir: "dist",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    logLevel: "warning",
  });
};

/** In a process of its own, beside the bundle. */
const kernels = () =>
  new Promise((resolve, reject) => {
    const words = [join(root, "scripts/kernels.mjs"), join(root, "src/kernels/assembly"), join(dist, "kernels")];
    const child = spawn(process.execPath, words, { stdio: ["ignore", 2, 2] });
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`the kernels are not built: ${signal ?? `exit code ${code}`}`)),
    );
  });

const page = async () => {
  const { makeConsole } = await import("./console.mjs");
  await makeConsole(join(dist, "console"));
};

const client = async () => {
  const { makeClientFiles } = await import("./client.mjs");
  await makeClientFiles(dist);
};

export const build = async ({ ifStale }) => {
  mkdirSync(join(dist, "kernels"), { recursive: true });
  await Promise.all([
    step("kernels", ["src/kernels/assembly", "scripts/kernels.mjs", "package-lock.json"], ifStale, kernels),
    step("console", ["src/console", "scripts/console.mjs", "package-lock.json"], ifStale, page),
    step("bundle", ["src", "layers", "scripts/build.mjs", "package-lock.json"], ifStale, bundle),
    // For those who install the package: a start does without it.
    ...(ifStale ? [] : [step("client", [], false, client)]),
  ]);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Parts of earlier bundles are left for programs that still run by them, but belong in no package.
  if (process.argv.includes("--clean")) rmSync(dist, { recursive: true, force: true });
  await build({ ifStale: process.argv.includes("--if-stale") });
}

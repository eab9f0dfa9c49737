// Measures `generate` at a size: node scripts/bench/generate.mjs [customers articles transactions [folder]]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = new URL("../..", import.meta.url).pathname;
const [customers = 20_000, articles = 5_000, transactions = 600_000] = process.argv.slice(2, 5).map(Number);
const work = await mkdtemp(join(tmpdir(), "slipstream-generate-"));
try {
  const outfile = join(work, "run.mjs");
  await build({
    stdin: {
      contents: `
        export { generateShop } from "./src/simulation/Generate.ts";
        export { usualUntil } from "./src/simulation/Calendar.ts";
        export { parseDay } from "./src/domain/Day.ts";
        export { Progress } from "./src/ports/Progress.ts";
        export { NodeContext } from "@effect/platform-node";
        export { Effect, Layer } from "effect";`,
      resolveDir: root,
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "error",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const { generateShop, parseDay, usualUntil, Progress, NodeContext, Effect, Layer } = await import(
    pathToFileURL(outfile).href
  );
  const folder = process.argv[5] ?? join(work, "raw");
  const start = performance.now();
  const cpu = process.cpuUsage();
  const summary = await Effect.runPromise(
    generateShop({
      folder,
      seed: 42,
      customers,
      articles,
      transactions,
      days: 734,
      until: parseDay(usualUntil),
      overwrite: true,
    }).pipe(Effect.provide(Layer.merge(NodeContext.layer, Progress.layerSilent))),
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify(summary));
  console.log(
    `${seconds.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of processor), ${Math.round(transactions / seconds).toLocaleString("en")} transactions/s, ` +
      `${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`,
  );
} finally {
  await rm(work, { recursive: true, force: true });
}

// Writes the tables of commands into README.md, of settings into CONFIGURATION.md and of metrics into OPERATIONS.md: `npm run readme`. Tests hold them together.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

mkdirSync("dist", { recursive: true });
const bundle = "dist/.readme.mjs";
await esbuild.build({
  stdin: {
    contents: `export * from "./src/cli/Table.ts"; export { adapters } from "./layers/Settings.ts";
export * from "./src/vitals/MetricsTable.ts";`,
    resolveDir: ".",
    loader: "ts",
  },
  outfile: bundle,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
});
const { adapters, commandsTable, metricsTable, settingsTable } = await import(pathToFileURL(bundle));
rmSync(bundle);

const replace = (text, name, table) => {
  const [before, rest] = text.split(`<!-- ${name} -->\n`);
  const [, after] = rest.split(`<!-- /${name} -->`);
  return `${before}<!-- ${name} -->\n${table}\n<!-- /${name} -->${after}`;
};
const rewrite = (file, name, table) => writeFileSync(file, replace(readFileSync(file, "utf8"), name, table));

rewrite("README.md", "commands", commandsTable());
rewrite("CONFIGURATION.md", "settings", settingsTable(adapters));
rewrite("OPERATIONS.md", "metrics", metricsTable());

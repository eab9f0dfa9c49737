// Writes the tables of commands and settings into the README: `npm run readme`. A test holds them together.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

mkdirSync("dist", { recursive: true });
const bundle = "dist/.readme.mjs";
await esbuild.build({
  entryPoints: ["src/cli/Table.ts"],
  outfile: bundle,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
});
const { commandsTable, settingsTable } = await import(pathToFileURL(bundle));
rmSync(bundle);

const replace = (text, name, table) => {
  const [before, rest] = text.split(`<!-- ${name} -->\n`);
  const [, after] = rest.split(`<!-- /${name} -->`);
  return `${before}<!-- ${name} -->\n${table}\n<!-- /${name} -->${after}`;
};
const readme = readFileSync("README.md", "utf8");
writeFileSync("README.md", replace(replace(readme, "commands", commandsTable()), "settings", settingsTable()));

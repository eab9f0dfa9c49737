// Writes the settings into the README's configuration table: `npm run readme`. A test holds the two together.
import { readFileSync, writeFileSync } from "node:fs";
import * as esbuild from "esbuild";

const { outputFiles } = await esbuild.build({
  stdin: { contents: 'export * from "./src/config/Table.ts"', resolveDir: process.cwd() },
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
const { settingsTable } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
);
const readme = readFileSync("README.md", "utf8");
const [before, rest] = readme.split("<!-- settings -->\n");
const [, after] = rest.split("<!-- /settings -->");
writeFileSync("README.md", `${before}<!-- settings -->\n${settingsTable()}\n<!-- /settings -->${after}`);

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { commandsTable, settingsTable } from "../../src/cli/Table.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

it("shows every command and setting as it is (`npm run readme` writes the tables)", () => {
  // Not `toContain`, which would print the whole README.
  expect(readme.includes(commandsTable()), "commands").toBe(true);
  expect(readme.includes(settingsTable()), "settings").toBe(true);
});

it("names every folder of src and layers in the module map", () => {
  for (const top of ["src", "layers"]) {
    for (const name of readdirSync(join(root, top))) {
      if (statSync(join(root, top, name)).isDirectory()) expect(readme).toContain(`${top}/${name}/`);
    }
  }
});

it("names only npm scripts that exist", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const named = [...readme.matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

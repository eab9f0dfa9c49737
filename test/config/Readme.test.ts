import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { adapters } from "../../layers/Settings.ts";
import { exitCodes } from "../../src/cli/ExitCode.ts";
import { commandsTable, settingsTable } from "../../src/cli/Table.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");
const guides = readdirSync(root).filter((name) => name.endsWith(".md"));

it("shows every command, setting and exit code as it is (`npm run readme` writes the tables)", () => {
  // Not `toContain`, which would print the whole file.
  expect(read("README.md").includes(commandsTable()), "commands").toBe(true);
  expect(read("CONFIGURATION.md").includes(settingsTable(adapters)), "settings").toBe(true);
  expect(read("README.md").replaceAll(/\s+/g, " ").includes(exitCodes), "exit codes").toBe(true);
});

it("is the front door: short, with a way to every guide", () => {
  const readme = read("README.md");
  expect(readme.split("\n").length).toBeLessThan(200);
  for (const name of guides.filter((guide) => guide !== "README.md")) expect(readme).toContain(`](${name})`);
});

it("has a map that names every folder of src and layers, and no file that there is not", () => {
  const map = read("ARCHITECTURE.md");
  for (const top of ["src", "layers"]) {
    for (const name of readdirSync(join(root, top))) {
      if (!statSync(join(root, top, name)).isDirectory()) continue;
      expect(map.includes(`${top}/${name}/`) || map.includes(`\`${name}/\``), `${top}/${name}`).toBe(true);
    }
  }
  const named = [...map.matchAll(/`([a-z]+\/[\w/]+\.ts)`/g)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(30);
  const lost = named.filter(
    (name) => !name.includes("GROUP") && !existsSync(join(root, name)) && !existsSync(join(root, "src", name)),
  );
  expect(lost).toEqual([]);
});

it("names only npm scripts that exist, and links only to files that do", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const texts = guides.filter((name) => name !== "CHANGELOG.md").map(read);
  const named = texts.flatMap((text) => [...text.matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1]));
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
  const links = texts.flatMap((text) => [...text.matchAll(/\]\(([^):#]+)\)/g)].map((match) => match[1] ?? ""));
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});

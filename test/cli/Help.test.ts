import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "@effect/vitest";
import { adapters } from "../../layers/Settings.ts";
import { withPaths } from "../../src/cli/Command.ts";
import { commands } from "../../src/cli/Commands.ts";
import { firstPage, page } from "../../src/cli/Help.ts";
import { settingsWith } from "../../src/cli/Settings.ts";

const settingsOf = settingsWith(adapters);

const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

it("the first page names every command and where to start, in plain text", () => {
  const text = firstPage("1.2.3", commands);
  for (const { about, name } of commands) expect(text).toMatch(new RegExp(`^  ${name} +${about.slice(0, 20)}`, "m"));
  expect(text).toMatch(/^Slipstream 1\.2\.3/);
  expect(text).toContain("node dist/main.js all-in-one ");
  for (const code of [0, 1, 64, 65, 130, 143]) expect(text).toMatch(new RegExp(`Exit codes:[^]*\\b${code} `));
  expect(widest(text)).toBeLessThanOrEqual(120);
});

it("messages and pages name no flag that a command does not have", async () => {
  const known = new Map(
    withPaths(commands).map(([path, command]) => [path, settingsOf(command).map(({ flag }) => flag)]),
  );
  const mentioned: Array<readonly [path: string, flag: string]> = [];
  for (const file of await readdir("src", { recursive: true })) {
    if (!file.endsWith(".ts")) continue;
    for (const [, path = "", flag = ""] of (await readFile(`src/${file}`, "utf8")).matchAll(
      /`([a-z]+(?: [a-z-]+)?) --([a-z-]+)/g,
    )) {
      if (flag !== "help") mentioned.push([path, flag]);
    }
  }
  expect(mentioned.length).toBeGreaterThan(0);
  for (const [path, flag] of mentioned) expect(known.get(path), `${path} --${flag}`).toContain(flag);
});

describe.each(withPaths(commands))("the page of %s", (path, command) => {
  const text = page("1.2.3", path, command, adapters);

  it("tells what it does, its words, and each flag with its variable, values and default", () => {
    const words = text.replaceAll(/\s+/g, " ");
    expect(words).toContain(`${path}: ${command.about}`);
    for (const { name } of command.operands ?? []) expect(words).toContain(`${path} ${name} [--flag value …]`);
    for (const { about, name } of command.steps ?? []) expect(words).toContain(`${name} ${about}`);
    for (const { allowed, description, env, fallback, flag } of settingsOf(command)) {
      const values = fallback === "" ? allowed : `${allowed}; default ${fallback}`;
      expect(words).toContain(` --${flag} ${description} [${env}: ${values}]`);
    }
  });

  it("fits a window and has no colours", () => {
    expect(widest(text)).toBeLessThanOrEqual(120);
    expect(text).not.toContain("\u001b");
  });
});

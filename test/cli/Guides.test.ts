/** What guides, scripts and messages tell people to type can be typed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { Either } from "effect";
import { adapters } from "../../layers/Settings.ts";
import { commands } from "../../src/cli/Commands.ts";
import { firstPage } from "../../src/cli/Help.ts";
import { read } from "../../src/cli/Words.ts";

const files = (folder: string, ...endings: ReadonlyArray<string>): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.includes("node_modules") && endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(folder, name));

const guides = readdirSync(".").filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md");

/** Each with what names the place, for the message. */
const texts: ReadonlyArray<readonly [place: string, text: string]> = [
  ["first page", firstPage("1.2.3", commands)],
  ...[
    ...guides,
    "docker-compose.yml",
    "Dockerfile",
    "package.json",
    ...files("src", ".ts"),
    ...files("layers", ".ts"),
    ...files("scripts/examples", ".sh", ".mjs"),
  ].map((file) => [file, readFileSync(file, "utf8")] as const),
];

interface Line {
  readonly place: string;
  readonly role: string;
  readonly words: ReadonlyArray<string>;
}

/** `ROLE=role … node dist/main.js words`, up to where a shell, a sentence or two spaces end it; templates are left out. */
const linesIn = (place: string, text: string): ReadonlyArray<Line> =>
  Array.from(
    text
      .replaceAll(/\s*\\\n\s*/g, " ")
      .replaceAll(/"[^"\n]*\$[^"\n]*"/g, "VALUE")
      .matchAll(/(?:ROLE=(\w[\w-]*)[^\n`]*?)?node dist\/main\.js(?=[ `"\n])([^\n`'"&|}#()<;:,…]*)/g),
    ([, role = "", words = ""]) => ({
      place,
      role,
      words:
        words
          .trim()
          .split(/ {2,}/)[0]
          ?.split(" ")
          .filter((word) => word !== "") ?? [],
    }),
  ).filter(({ role, words }) => ![role, ...words].some((word) => word.includes("$") || word === "COMMAND"));

const lines = texts.flatMap(([place, text]) => linesIn(place, text));

it("are found", () => {
  expect(new Set(lines.map(({ place }) => place)).size).toBeGreaterThan(5);
  expect(lines.length).toBeGreaterThan(12);
});

it.each(lines)("$place: ROLE=$role, $words", ({ role, words }) => {
  const request = read(words, new Map([["ROLE", role]]), adapters);
  expect(Either.isRight(request) ? [] : request.left.problems).toEqual([]);
});

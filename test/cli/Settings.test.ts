import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { adapters } from "../../layers/Settings.ts";
import { secretsIn } from "../../src/cli/Run.ts";
import { allSettings } from "../../src/cli/Settings.ts";

/** Where a setting is declared: its variable, after the flag where that is shorter. */
const declaration =
  /\b(?:boolean|choice|column|duration|integer|list|number|secret|spelled|text)\(\s*(?:"[a-z-]+",\s*)?"([A-Z][A-Z_]*)"/g;

it("every setting that is declared, wherever it stands, is registered once", () => {
  const declared = ["src", "layers"].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(top, name), "utf8"))
      .filter((text) => text.includes('/Setting.ts"'))
      .flatMap((text) => Array.from(text.matchAll(declaration), ([, env]) => env)),
  );
  expect(declared.length).toBeGreaterThan(100);
  expect(
    allSettings(adapters)
      .map(({ env }) => env)
      .sort(),
  ).toEqual(declared.sort());
});

it("secrets are known whole, and that within an address by itself; short ones are syllables", () => {
  const texts = {
    REDIS_URL: "redis://ann:p%40ssword@db",
    KAFKA_PASSWORD: "open-sesame",
    QDRANT_API_KEY: "abc",
    HOST: "db",
  };
  expect(secretsIn(adapters, new Map(Object.entries(texts)))).toEqual([
    "open-sesame",
    "redis://ann:p%40ssword@db",
    "p@ssword",
  ]);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { dataFolderAt } from "../../src/config/DataFolder.ts";

it("has a place below it for each thing, none for two", () => {
  const { root, ...places } = dataFolderAt("some/data");
  expect(root).toBe("some/data");
  for (const place of Object.values(places)) expect(place).toMatch(/^some\/data\/\w/);
  expect(new Set(Object.values(places)).size).toBe(Object.keys(places).length);
});

it("is the only reader of DATA_DIR, so that no path is joined elsewhere", () => {
  const readers = ["src", "layers"].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: "utf8" })
      .map((name) => join(top, name))
      .filter((file) => file.endsWith(".ts") && /\bdataDir\b/.test(readFileSync(file, "utf8"))),
  );
  expect(readers).toEqual(["src/config/DataFolder.ts"]);
});

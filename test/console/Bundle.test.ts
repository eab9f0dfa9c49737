/** What a browser loads for the console: it stays small, and names what it holds. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../dist/console");

/** Of all pages together; the map of items, which is loaded by itself, is not counted. */
const most = 90_000;

describe("the console's bundle", () => {
  const names = readdirSync(join(folder, "assets"));

  it("is under 90 kB gzip without the map", () => {
    const sizes = names
      .filter((name) => !/^Map/.test(name))
      .map((name) => ({ name, bytes: gzipSync(readFileSync(join(folder, "assets", name))).length }));
    const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
    console.log(`${sizes.map(({ bytes, name }) => `${name} ${bytes}`).join(", ")}: ${sum} B gzip`);
    expect(sum).toBeLessThan(most);
  });

  it("names each file by what it holds, so that a browser may keep it for good", () => {
    for (const name of names) expect(name).toMatch(/^\w+-[\w-]{8}\.(?:js|css|svg)$/);
  });

  it("says nothing of where it was built, wherever that was", () => {
    for (const name of names) {
      const text = readFileSync(join(folder, "assets", name), "utf8");
      expect(text, name).not.toMatch(/fileName:|\.tsx?\b/);
      expect(text, name).not.toContain(dirname(dirname(folder)));
    }
  });

  it("has no script, style or handler in the page itself, and nothing from another host", () => {
    const page = readFileSync(join(folder, "index.html"), "utf8");
    expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) expect(address).toMatch(/^\/console\/assets\//);
  });
});

/** The examples under scripts/examples, run one after the other as the guides tell. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { start, temporaryFolder } from "./process.ts";

const root = join(import.meta.dirname, "../..");

it("import a shop, tell of a purchase, and recommend what is left", async () => {
  const { path, remove } = temporaryFolder();
  const env = { PATH: process.env.PATH, EXAMPLE_DIR: path };
  const example = (command: string, name: string, args: ReadonlyArray<string>, more = {}) => {
    const options = { cwd: root, encoding: "utf8", env: { ...env, ...more } } as const;
    const { status, stderr, stdout } = spawnSync(command, [`scripts/examples/${name}`, ...args], options);
    expect(stderr).not.toContain("rror");
    expect(status).toBe(0);
    return stdout.trim();
  };
  try {
    example("sh", "import.sh", []);
    const server = start(["all-in-one"], { DATA_DIR: path, PORT: "0" });
    try {
      await expect.poll(server.output, { timeout: 30_000, interval: 50 }).toContain("Slipstream is ready");
      const base = /http:\/\/127\.0\.0\.1:\d+/.exec(server.output())?.[0];
      const where = { SLIPSTREAM_URL: base };
      const token = example(process.execPath, "post-events.mjs", ["ann", "mug", "purchase"], where);
      const left = example(process.execPath, "recommend.mjs", ["ann", "9", token], where);
      const items = left.split("\n").map((line) => line.split("\t").slice(0, 2));
      expect(items).toEqual([["cup", "Cup"]]);
    } finally {
      server.child.kill("SIGTERM");
      await server.exit;
    }
  } finally {
    remove();
  }
});

/** Keys as their operator has them: commands and a server as processes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run, smallShop, start, temporaryFolder } from "./process.ts";
import { serve } from "./serving.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const keys = (words: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  run(["keys", ...words], { DATA_DIR: folder.path, ...env });

describe("keys", () => {
  it("are made, listed and removed by commands, and shown once", async () => {
    expect((await keys([])).stdout).toMatch(/There is no .*keys add NAME/);
    const made = await keys(["add", "shop", "--scopes", "read,write"]);
    expect(made.stdout).toMatch(/^slip_[\w-]{43}\n$/);
    expect(made.stderr).toMatch(/API_KEYS=shop:read\+write:[\da-f]{64}:\d{4}-\d\d-\d\d/);
    const key = made.stdout.trim();
    expect((await keys(["list"])).stdout).toMatch(/shop +read,write +\d{4}-\d\d-\d\d +[\da-f]{12}/);
    expect((await keys(["list"])).stdout).not.toContain(key);
    expect(await keys(["add", "shop"])).toMatchObject({ code: 1, stdout: "" });
    expect(await keys(["add", "x", "--scopes", "all"])).toMatchObject({ code: 64, stdout: "" });
    expect((await keys(["remove", "shop"])).stdout).toMatch(/Removed shop/);
    expect((await keys(["list"])).stdout).not.toMatch(/shop/);
  });

  it("are wanted where others reach the server, unless it may do without: then it warns", async () => {
    const beyond = { HOST: "0.0.0.0", PORT: "0", DATA_DIR: join(folder.path, "open"), LOG_FORMAT: "logfmt" };
    const refused = await run(["api"], beyond);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toMatch(/error: HOST=0\.0\.0\.0 .*keys add NAME.*API_OPEN=true/);
    const shown = await run(["api"], { ...beyond, API_KEYS: "slip_my-secret" });
    expect(shown.code).toBe(64);
    expect(shown.stderr).toMatch(/API_KEYS cannot be used/);
    expect(shown.stderr).not.toMatch(/my-secret/);
    const open = start(["api"], { ...beyond, API_OPEN: "true" });
    while (!/listening on/.test(open.output()) && open.child.exitCode === null) await new Promise(setImmediate);
    expect(open.output()).toMatch(/level=WARN .*there are no keys.*API_OPEN=true/);
    open.child.kill("SIGTERM");
    expect((await open.exit).code).toBe(0);
  });

  it("come and go while the server runs, and are in no file and no log", async () => {
    const key = (await keys(["add", "first"])).stdout.trim();
    const service = await serve({ DATA_DIR: folder.path, ...smallShop });
    const status = async (shown: string) =>
      (await fetch(`${service.url}/recommend/1`, { headers: { authorization: `Bearer ${shown}` } })).status;
    expect(service.program.output()).toMatch(/Callers need a key.*authorization: Bearer KEY/);
    expect(await status("")).toBe(401);
    expect(await status(key)).toBe(200);
    const next = (await keys(["add", "second", "--scopes", "read"])).stdout.trim();
    while ((await status(next)) !== 200);
    const click = JSON.stringify({ user_id: "1", item_id: "0100000001", event_type: "click" });
    const headers = { "content-type": "application/json", "x-api-key": next };
    expect((await fetch(`${service.url}/events`, { method: "POST", headers, body: click })).status).toBe(403);
    const admin = (await keys(["add", "ops", "--scopes", "admin"])).stdout.trim();
    const forget = () =>
      fetch(`${service.url}/users/someone-private`, { method: "DELETE", headers: { "x-api-key": admin } });
    while ((await forget()).status !== 202);
    await keys(["remove", "first"]);
    while ((await status(key)) !== 401);
    expect(await status(next)).toBe(200);
    writeFileSync(join(folder.path, "keys"), "nonsense");
    expect((await service.stop()).code).toBe(0);
    // Who administers is in the log, and never whom it was about.
    expect(service.program.output()).toMatch(/message="DELETE \/users\/:user_id".*key=ops/);
    for (const secret of [key, next]) expect(service.program.output()).not.toContain(secret);
  });
});

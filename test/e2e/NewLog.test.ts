import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "@effect/vitest";
import { run, smallShop, temporaryFolder } from "./process.ts";
import { serve, warnings } from "./serving.ts";
import { archivedEvents } from "./upgraded.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

it("with the store moved away, and the tables kept, begins a new log at its beginning: each event once, one warning", {
  timeout: 180_000,
}, async () => {
  const dataDir = join(folder.path, "data");
  const environment = { ...smallShop, DATA_DIR: dataDir, PARTITIONS: "4" };
  expect((await run(["generate"], environment)).code).toBe(0);

  const before = await serve(environment);
  const old = await before.post("old", 700);
  // At once: what was accepted is archived, long before it is due.
  expect((await before.stop()).code).toBe(0);
  expect(await archivedEvents(dataDir)).toHaveLength(700);

  renameSync(join(dataDir, "store"), join(folder.path, "store away"));
  const after = await serve(environment);
  const asked = Date.now();
  expect(await after.caughtUp(old)).toBe(false);
  expect(Date.now() - asked).toBeLessThan(5000);
  const young = await after.post("new", 200);
  expect(await after.caughtUp(young)).toBe(true);
  expect(await after.processed()).toBe(200);
  expect((await after.stop()).code).toBe(0);
  expect(await archivedEvents(dataDir)).toHaveLength(900);
  expect(warnings(after)).toHaveLength(1);
  expect(warnings(after)[0]).toMatch(/archiving event log [\w-]+ from its beginning/);

  const again = await serve(environment);
  expect(await again.caughtUp(young)).toBe(true);
  expect(await again.caughtUp(await again.post("again", 50))).toBe(true);
  expect(await again.processed()).toBe(50);
  expect((await again.stop()).code).toBe(0);
  expect(await archivedEvents(dataDir)).toHaveLength(950);
  expect(warnings(again)).toEqual([]);
});

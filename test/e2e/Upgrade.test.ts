import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "@effect/vitest";
import { start, temporaryFolder } from "./process.ts";
import { archivedEvents, expectAnswersKept, patientSettings, settled } from "./upgraded.ts";

const fixture = join(import.meta.dirname, "../fixtures/v0.1.0/embedded");
const folder = temporaryFolder();
afterAll(folder.remove);

it("opens a folder of version 0.1.0: every event is applied and archived once, and answers stay as they were", {
  timeout: 120_000,
}, async () => {
  const dataDir = join(folder.path, "data");
  cpSync(fixture, dataDir, { recursive: true });
  const program = start(["all-in-one"], { DATA_DIR: dataDir, ...patientSettings });
  try {
    const url = await settled(program);
    await expectAnswersKept(url, readFileSync(join(fixture, "answers.jsonl"), "utf8"));
  } finally {
    program.child.kill("SIGTERM");
  }
  expect((await program.exit).code).toBe(0);
  expect(await archivedEvents(dataDir)).toHaveLength(67);
});

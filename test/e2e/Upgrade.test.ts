import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "@effect/vitest";
import { version as current } from "../../package.json";
import { run, start, temporaryFolder } from "./process.ts";
import { archivedEvents, expectAnswersKept, patientSettings, settled } from "./upgraded.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

it.each(["v0.1.0", "v0.2.0"])(
  "opens a folder of %s: every event is applied and archived once, and answers stay as they were",
  {
    timeout: 120_000,
  },
  async (version) => {
    const fixture = join(import.meta.dirname, "../fixtures", version, "embedded");
    const dataDir = join(folder.path, version);
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
    expect(JSON.parse(readFileSync(join(dataDir, "format.json"), "utf8"))).toMatchObject({
      format: 4,
      writtenBy: current,
    });
  },
);

it("refuses a folder of a later version on every command that opens it, and leaves it as it is", {
  timeout: 120_000,
}, async () => {
  const dataDir = join(folder.path, "later");
  mkdirSync(dataDir);
  const later = '{"format":5,"writtenBy":"0.4.0"}';
  writeFileSync(join(dataDir, "format.json"), later);
  for (const words of [["all-in-one"], ["batch"], ["generate"], ["models"], ["evaluate"], ["archiver"]]) {
    const { code, stderr } = await run(words, { DATA_DIR: dataDir, PORT: "0" });
    expect(code, words.join(" ")).toBe(1);
    expect(stderr).toContain(`${join(dataDir, "format.json")} says that Slipstream 0.4.0 wrote here, in format 5`);
    expect(stderr).toContain("start version 0.4.0 or a later one, or set DATA_DIR to another place");
  }
  expect(readdirSync(dataDir)).toEqual(["format.json"]);
  expect(readFileSync(join(dataDir, "format.json"), "utf8")).toBe(later);
});

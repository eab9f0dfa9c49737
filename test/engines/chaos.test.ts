/** `npm run chaos` for a minute and a half, as a person would type it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "@effect/vitest";

const command = join(import.meta.dirname, "../../scripts/chaos/run.mjs");

/** Runs it to its end; ends it in order where the test gives it up. */
const chaos = (flags: ReadonlyArray<string>, signal: AbortSignal) =>
  new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    const child = spawn(process.execPath, [command, ...flags], { signal, killSignal: "SIGTERM" });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", () => {});
    child.on("close", (code) => resolve({ code, output }));
  });

it("holds every invariant while roles, broker and Redis are killed, stopped and paused", { timeout: 420_000 }, async ({
  signal,
}) => {
  const { code, output } = await chaos(["--seed", "7", "--minutes", "1", "--rate", "150"], signal);
  expect(code, output).toBe(0);
  expect(output).toContain("all 13 invariants held");
  for (const fault of ["updater killed", "updater paused", "archiver killed", "broker", "redis"]) {
    expect(output, output).toMatch(new RegExp(`^  ${fault}.*  [1-9]`, "m"));
  }
});

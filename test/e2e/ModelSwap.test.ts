import { afterAll, expect, it } from "@effect/vitest";
import { run, smallShop, start, temporaryFolder } from "./process.ts";
import { swapUnderLoad, until } from "./swapping.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

it("swaps models and back under load, in one process with embedded stores: no gap, no mixture, nothing forgotten", {
  timeout: 120_000,
}, async () => {
  const environment = {
    ...smallShop,
    DATA_DIR: `${folder.path}/data`,
    PARTITIONS: "4",
    PORT: "0",
    LOG_FORMAT: "logfmt",
    // What the test computes of its own.
    LEARNER: "ema",
    EXPLORE_SHARE: "0",
    ARCHIVE_FLUSH_AGE: "300 millis",
  };
  expect((await run(["generate"], environment)).code).toBe(0);
  const batch = await run(["batch"], environment);
  expect(batch.code, batch.stderr).toBe(0);

  const service = start(["all-in-one"], environment);
  try {
    const url = () => /API: (http:\S+)\/docs/.exec(service.output())?.[1];
    await until("the API tells its address", () => url() !== undefined || service.child.exitCode !== null);
    const users = Array.from({ length: 300 }, (_, user) => String(user));
    const { events, requests } = await swapUnderLoad(environment, url() ?? service.output(), users);
    expect(requests).toBeGreaterThan(200);
    expect(events).toBeGreaterThan(200);
    service.child.kill("SIGTERM");
    const { code, signal, stderr } = await service.exit;
    expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  } finally {
    service.child.kill("SIGKILL");
  }
});

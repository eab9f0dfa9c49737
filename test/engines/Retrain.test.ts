/** Learning again by itself: beside requests, in a process of low priority that never outlives its parent. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { type Running, run, smallShop, start, temporaryFolder } from "../e2e/process.ts";
import { serve } from "../e2e/serving.ts";
import { until, wait } from "../e2e/swapping.ts";
import { freePorts } from "./servers.ts";

const folder = temporaryFolder();
const started: Array<Running> = [];
afterAll(() => {
  for (const { child } of started) child.kill("SIGKILL");
  folder.remove();
});

const shop = { DATA_DIR: join(folder.path, "shop"), PARTITIONS: "2", LOG_FORMAT: "logfmt", ALS_ITERATIONS: "2" };
/** So that a batch is still at work when something is done to it. */
const endless = { ...shop, ALS_ITERATIONS: "1000", ALS_RANK: "128" };

beforeAll(async () => {
  expect((await run(["generate"], { ...shop, ...smallShop })).code).toBe(0);
  expect((await run(["batch"], shop)).code).toBe(0);
});

/** Ended with the tests, where one of them has not done so. */
const begin = (...args: Parameters<typeof start>): Running => {
  const running = start(...args);
  started.push(running);
  return running;
};

const childrenOf = (pid: number | undefined): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
};

/** Niceness of every thread: field 19 of its stat. */
const niceness = (pid: number): ReadonlyArray<number> =>
  readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  });

/** The batch that is training under a process. */
const training = async ({ child, output }: Running): Promise<number> => {
  await until("a batch trains", () => output().includes("iterations") || output().includes("learning again failed"));
  const [pid] = childrenOf(child.pid);
  expect(pid, output()).toBeDefined();
  return pid ?? 0;
};

interface Told {
  readonly model: string;
  readonly retraining: {
    readonly plan: string;
    readonly running_since: string | null;
    readonly last: { readonly outcome: string; readonly model: string | null; readonly detail: string | null } | null;
  };
}

const health = async (url: string): Promise<Told> => (await (await fetch(`${url}/health/ready`)).json()) as Told;

it("all-in-one learns again and switches while requests are answered", { timeout: 120_000 }, async () => {
  const service = await serve({ ...shop, BATCH_EVERY: "2 seconds", ARCHIVE_FLUSH_AGE: "100 millis" });
  started.push(service.program);
  const first = (await health(service.url)).model;
  const statuses = new Map<number, number>();
  let going = true;
  const asking = Promise.all(
    [1, 2, 3].map(async (client) => {
      for (let i = client; going; i += 3) {
        const { status } = await fetch(`${service.url}/recommend/${i % 400}?k=5`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // Without anything new no model is made.
        if (i % 30 === client) await service.post(`event-${i}`, 1);
        // A shop's own pace: the batch takes the time that requests leave.
        await wait(20);
      }
    }),
  );
  const seen = new Set<string>();
  await until("two more models serve", async () => {
    seen.add((await health(service.url)).model);
    return seen.size >= 3;
  });
  going = false;
  await asking;
  expect([...statuses.keys()]).toEqual([200]);
  expect(seen).toContain(first);
  const { retraining } = await health(service.url);
  expect(retraining).toMatchObject({ plan: "every 2s", last: { outcome: "done", detail: null } });
  expect(retraining.last?.model).not.toBeNull();
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^slipstream_retraining_runs_total\{outcome="done"\} \d+$/m);
  expect(metrics).toMatch(/^slipstream_retraining_next_timestamp_seconds \d+/m);
  expect(service.program.output()).toContain("trained model");
  expect(service.program.output()).toContain("learnt again: model");
  expect((await service.stop()).code).toBe(0);
});

describe("a batch that was run by itself", () => {
  const retrain = () => begin(["retrain", "--batch-every", "1 second"], endless);

  it("has a low priority in every thread, and is stopped in order", { timeout: 60_000 }, async () => {
    const process = retrain();
    const batch = await training(process);
    expect([...new Set(niceness(batch))]).toEqual([10]);
    process.child.kill("SIGTERM");
    const exit = await process.exit;
    expect(exit.code, process.output()).toBe(0);
    expect(isAlive(batch)).toBe(false);
    expect(existsSync(join(shop.DATA_DIR, "turn.json"))).toBe(false);
  });

  it("ends with its parent, also where that is killed", { timeout: 60_000 }, async () => {
    const process = retrain();
    const batch = await training(process);
    process.child.kill("SIGKILL");
    await process.exit;
    await until("the batch is gone", () => !isAlive(batch));
    expect(existsSync(join(shop.DATA_DIR, "turn.json"))).toBe(false);
  });

  it("that is killed is told, and waits for the next time", { timeout: 60_000 }, async () => {
    const process = begin(["retrain", "--batch-every", "1 second"], { ...endless, HEALTH_PORT: "0" });
    globalThis.process.kill(await training(process), "SIGKILL");
    await until("it is told", () =>
      process.output().includes("learning again failed: it was killed; the next time is 2"),
    );
    await until("it is run again", () => childrenOf(process.child.pid).length > 0);
    process.child.kill("SIGINT");
    expect((await process.exit).code).toBe(0);
  });
});

describe("the role", () => {
  it("tells on its page what went wrong, and what to do", { timeout: 60_000 }, async () => {
    const bare = { DATA_DIR: join(folder.path, "bare"), LOG_FORMAT: "logfmt", HEALTH_PORT: String(freePorts(1)[0]) };
    const process = begin(["retrain"], { ...bare, BATCH_EVERY: "2 seconds" });
    let told: Told | undefined;
    await until("a batch failed", async () => {
      told = await health(`http://127.0.0.1:${bare.HEALTH_PORT}`).catch(() => undefined);
      return (told?.retraining.last ?? null) !== null;
    });
    expect(told?.retraining.last).toMatchObject({ outcome: "failed", model: null });
    expect(told?.retraining.last?.detail).toMatch(/transactions_train/);
    expect(process.output()).not.toMatch(/^error: /m);
    process.child.kill("SIGTERM");
    expect((await process.exit).code).toBe(0);
  });

  it("needs to know when, and not twice", async () => {
    const never = await run(["retrain"], shop);
    expect([never.code, never.stderr]).toEqual([
      64,
      "error: `retrain` needs --batch-every (or BATCH_EVERY) or --batch-at (or BATCH_AT)\n",
    ]);
    const twice = await run(["retrain", "--batch-at", "03:00"], { ...shop, BATCH_EVERY: "1 day" });
    expect(twice.code).toBe(64);
    expect(twice.stderr).toContain("drop BATCH_AT to learn every 1d, or BATCH_EVERY to learn daily at 03:00");
    expect((await run(["retrain", "--batch-at", "3:00"], shop)).stderr).toContain(
      "allowed: a time of day from 00:00 to 23:59",
    );
  });

  it("names its time zone", async () => {
    const process = begin(["retrain", "--batch-at", "03:00"], { ...shop, TZ: "Europe/Berlin" });
    await until("it says when", () => process.output().includes("learning again daily at 03:00 (Europe/Berlin)"));
    expect(process.output()).toMatch(/the next time is \d{4}-\d\d-\d\d 03:00:00 \+0[12]:00/);
    process.child.kill("SIGTERM");
    expect((await process.exit).code).toBe(0);
  });
});

it("of several that are due at once one learns", { timeout: 60_000 }, async () => {
  const since = new Date().toISOString();
  const ends = await Promise.all([1, 2].map(() => run(["batch", "--unless-since", since], shop)));
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  expect(ends.filter(({ stderr }) => stderr.includes("there is nothing to do"))).toHaveLength(1);
});

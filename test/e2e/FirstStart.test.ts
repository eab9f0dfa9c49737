/** Two processes on one empty folder: one makes the shop and the model, the other waits, or takes over from the dead. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "@effect/vitest";
import { type Running, run, smallShop, start, temporaryFolder } from "./process.ts";

const folders: Array<() => void> = [];
afterEach(() => {
  for (const remove of folders.splice(0)) remove();
});

const newFolder = (): string => {
  const { path, remove } = temporaryFolder();
  folders.push(remove);
  return path;
};

const until = async (what: string, holds: () => boolean, ...running: ReadonlyArray<Running>): Promise<void> => {
  for (let i = 0; i < 900 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(holds(), `${what}:\n${running.map(({ output }) => output()).join("\n---\n")}`).toBe(true);
};

const isReady = ({ output }: Running): boolean => output().includes("Slipstream is ready");
const trained = ({ output }: Running): number => output().split("trained model").length - 1;

const settings = (dataDir: string) => ({ DATA_DIR: dataDir, PORT: "0", LOG_FORMAT: "logfmt", ...smallShop });

const stop = async (...running: ReadonlyArray<Running>): Promise<void> => {
  for (const { child } of running) child.kill("SIGTERM");
  for (const { exit, output } of running) expect((await exit).code, output()).toBe(0);
};

it("two first starts at once make one shop and one model, and both serve it", { timeout: 120_000 }, async () => {
  const dataDir = newFolder();
  const two = [1, 2].map(() => start(["all-in-one"], settings(dataDir)));
  await until("both serve", () => two.every(isReady), ...two);
  expect(two.map(trained).sort()).toEqual([0, 1]);
  const waiting = two.find((one) => trained(one) === 0);
  expect(waiting?.output()).toMatch(/another process \(\d+\) is making the first model/);
  expect(readdirSync(join(dataDir, "raw")).sort()).toEqual(["articles.csv", "customers.csv", "transactions_train.csv"]);
  expect(existsSync(join(dataDir, "turn.json"))).toBe(false);
  await stop(...two);
});

it("a first shop ends yesterday, and later starts leave it as it is", { timeout: 120_000 }, async () => {
  const dataDir = newFolder();
  const file = join(dataDir, "raw", "transactions_train.csv");
  const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const before = yesterday();
  const first = start(["all-in-one"], settings(dataDir));
  await until("it serves", () => isReady(first), first);
  const made = readFileSync(file, "utf8");
  expect([before, yesterday()]).toContain(made.trimEnd().split("\n").at(-1)?.slice(0, 10));
  await stop(first);
  // Another day would give other files.
  const later = start(["all-in-one"], {
    ...settings(dataDir),
    GENERATE_UNTIL: "2021-01-31",
    GENERATE_OVERWRITE: "true",
  });
  await until("it serves again", () => isReady(later), later);
  expect(later.output()).not.toContain("made a shop");
  expect(trained(later)).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(made);
  await stop(later);
});

it("a second start goes on where a killed one was", { timeout: 120_000 }, async () => {
  const dataDir = newFolder();
  const first = start(["all-in-one"], settings(dataDir));
  await until("the first is at work", () => first.output().includes("made a shop"), first);
  const second = start(["all-in-one"], settings(dataDir));
  await until("the second waits", () => isReady(first) || second.output().includes("waiting for its end"), second);
  first.child.kill("SIGKILL");
  await first.exit;
  await until("the second serves", () => isReady(second), second);
  await stop(second);
});

it("two that make a shop do not undo each other: the second says that it is there", { timeout: 60_000 }, async () => {
  const dataDir = newFolder();
  const ends = await Promise.all([1, 2].map(() => run(["generate"], settings(dataDir))));
  expect(ends.map(({ code }) => code).sort()).toEqual([0, 1]);
  expect(ends.find(({ code }) => code === 1)?.stderr).toContain("exists and may be a real shop's");
  expect(readdirSync(join(dataDir, "raw"))).toHaveLength(3);
});

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { type Running, run, smallShop, start, temporaryFolder } from "../e2e/process.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const shop = join(folder.path, "shop");
beforeAll(async () => {
  expect((await run(["generate"], { DATA_DIR: shop, ...smallShop })).code).toBe(0);
});

const until = async (process: Running, happened: () => boolean) => {
  while (!happened() && process.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Sends the signal once `happened`; answers how the command ended. */
const stopped = async (process: Running, signal: "SIGINT" | "SIGTERM", happened: () => boolean) => {
  await until(process, happened);
  expect(process.child.exitCode, process.output()).toBeNull();
  process.child.kill(signal);
  return process.exit;
};

const settings = { LOG_LEVEL: "info", LOG_FORMAT: "logfmt" };

describe("a command with an end, stopped before it, says so", () => {
  it("generate", async () => {
    const raw = join(folder.path, "large", "raw");
    const process = start(["generate", "--scale", "hm"], { DATA_DIR: join(folder.path, "large"), ...settings });
    const exit = await stopped(process, "SIGINT", () => existsSync(raw) && readdirSync(raw).length > 0);
    expect(exit.code, exit.stderr).toBe(130);
  });

  it("batch, which then runs through", async () => {
    const process = start(["batch", "--als-iterations", "1000"], { DATA_DIR: shop, ...settings });
    const trainData = join(shop, "delta", "processed", "train_data");
    const exit = await stopped(process, "SIGTERM", () => existsSync(trainData));
    expect(exit.code, exit.stderr).toBe(143);
    const again = await run(["batch"], { DATA_DIR: shop });
    expect(again.code, again.stderr).toBe(0);
  });

  it("evaluate", async () => {
    const process = start(["evaluate", "--als-iterations", "1000"], { DATA_DIR: shop, ...settings });
    const exit = await stopped(process, "SIGINT", () => process.output() !== "");
    expect(exit.code, exit.stderr).toBe(130);
  });
});

describe("a service that was told to stop ended well", () => {
  const services = [
    { words: ["archiver"], signal: "SIGTERM", says: "archiving" },
    { words: ["updater"], signal: "SIGINT", says: "up to date" },
    { words: ["producer"], signal: "SIGTERM", says: "shoppers" },
    { words: ["api", "--port", "0"], signal: "SIGINT", says: "listening" },
  ] as const;
  it.each(services)("$words.0 by $signal", async ({ words, signal, says }) => {
    const process = start(words, { DATA_DIR: shop, ...settings });
    const exit = await stopped(process, signal, () => process.output().includes(says));
    expect(exit.code, exit.stderr).toBe(0);
  });
});

it("a failure is 1, with a sentence", async () => {
  const exit = await run(["batch"], { DATA_DIR: join(folder.path, "empty") });
  expect([exit.code, exit.stdout]).toEqual([1, ""]);
  expect(exit.stderr).toMatch(/^error: /m);
});

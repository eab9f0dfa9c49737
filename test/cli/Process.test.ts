import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@effect/vitest";
import { main, run, start, temporaryFolder } from "../e2e/process.ts";

const folder = temporaryFolder();
afterAll(folder.remove);
let folders = 0;
const fresh = () => join(folder.path, String(folders++));

const shop = { GENERATE_CUSTOMERS: "30", GENERATE_ARTICLES: "10", GENERATE_TRANSACTIONS: "100", GENERATE_DAYS: "5" };

describe("what cannot be used ends with sentences, code 64, and nothing done", () => {
  it.each([
    {
      words: ["batch", "--als-rank", "7", "train"],
      says: ['--als-rank is "7"; allowed: whole number from 8 to 256, a multiple of 8'],
    },
    {
      words: ["updater", "--nonsense"],
      says: ["`updater` has no flag `--nonsense`; see `node dist/main.js updater --help`"],
    },
    {
      words: ["trian"],
      says: ["there is no command `trian`: did you mean `batch train`?; see `node dist/main.js help`"],
    },
    { words: ["api", "--port", "abc"], says: ['--port is "abc"; allowed: whole number from 0 to 65535'] },
    {
      words: ["generate"],
      env: { LEARNING_RATE: "fast", DEBOUNCE: "-5 seconds", ALS_RANK: "", REDIS_URL: "redis://a:hunter2@b@c" },
      says: [
        'LEARNING_RATE is "fast"; allowed: number from 0 to 1',
        'DEBOUNCE is "-5 seconds"; allowed: duration from 0 seconds to 1 day (a number and ms, s, min, h, d or w, as in `300 s` or `5 minutes`)',
        expect.stringMatching(
          /^REDIS_URL cannot be used \(its value may hold a secret and is not shown\); allowed: redis:/,
        ),
      ],
    },
    {
      words: [],
      env: { ROLE: "updatr" },
      says: [expect.stringMatching(/^ROLE is "updatr"; allowed: help, all-in-one, /)],
    },
    {
      words: ["import", "--events", "x.csv"],
      says: [expect.stringMatching(/^--user \(or IMPORT_USER\) is missing: /), expect.stringMatching(/^--item \(or /)],
    },
  ])("$words", async ({ env, says, words }) => {
    const DATA_DIR = fresh();
    const { code, stderr, stdout } = await run(words, { DATA_DIR, ...env });
    expect(
      stderr
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^error: /, "")),
    ).toEqual(says);
    expect(stderr.match(/^error: /gm)).toHaveLength(says.length);
    expect([code, stdout]).toEqual([64, ""]);
    expect(stderr).not.toMatch(/hunter2|\[object|provided map/);
    expect(existsSync(DATA_DIR)).toBe(false);
  });
});

describe("an empty variable is unset", () => {
  it("ROLE: the first page", async () => {
    const { code, stderr, stdout } = await run([], { ROLE: "" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Usage: node dist/main.js COMMAND");
  });

  it("DATA_DIR: the folder `data`, not the working folder", () => {
    const cwd = fresh();
    mkdirSync(cwd);
    const { status, stderr } = spawnSync(process.execPath, [main, "generate"], { cwd, env: { ...shop, DATA_DIR: "" } });
    expect(status, String(stderr)).toBe(0);
    expect(readdirSync(cwd)).toEqual(["data"]);
  });

  it("HOST and PORT: 127.0.0.1:8000, or the flag", async () => {
    const api = start(["api", "--port", "0"], {
      DATA_DIR: fresh(),
      HOST: "",
      PORT: "",
      LEARNING_RATE: "",
      LOG_FORMAT: "",
    });
    while (!api.output().includes("listening on") && api.child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(api.output()).toMatch(/listening on http:\/\/127\.0\.0\.1:\d+$/m);
    expect(api.output()).not.toMatch(/SIGTERM|stopped/);
    api.child.kill("SIGTERM");
    const { code, stderr } = await api.exit;
    expect(code).toBe(0);
    expect(stderr).toMatch(/SIGTERM: finishing what is under way, then it stops\n(.*\n)*.*stopped in order$/m);
    expect(stderr.match(/SIGTERM|stopped in order/g)).toHaveLength(2);
  });
});

it("warns of variables that look like settings, once, and goes on", async () => {
  const { code, stderr } = await run(["generate"], {
    DATA_DIR: fresh(),
    ...shop,
    ALS_RNAK: "8",
    KAFKA_BROKER: "db:9092",
    REDIS_PORT: "tcp://10.0.0.1:6379",
    LOG_FORMAT: "logfmt",
  });
  expect(code, stderr).toBe(0);
  const [warning, ...more] = stderr.split("\n").filter((line) => line.includes("level=WARN"));
  expect(more).toEqual([]);
  expect(warning).toContain("ALS_RNAK (did you mean ALS_RANK?), KAFKA_BROKER (did you mean KAFKA_BROKERS?)");
  expect(warning).not.toMatch(/REDIS_PORT|db:9092/);
});

it.each([[[]], [["batch", "--help"]], [["generate"]], [["nonsense"]]])("colours no pipe: %j", async (words) => {
  const env = { DATA_DIR: fresh(), ...shop, FORCE_COLOR: "1", TERM: "xterm-256color" };
  const { stderr, stdout } = await run(words, env);
  expect(stdout + stderr).not.toContain("\u001b");
  expect(stdout + stderr).not.toBe("");
});

it("tells no secret, though a server does", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.setEncoding("utf8").on("data", (text: string) => {
      for (const _ of text.matchAll(/^\*\d+\r$/gm)) socket.write(`-ERR no: ${text.replaceAll(/\s+/g, " ")}\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stderr, stdout } = await run(["models"], {
    DATA_DIR: fresh(),
    REDIS_URL: `redis://some-user:hunter2%40@127.0.0.1:${port}`,
    QDRANT_API_KEY: "open-sesame",
    LOG_LEVEL: "debug",
  });
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`error: Redis at 127.0.0.1:${port}`);
  expect(stdout + stderr).not.toMatch(/some-user|hunter2|open-sesame/);
});

/** Spark's driver as a process of ours: what it answers, how it fails, and that nothing of it is left. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Effect, Exit, Fiber, Schema, Scope, Stream } from "effect";
import { build } from "esbuild";
import { openSession, type SparkProgress, type SparkSession } from "../../layers/engines/spark/Session.ts";
import type { SparkSettings } from "../../layers/engines/spark/Settings.ts";
import { appendParts, overwriteParts } from "../../layers/engines/spark/TakeParts.ts";
import { make } from "../../layers/Tables/Local.ts";
import { type SparkVersion, sparkAt } from "./sparkSession.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const Counted = Schema.Struct({ count: Schema.Number, pid: Schema.Number, group: Schema.Number });
const Rows = Schema.Struct({ rows: Schema.Number });

/** Whether a process of the group runs: of one that ended there may be an entry until its parent asks for it. */
const isAlive = (group: number): boolean =>
  readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const [state, , own] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(own) === group && state !== "Z";
    } catch {
      return false;
    }
  });

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 600; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it was never so");
};

let folder = "";
beforeAll(async () => {
  process.env.PYTHONPATH = join(here, "spark_steps");
  folder = await mkdtemp(join(tmpdir(), "spark-driver-"));
});
afterAll(async () => {
  delete process.env.PYTHONPATH;
  await rm(folder, { recursive: true, force: true });
});

const failure = (session: SparkSession, step: string, args: unknown = {}) =>
  Effect.runPromise(Effect.flip(session.ask(step, args, Rows)));

for (const version of ["4.0", "3.5"] satisfies ReadonlyArray<SparkVersion>) {
  describe(`the driver of Spark ${version}`, () => {
    let session: SparkSession;
    let scope: Scope.CloseableScope;
    let settings: SparkSettings;
    let group = 0;

    beforeAll(async () => {
      settings = sparkAt(join(folder, version), version);
      scope = await Effect.runPromise(Scope.make());
      session = await Effect.runPromise(Scope.extend(openSession(settings, "test"), scope));
    }, 600_000);

    it("does steps, several at once", async () => {
      expect(session.version.startsWith(version)).toBe(true);
      const answers = await Effect.runPromise(
        Effect.forEach([10, 20, 30], (rows) => session.ask("trial.count", { rows }, Counted), {
          concurrency: "unbounded",
        }),
      );
      expect(answers.map(({ count }) => count)).toEqual([10, 20, 30]);
      group = answers[0]?.group ?? 0;
      expect(group).not.toBe(process.pid);
      expect(isAlive(group)).toBe(true);
    });

    it("tells how far a step's stages are", async () => {
      const heard: Array<SparkProgress> = [];
      const watch = (progress: SparkProgress) => heard.push(progress);
      await Effect.runPromise(session.ask("trial.slow", { seconds: 6 }, Schema.Unknown, { watch }));
      expect(heard.length).toBeGreaterThan(0);
      for (const { stage, of } of heard) expect([stage, of]).toEqual(["dawdling", 6]);
      expect(Math.max(...heard.map(({ done }) => done))).toBeGreaterThanOrEqual(2);
    });

    it("says why a step failed, in one line, and where the log is", async () => {
      const bad = join(folder, `bad-${version}.parquet`);
      await writeFile(bad, "PAR1 this is none PAR1");
      const nowhere = join(folder, "nowhere.parquet");
      const failures = [
        await failure(session, "trial.missing_file", { path: nowhere }),
        await failure(session, "trial.bad_file", { path: bad }),
        await failure(session, "trial.in_python"),
        await failure(session, "trial.own_words"),
        await failure(session, "trial.nothing"),
      ];
      for (const { message } of failures) {
        expect(message).not.toContain("\n");
        expect(message).toContain(`(Spark's log: ${session.log})`);
      }
      expect(failures.map(({ reason }) => reason)).toEqual(["BadFile", "BadFile", "Failed", "Full", "Failed"]);
      expect(failures[0]?.message).toContain(nowhere);
      // Spark 3.5 does not say in which file it was.
      expect(failures[1]?.message).toMatch(
        version === "3.5" ? /^corrupted file/ : new RegExp(`corrupted file.*${bad}`),
      );
      expect(failures[2]?.message).toContain("ZeroDivisionError");
      expect(failures[3]?.message).toMatch(/^there is no room: free some space/);
      expect(failures[4]?.message).toMatch(/^the driver knows no step trial.nothing/);
      expect(await readFile(session.log, "utf8")).toContain("step trial.in_python failed");
    });

    it("asks back, and hears the answer or fails with it", async () => {
      const answer = (question: unknown) => Effect.succeed((question as { n: number }).n * 10);
      const sum = await Effect.runPromise(session.ask("trial.asks", {}, Schema.Unknown, { answer }));
      expect(sum).toEqual({ sum: 30 });
      const refused = session.ask("trial.asks", {}, Schema.Unknown, { answer: () => Effect.fail("refused") });
      expect(await Effect.runPromise(Effect.flip(refused))).toBe("refused");
    });

    it("cancels the jobs of a step that is interrupted, and goes on with others", async () => {
      const Active = Schema.Struct({ active: Schema.Number });
      const jobs = Effect.map(session.ask("trial.jobs", {}, Active), ({ active }) => active);
      const fiber = Effect.runFork(session.ask("trial.slow", { seconds: 100 }, Schema.Unknown));
      await until(async () => (await Effect.runPromise(jobs)) === 1);
      const began = Date.now();
      await Effect.runPromise(Fiber.interrupt(fiber));
      expect(Date.now() - began).toBeLessThan(15_000);
      await until(async () => (await Effect.runPromise(jobs)) === 0);
      expect(await Effect.runPromise(session.ask("trial.count", { rows: 7 }, Counted))).toMatchObject({ count: 7 });
    });

    it("holds nothing for a step that failed or was cancelled", async () => {
      const StillHeld = Schema.Struct({ count: Schema.Number });
      const stillHeld = session.ask("trial.still_held", {}, StillHeld);
      expect((await failure(session, "trial.holding", { path: join(folder, "nowhere.parquet") })).reason).toBe(
        "BadFile",
      );
      expect(await Effect.runPromise(stillHeld)).toEqual({ count: 0 });
      const fiber = Effect.runFork(session.ask("trial.holding", { seconds: 100 }, Schema.Unknown));
      await until(async () => (await Effect.runPromise(stillHeld)).count === 1);
      await Effect.runPromise(Fiber.interrupt(fiber));
      await until(async () => (await Effect.runPromise(stillHeld)).count === 0);
    });

    it("writes parts that become a table's rows, in order, with statistics", async () => {
      const parts = { n: "integer", t: "string", d: "double" } as const;
      const schema = Object.entries(parts).map(([name, type]) => ({ name, type, nullable: true }));
      const table = { name: "parts", schema };
      const tables = await Effect.runPromise(make(join(folder, `delta-${version}`)));
      const write = (rows: number, files: number) =>
        Effect.gen(function* () {
          const place = join(yield* session.staging("parts"), "rows");
          yield* session.ask("trial.write", { rows, files, folder: place }, Schema.Unknown);
          return place;
        });
      const rows = await Effect.runPromise(
        Effect.gen(function* () {
          expect(yield* overwriteParts(tables, table, yield* write(1000, 12))).toEqual({ version: 0, rows: 1000 });
          const transactions = [{ appId: "a", expected: undefined, next: 7n }];
          expect(yield* appendParts(tables, table, yield* write(10, 1), transactions)).toEqual({
            version: 1,
            rows: 10,
          });
          expect(yield* tables.snapshot("parts")).toMatchObject({ rows: 1010, transactions: new Map([["a", 7n]]) });
          const found: Array<unknown> = [];
          yield* Stream.runForEach(tables.read("parts"), ({ columns, rows }) =>
            Effect.sync(() => {
              for (let i = 0; i < rows; i++) found.push([columns.n?.[i], columns.t?.[i], columns.d?.[i]]);
            }),
          );
          return found;
        }),
      );
      const row = (i: number) => [i % 10 === 3 ? null : i, `é${i}`, i / 2];
      expect(rows).toEqual([
        ...Array.from({ length: 1000 }, (_, i) => row(i)),
        ...Array.from({ length: 10 }, (_, i) => row(i)),
      ]);
      const log = await readFile(
        join(folder, `delta-${version}`, "parts/_delta_log/00000000000000000001.json"),
        "utf8",
      );
      const added = log.split("\n").flatMap((line) => (line.includes('"add"') ? [JSON.parse(line).add] : []));
      expect(added.map(({ stats }) => JSON.parse(stats))).toEqual([
        {
          numRecords: 10,
          minValues: { n: 0, t: "é0", d: 0 },
          maxValues: { n: 9, t: "é9", d: 4.5 },
          nullCount: { n: 1, t: 0, d: 0 },
        },
      ]);
    });

    it("leaves nothing when it is closed but its log", async () => {
      await writeFile(join(await Effect.runPromise(session.staging("parts")), "x"), "x");
      await Effect.runPromise(Scope.close(scope, Exit.void));
      await until(() => !isAlive(group));
      expect(await readdir(settings.folder)).toEqual([expect.stringMatching(/^test-\d{8}T\d{9}Z\.log$/)]);
    });

    it("fails with its last words when it is killed", async () => {
      await Effect.runPromise(
        Effect.gen(function* () {
          const session = yield* openSession(settings, "killed");
          const other = yield* Effect.fork(Effect.flip(session.ask("trial.slow", { seconds: 100 }, Schema.Unknown)));
          const error = yield* Effect.flip(session.ask("trial.die", {}, Schema.Unknown));
          expect(error).toMatchObject({ reason: "Lost", message: expect.stringContaining(session.log) });
          expect(yield* Fiber.join(other)).toEqual(error);
          expect(yield* Effect.flip(session.ask("trial.count", { rows: 1 }, Counted))).toEqual(error);
        }).pipe(Effect.scoped),
      );
    });
  });
}

describe("the driver", () => {
  it("ends when the process dies that started it", async () => {
    const settings = sparkAt(join(folder, "orphan"));
    const script = join(folder, "parent.mjs");
    await build({
      stdin: {
        contents: `import { Effect, Schema } from "effect";
          import { openSession } from "./layers/engines/spark/Session.ts";
          const settings = { ...${JSON.stringify(settings)}, conf: new Map([["spark.driver.memory", "1g"]]) };
          const work = Effect.gen(function* () {
            const session = yield* openSession(settings, "orphan");
            console.log(JSON.stringify(yield* session.ask("trial.count", { rows: 1 }, Schema.Unknown)));
            yield* session.ask("trial.slow", { seconds: 100 }, Schema.Unknown);
          });
          Effect.runPromise(Effect.scoped(work));`,
        resolveDir: root,
        loader: "ts",
      },
      outfile: script,
      bundle: true,
      format: "esm",
      platform: "node",
      logLevel: "warning",
    });
    // The driver's sources are found beside the program.
    await symlink(join(root, "scripts"), join(folder, "scripts"));
    const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const { group } = JSON.parse(String(line)) as { group: number };
    expect(isAlive(group)).toBe(true);
    parent.kill("SIGKILL");
    await until(() => !isAlive(group));
  });

  it("says in one line what is missing, and how to get it", async () => {
    const settings = sparkAt(join(folder, "missing"));
    const { env } = process;
    const open = (changed: Partial<SparkSettings>, environment: Readonly<Record<string, string | undefined>> = {}) => {
      process.env = { ...env, ...environment };
      return Effect.runPromise(Effect.flip(Effect.scoped(openSession({ ...settings, ...changed }, "missing")))).finally(
        () => {
          process.env = env;
        },
      );
    };
    const bare = join(folder, "bare");
    await mkdir(bare);
    for (const name of [
      "bash",
      "sh",
      "dirname",
      "uname",
      "sed",
      "grep",
      "tr",
      "ps",
      "env",
      "expr",
      "basename",
      "cat",
      "nice",
    ]) {
      await symlink(`/usr/bin/${name}`, join(bare, name));
    }
    const noNumpy = join(folder, "no-numpy");
    await mkdir(noNumpy);
    await writeFile(join(noNumpy, "numpy.py"), 'raise ModuleNotFoundError("there is none", name="numpy")\n');
    const noSpark = join(folder, "python-without");
    await writeFile(noSpark, '#!/bin/sh\nexec python3 -S -I "$@"\n');
    await chmod(noSpark, 0o755);
    const said = [
      await open({ submit: "/nowhere/spark-submit" }),
      await open({ submit: "" }, { PATH: bare, SPARK_HOME: "" }),
      await open({}, { PATH: bare, JAVA_HOME: undefined }),
      await open({}, { PYSPARK_DRIVER_PYTHON: noSpark }),
      await open({}, { PYTHONPATH: noNumpy }),
    ];
    for (const { message, reason } of said) {
      expect(reason).toBe("Missing");
      expect(message).not.toContain("\n");
    }
    expect(said.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^spark-submit was not found \(SPARK_SUBMIT is \/nowhere.*pip install pyspark numpy/),
      expect.stringMatching(/^spark-submit was not found \(SPARK_SUBMIT is not set.*SPARK_SUBMIT=/),
      expect.stringMatching(/^Spark finds no Java: install a Java runtime, version 17/),
      expect.stringMatching(/lacks pyspark.*pip install/),
      expect.stringMatching(/lacks numpy: `.*python3? -m pip install numpy`/),
    ]);
  });
});

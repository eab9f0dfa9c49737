/** Log: the file that Spark's own words go to, and what of them says why it ended. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Clock, Effect, type Scope } from "effect";
import { SparkError } from "./SparkError.ts";

const kept = 10;

export interface SparkLog {
  readonly path: string;
  readonly file: number;
}

const removeOlder = async (folder: string): Promise<void> => {
  const logs = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const timeOf = (name: string): string => name.slice(name.lastIndexOf("-"));
  const older = logs.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).slice(0, -kept);
  for (const name of older) await rm(join(folder, name), { force: true });
};

/** A new log in the folder: NAME-TIME.log. The newest few are kept. */
export const openLog = (folder: string, name: string): Effect.Effect<SparkLog, SparkError, Scope.Scope> =>
  Effect.gen(function* () {
    const now = new Date(yield* Clock.currentTimeMillis).toISOString();
    const path = join(resolve(folder), `${name}-${now.replaceAll(/[-:.]/g, "")}.log`);
    yield* Effect.tryPromise({
      try: () => mkdir(folder, { recursive: true }),
      catch: (cause) =>
        new SparkError({
          reason: "Full",
          message: `${folder} cannot be made: set DATA_DIR to a folder that can be written`,
          cause,
        }),
    });
    const file = yield* Effect.acquireRelease(
      Effect.try({
        try: () => openSync(path, "a"),
        catch: (cause) => new SparkError({ reason: "Full", message: `${path} cannot be written`, cause }),
      }),
      (file) => Effect.sync(() => closeSync(file)),
    );
    yield* Effect.promise(() => removeOlder(folder).catch(() => undefined));
    return { path, file };
  });

const java =
  "install a Java runtime, version 17 or later (Debian: `apt-get install openjdk-17-jre-headless`), or set JAVA_HOME";

/** What Spark prints where something is missing, and what that means. */
const missing: ReadonlyArray<readonly [RegExp, string]> = [
  [/JAVA_HOME is not set|java: (?:command )?not found|bin\/java: No such file/, `Spark finds no Java: ${java}`],
  [/UnsupportedClassVersionError|Unsupported major\.minor/, `this Java is too old for Spark: ${java}`],
  [
    /Could not find valid SPARK_HOME|_find_spark_home|No module named '?pyspark/,
    "the Python beside spark-submit lacks pyspark: `pip install pyspark numpy` for the Python that PYSPARK_PYTHON names",
  ],
  [
    /Cannot run program "[^"]*python|python3?: (?:command )?not found|env: .?python3?.?: No such file/,
    "Spark finds no Python: install Python 3.9 or later, or set PYSPARK_PYTHON to one",
  ],
];

const worst = /OutOfMemoryError|No space left on device|Exception|Error|error:|FATAL|refused|cannot|Could not/;

const longest = 300;

/** The end of a log; of one that was deleted, nothing. */
const endOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8").slice(-(1 << 16));
  } catch {
    return "";
  }
};

/** Why Spark ended, by the end of its log. */
export const readReason = (
  path: string,
): { readonly kind: "Missing" | "Memory" | "Full" | "Lost"; readonly said: string } => {
  const text = endOf(path);
  const found = missing.find(([pattern]) => pattern.test(text));
  if (found !== undefined) return { kind: "Missing", said: found[1] };
  const lines = text.split("\n").map((line) => line.trim());
  const said = lines
    .filter((line) => worst.test(line) && !/^at |ShutdownHook|SIGTERM/.test(line))
    .at(-1)
    ?.slice(0, longest);
  const kind = /OutOfMemoryError/.test(text) ? "Memory" : /No space left on device/.test(text) ? "Full" : "Lost";
  return { kind, said: `Spark's driver ended${said === undefined ? " without a word" : `: ${said}`}` };
};

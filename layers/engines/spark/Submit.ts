/** Submit: the process of spark-submit, with all that it starts, until the scope closes. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Duration, Effect, type Scope } from "effect";
import { artifactPath } from "../../../src/kernels/Artifact.ts";
import { isLocal, isSecret, type SparkSettings, sessionConf } from "./Settings.ts";
import { SparkError } from "./SparkError.ts";

/** Longest that Spark takes to stop in order, and then to end when it is told to. */
const stopGrace = Duration.seconds(15);
const termGrace = Duration.seconds(5);

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

type Environment = Readonly<Record<string, string | undefined>>;

const notFound = (where: string): SparkError =>
  new SparkError({
    reason: "Missing",
    message:
      `spark-submit was not found (${where}): get Spark 3.5 or later, as by \`python3 -m venv spark && spark/bin/pip ` +
      "install pyspark numpy`, and set SPARK_SUBMIT=spark/bin/spark-submit",
  });

/** Where spark-submit is. */
export const findSubmit = (chosen: string, env: Environment): Effect.Effect<string, SparkError> => {
  if (chosen !== "") {
    return isProgram(chosen) ? Effect.succeed(chosen) : notFound(`SPARK_SUBMIT is ${chosen}, which is no program`);
  }
  const folders = [
    ...(env.SPARK_HOME ? [join(env.SPARK_HOME, "bin")] : []),
    ...(env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
  ];
  const found = folders.map((folder) => join(folder, "spark-submit")).find(isProgram);
  return found === undefined
    ? notFound("SPARK_SUBMIT is not set, nor is it in SPARK_HOME or the PATH")
    : Effect.succeed(found);
};

/** A Spark of pip's belongs to the Python beside it, unless another one is chosen. */
const pythonOf = (submit: string, master: string, env: Environment): Environment => {
  const python = join(dirname(submit), "python3");
  if (!existsSync(python)) return {};
  return {
    PYSPARK_DRIVER_PYTHON: env.PYSPARK_DRIVER_PYTHON ?? env.PYSPARK_PYTHON ?? python,
    ...(isLocal(master) ? { PYSPARK_PYTHON: env.PYSPARK_PYTHON ?? python } : {}),
  };
};

export interface Submission {
  readonly settings: SparkSettings;
  /** Its working folder. */
  readonly folder: string;
  /** Where the driver finds us. */
  readonly socket: string;
  /** What all it prints goes to: an open file. */
  readonly log: number;
  readonly env: Environment;
}

const wordsOf = ({
  folder,
  settings,
}: Submission): { readonly words: ReadonlyArray<string>; readonly secrets: string } => {
  const driver = artifactPath("scripts/spark/driver.py");
  const modules = readdirSync(dirname(driver)).filter((name) => name.endsWith(".py") && name !== "driver.py");
  const conf = [...sessionConf(settings, folder)];
  const shown = conf.filter(([key]) => !isSecret(key));
  return {
    words: [
      ...["--master", settings.master, "--deploy-mode", "client", "--name", "slipstream"],
      ...shown.flatMap(([key, value]) => ["--conf", `${key}=${value}`]),
      ...["--py-files", modules.map((name) => join(dirname(driver), name)).join(",")],
      driver,
    ],
    // Words of a command can be seen by everybody on the machine, its environment cannot.
    secrets: JSON.stringify(Object.fromEntries(conf.filter(([key]) => isSecret(key)))),
  };
};

/** Sends a signal to the process and all that it started, which are a group of their own. */
const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // They are gone.
  }
};

export interface Submitted {
  /** Completes when the process is gone. */
  readonly ended: Promise<void>;
}

const gone = ({ ended }: Submitted): Effect.Effect<void> => Effect.interruptible(Effect.promise(() => ended));

/** Starts it. At the scope's end it has some time to stop, which it was told to do by then, and is killed otherwise. */
export const submit = (submission: Submission): Effect.Effect<Submitted, SparkError, Scope.Scope> =>
  Effect.gen(function* () {
    const { env, folder, log, settings, socket } = submission;
    const program = yield* findSubmit(settings.submit, env);
    const { secrets, words } = wordsOf(submission);
    const { SPARK_HOME, ...others } = env;
    const home = settings.submit === "" && SPARK_HOME !== undefined ? { SPARK_HOME } : {};
    const start = Effect.sync(() => {
      const child = spawn(program, words, {
        cwd: folder,
        detached: true,
        stdio: ["ignore", log, log],
        env: {
          ...others,
          ...home,
          ...pythonOf(program, settings.master, env),
          PYTHONDONTWRITEBYTECODE: "1",
          SLIPSTREAM_SPARK_SOCKET: socket,
          SLIPSTREAM_SPARK_SECRETS: secrets,
        },
      });
      const ended = new Promise<void>((resolve) => {
        child.once("error", () => resolve());
        child.once("exit", () => resolve());
      });
      return { child, ended };
    });
    const end = ({ child, ended }: { readonly child: ChildProcess } & Submitted) =>
      gone({ ended }).pipe(
        Effect.timeoutFail({ duration: stopGrace, onTimeout: () => "slow" }),
        Effect.catchAll(() =>
          Effect.zipRight(
            Effect.sync(() => signal(child, "SIGTERM")),
            Effect.timeoutFail(gone({ ended }), { duration: termGrace, onTimeout: () => "slow" }),
          ),
        ),
        // Whatever it started is gone with it.
        Effect.ignore,
        Effect.ensuring(Effect.sync(() => signal(child, "SIGKILL"))),
      );
    return yield* Effect.acquireRelease(start, end);
  });

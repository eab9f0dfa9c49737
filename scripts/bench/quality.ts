/**
 * What the product recommends is worth on known data: `npm run bench -- quality`. Each data set goes through `import` and
 * `evaluate` of the build, prequentially; NDCG@20 with its 95 % interval over shoppers, hit@20 and MRR@20 are printed, and what
 * each learner gains on `ema` at the same events.
 *
 * - MovieLens latest-small (https://grouplens.org/datasets/movielens), where MOVIELENS_DIR or --movielens names its folder: every
 *   rating an event, the newest fifth tested.
 * - Sessions of RecSys Challenge 2015 as github.com/rn5l/session-rec prepares them, where YOOCHOOSE_DIR or --yoochoose names
 *   the folder of train.tsv and test.tsv: each next click of the test's sessions, items of the session among the answers.
 * - The made-up shop, with --shop: what `generate` writes by default, the last 7 days tested.
 * - Any other file of events with --events FILE and what `import` and `evaluate` need to read it, e.g.
 *   `--events clicks.csv --import "--user visitor --item product --timestamp at" --evaluate "--evaluate-split fraction"`.
 *
 * With --tune MINUTES, MovieLens and the made-up shop are also ranked by what `tune` finds in that time on the events before the tested
 * ones alone (the row `tuned`), whether it is proven or not, which is printed.
 *
 * Beside our frozen ALS stands that of the Python libraries implicit and irspack, trained on the same split by the same settings and
 * ranked by the same code, where --python (or BENCH_PYTHON; python3) names an interpreter that has them:
 * `python3 -m venv VENV && VENV/bin/pip install implicit irspack`, then `--python VENV/bin/python`.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Schema } from "effect";
import type { Setting } from "../../src/config/Setting.ts";
import { Tuned } from "../../src/domain/Tuned.ts";
import { Report } from "../../src/evaluation/Report.ts";
import { learning } from "../../src/learning/Settings.ts";
import { training } from "../../src/training/Settings.ts";
import { evaluatedBy, type Library, versionOf } from "./Libraries.ts";

/** Chosen on the last sessions of train.tsv alone: among ranks 32 to 128, α 1 to 40, decays 0.3 to 0.8, tastes 0.05 to 0.4. */
const sessionSettings = "--als-rank 64 --als-alpha 40 --blend-decay 0.5 --blend-taste 0.3";

const { values } = parseArgs({
  options: {
    movielens: { type: "string" },
    yoochoose: { type: "string" },
    shop: { type: "boolean", default: false },
    events: { type: "string" },
    import: { type: "string", default: "" },
    evaluate: { type: "string", default: "" },
    python: { type: "string" },
    "session-settings": { type: "string", default: sessionSettings },
    rank: { type: "string", default: "32" },
    iterations: { type: "string", default: "15" },
    tune: { type: "string" },
  },
});
const movielens = values.movielens ?? process.env.MOVIELENS_DIR;
const yoochoose = values.yoochoose ?? process.env.YOOCHOOSE_DIR;
const python = values.python ?? process.env.BENCH_PYTHON ?? "python3";
const libraries = (["implicit", "irspack"] satisfies Array<Library>).flatMap((library) => {
  const version = versionOf(python, library);
  if (version !== undefined) return [{ library, version }];
  console.log(`ALS of ${library} is left out: ${python} lacks it. In a virtual environment: pip install ${library}.`);
  return [];
});
const main = new URL("../main.js", import.meta.url).pathname;
const words = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "");

const linesOf = (file: string): ReadonlyArray<string> =>
  readFileSync(file, "utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "");

const call = (folder: string, args: ReadonlyArray<string>): void => {
  const { status, stderr } = spawnSync(process.execPath, [main, ...args, "--data-dir", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${args[0]} ended with exit code ${status}: ${stderr}`);
};

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]! + 2))).join(""))
    .join("\n");
};

const frozenName = "ALS, frozen";

/** The frozen ALS of each library, named with it. */
const others = async (folder: string, { parameters }: Report) => {
  const found: Array<readonly [string, NonNullable<Report["prequential"]>["learners"][number]]> = [];
  for (const { library, version } of libraries) {
    const { prequential } = await evaluatedBy({ library, python }, folder, parameters);
    const frozen = prequential?.learners.find(({ name }) => name === frozenName);
    if (frozen !== undefined) found.push([`${frozenName}, of ${library} ${version}`, frozen]);
  }
  return found;
};

const show = (name: string, { prequential, training }: Report, beside: Awaited<ReturnType<typeof others>>): void => {
  if (prequential === null) throw new Error(`${name}: the split leaves nothing to stream`);
  const { cutoffs, events, learners, users } = prequential;
  const last = cutoffs.length - 1;
  const four = (value: number): string => value.toFixed(4);
  console.log(
    `\n${name}: ${events} events of ${users} shoppers; trained in ${training.seconds.toFixed(1)} s\n${table([
      ["", "NDCG@20", "±", "hit@20", "MRR@20", "NDCG@20 more than EMA"],
      ...learners.map(({ gain, hit, mrr, name: learner, ndcg, ndcgMargin }) => [
        learner,
        four(ndcg[last]!),
        four(ndcgMargin),
        four(hit[last]!),
        four(mrr),
        `${gain.mean < 0 ? "" : "+"}${four(gain.mean)} ± ${four(gain.margin)}`,
      ]),
      ...beside.map(([learner, { hit, mrr, ndcg, ndcgMargin }]) => [
        learner,
        four(ndcg[last]!),
        four(ndcgMargin),
        four(hit[last]!),
        four(mrr),
        "",
      ]),
    ])}`,
  );
};

const model = [
  ["--als-rank", values.rank],
  ["--als-iterations", values.iterations],
  ["--learner", "ema"],
] as const;
/** All that could be tuned, by default: given, so that it is not, but in the row `tuned`. */
const defaults = Object.values<Setting<unknown>>({ ...training, ...learning }).map(
  ({ fallback, flag }) => [`--${flag}`, fallback] as const,
);
/** Of the settings, those that a data set has none of its own of. */
const beside = (own: ReadonlyArray<string>): ReadonlyArray<string> => {
  const all = new Map([...defaults, ...model]);
  return [...all].flatMap(([flag, value]) => (own.includes(flag) ? [] : [flag, value]));
};

/** Tunes on what `prepareOlder` puts into a folder, and leaves what was found to `folder`. */
const tuneOlder = (minutes: string, folder: string, prepareOlder: (folder: string) => void): void => {
  const older = mkdtempSync(join(tmpdir(), "slipstream-quality-older-"));
  try {
    prepareOlder(older);
    call(older, ["tune", "--minutes", minutes, "--als-iterations", values.iterations]);
    copyFileSync(join(older, "tuned.json"), join(folder, "tuned.json"));
    const { evidence, proven } = Schema.decodeUnknownSync(Schema.parseJson(Tuned))(
      readFileSync(join(folder, "tuned.json"), "utf8"),
    );
    const { gain, trials } = evidence;
    console.log(
      `\ntuned for ${minutes} minutes: ${trials} settings; ${proven ? "proven" : "not proven, so that no batch would use it"}: ` +
        `NDCG@20 ${gain.mean.toFixed(4)} ± ${gain.margin.toFixed(4)} more than the defaults on the newest events before the tested ones`,
    );
  } finally {
    rmSync(older, { recursive: true });
  }
};

/** `prepare` fills the data folder, `prepareOlder` one with what is before the tested events. */
const measure = async (
  name: string,
  prepare: (folder: string) => void,
  evaluate: ReadonlyArray<string>,
  prepareOlder?: (folder: string) => void,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "slipstream-quality-"));
  try {
    prepare(folder);
    if (values.tune !== undefined && prepareOlder !== undefined) tuneOlder(values.tune, folder, prepareOlder);
    call(folder, ["evaluate", ...beside(evaluate), "--evaluate-max-users", "1000000", ...evaluate]);
    const reports = join(folder, "reports");
    const file = readdirSync(reports).find((one) => one.endsWith(".json")) ?? "";
    const report = Schema.decodeUnknownSync(Schema.parseJson(Report))(readFileSync(join(reports, file), "utf8"));
    show(name, report, await others(folder, report));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

if (movielens === undefined) console.log("MovieLens latest-small is left out: MOVIELENS_DIR names no folder.");
else {
  const file = ["--events", join(movielens, "ratings.csv")];
  const columns = words("--user userId --item movieId --timestamp timestamp");
  await measure(
    "MovieLens latest-small, newest 20 %",
    (folder) => call(folder, ["import", ...file, ...columns]),
    ["--evaluate-split", "fraction"],
    (folder) => {
      const [head = "", ...ratings] = linesOf(join(movielens, "ratings.csv"));
      const timed = ratings.map((line) => [Number(line.split(",")[3]), line] as const).sort(([a], [b]) => a - b);
      const older = timed.slice(0, Math.floor(0.8 * timed.length)).map(([, line]) => line);
      writeFileSync(join(folder, "ratings.csv"), [head, ...older].join("\n"));
      call(folder, ["import", "--events", join(folder, "ratings.csv"), ...columns]);
    },
  );
}

if (yoochoose === undefined) console.log("Sessions are left out: YOOCHOOSE_DIR names no folder.");
else {
  const [train, test] = [linesOf(join(yoochoose, "train.tsv")), linesOf(join(yoochoose, "test.tsv"))];
  const sessions = (lines: ReadonlyArray<string>): number =>
    new Set(lines.slice(1).map((line) => line.split("\t")[0])).size;
  const fraction = (sessions(train) + 0.5) / (sessions(train) + sessions(test));
  await measure(
    "Sessions of yoochoose-100k",
    (folder) => {
      const file = join(folder, "clicks.tsv");
      writeFileSync(file, [...train, ...test.slice(1)].join("\n"));
      call(folder, ["import", "--events", file, ...words("--user SessionId --item ItemId --timestamp Time")]);
    },
    [
      ...words("--evaluate-split sessions --evaluate-repeats true"),
      "--debounce",
      "0 seconds",
      ...words(values["session-settings"]),
      "--evaluate-fraction",
      String(fraction),
    ],
  );
}

if (values.shop) {
  await measure(
    "The made-up shop, last 7 days",
    (folder) => {
      call(folder, ["generate"]);
      call(folder, ["batch", "csv-to-delta"]);
    },
    ["--evaluate-split", "time"],
    (folder) => {
      call(folder, ["generate"]);
      const file = join(folder, "raw", "transactions_train.csv");
      const [head = "", ...rows] = linesOf(file);
      const newest = (rows[rows.length - 1] ?? "").slice(0, 10);
      const cut = new Date(Date.parse(newest) - 6 * 86_400_000).toISOString().slice(0, 10);
      writeFileSync(file, [head, ...rows.filter((row) => row < cut)].join("\n"));
      call(folder, ["batch", "csv-to-delta"]);
    },
  );
}

if (values.events === undefined) console.log("No other events: --events names no file.");
else {
  const { events } = values;
  await measure(
    events,
    (folder) => call(folder, ["import", "--events", events, ...words(values.import)]),
    words(values.evaluate),
  );
}

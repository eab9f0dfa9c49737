/**
 * Evaluate: trains on the older part of what shoppers did and measures, on the newer part, what recommending is worth:
 * offline against popularity and chance, prequentially for online learning against the frozen model.
 */
import type { FileSystem, Path } from "@effect/platform";
import { Clock, type ConfigError, Data, DateTime, Effect, Equal, Schema } from "effect";
import type { Forgotten, ForgottenError } from "../ports/Forgotten.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import type { Sql, SqlError } from "../ports/Sql.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { Trainer, type TrainingError } from "../ports/Trainer.ts";
import { trainShown } from "../training/Shown.ts";
import { andTuned, everyLearner } from "./Contestants.ts";
import { draw } from "./Draw.ts";
import { EvaluateError } from "./EvaluateError.ts";
import { countFollowers } from "./FollowerCounts.ts";
import type { InteractionLog } from "./InteractionLog.ts";
import type { Measured } from "./Measured.ts";
import { offline } from "./Offline.ts";
import { prequential } from "./Prequential.ts";
import { readInteractions } from "./ReadInteractions.ts";
import { type DataReport, type EvaluateParameters, Report, type SplitMethod, type TunedReport } from "./Report.ts";
import { htmlReport } from "./ReportHtml.ts";
import { date, plural } from "./ReportWords.ts";
import {
  type Split,
  splitAtRandom,
  splitByDays,
  splitByFraction,
  splitBySessions,
  splitLeaveLastOut,
} from "./Split.ts";
import { makeTrainingSet, type TrainingSet } from "./TrainingSet.ts";
import { tunedWarning } from "./TunedSettings.ts";
import { haveOneDay, haveOneTime, oneTime, orLeaveOut, scoredWarning, warningsOf } from "./Warnings.ts";
import { writeReport } from "./WriteReport.ts";

export interface EvaluateOptions {
  readonly parameters: EvaluateParameters;
  /** Null where nothing was tuned. */
  readonly tuned: TunedReport | null;
  /** Where the JSON and HTML reports are written. */
  readonly folder: string;
}

/** Reads the tables, evaluates, and writes `evaluation-<time>.json` and `.html` to the folder. */
export const evaluate = (
  options: EvaluateOptions,
): Effect.Effect<
  { readonly report: Report; readonly json: string; readonly html: string },
  EvaluateError | TableError | SqlError | ForgottenError | TrainingError | ConfigError.ConfigError,
  Tables | Sql | Forgotten | Trainer | Progress | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const log = yield* Effect.scoped(readInteractions);
    const report = yield* evaluateLog(log, options.parameters, options.tuned);
    const data = Schema.encodeSync(Report)(report);
    return {
      report,
      ...(yield* writeReport("evaluation", report.createdAt, data, htmlReport(report), options.folder)),
    };
  });

/** The same on a log at hand; writes nothing. */
export const evaluateLog = (
  log: InteractionLog,
  parameters: EvaluateParameters,
  tuned: TunedReport | null = null,
): Effect.Effect<Report, EvaluateError | TrainingError, Trainer | Progress> =>
  Effect.gen(function* () {
    const split = yield* splitOf(log, parameters);
    const set = makeTrainingSet(log, split.train);
    const [testFrom, testTo] = [log.time[split.test[0]], log.time[split.test[split.test.length - 1]]];
    const overlap = tuned === null ? undefined : tunedWarning(tuned, testFrom, testTo);
    const warnings = [...warningsOf(log, split, set, parameters), ...(overlap === undefined ? [] : [overlap])];
    yield* Effect.forEach(warnings, (warning) => Effect.logWarning(warning));
    const testUsers = [...new Set(Array.from(split.test, (at) => log.user[at]))];
    const users = new Set(draw(testUsers, parameters.maxUsers, parameters.seed));

    const started = yield* Clock.currentTimeMillis;
    const { losses, ...trained } = yield* trainShown("train on the older part", set, parameters.model);
    const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
    const factors = { rank: parameters.model.rank, ...trained };
    const followers = countFollowers(log, split.train, set);
    const input = { log, split, set, factors, followers, users, parameters };

    const found = yield* withTask("rank offline", "users", users.size, (task) => offline(input, task));
    const streams = parameters.split !== "leave-last-out" && parameters.split !== "random";
    const lineup = streams && tuned?.isConfigured === false ? yield* withTuned(tuned, input) : everyLearner;
    const streamed = streams
      ? yield* withTask("stream the test part", "events", split.test.length, (task) => prequential(input, task, lineup))
      : null;
    if (found.users === 0 && (streamed === null || streamed.events === 0)) {
      return yield* new EvaluateError({
        reason: "NothingToScore",
        message:
          `There is nothing to score: ${plural(split.test.length, "test interaction")}, all of items that the train part does not know or the ` +
          `items file lacks${parameters.repeats ? "" : ", or that the same user had before"}. ${testMore[parameters.split]}` +
          `${parameters.repeats ? "" : ", or let items come again (EVALUATE_REPEATS=true)"}.`,
      });
    }
    const tested = { interactions: split.test.length, users: testUsers.length };
    const few = streamed === null ? undefined : scoredWarning(streamed, tested);
    if (few !== undefined) yield* Effect.logWarning(few);
    return {
      createdAt: DateTime.formatIso(yield* DateTime.now),
      parameters,
      tuned,
      warnings: few === undefined ? warnings : [...warnings, few],
      data: dataOf(log, split, set, testUsers.length),
      training: { seconds, losses },
      offline: found,
      prequential: streamed,
    };
  });

/** By a model of its own where it is trained by other parameters; not at all where the trainer has none such. */
const withTuned = ({ recipe }: TunedReport, { factors, parameters, set }: Measured) =>
  Effect.gen(function* () {
    const refused = (yield* Trainer).refuses(recipe.parameters);
    if (refused !== undefined) {
      yield* Effect.logWarning(`the tuned settings are not compared, since ${refused.message}`);
      return everyLearner;
    }
    if (Equal.equals(Data.struct(recipe.parameters), Data.struct(parameters.model))) return andTuned(recipe, factors);
    const { rank } = recipe.parameters;
    const { itemFactors, userFactors } = yield* trainShown("train by the tuned settings", set, recipe.parameters);
    return andTuned(recipe, { rank, itemFactors, userFactors });
  });

const splitters: Readonly<Record<SplitMethod, (log: InteractionLog, parameters: EvaluateParameters) => Split>> = {
  time: (log, { days }) => splitByDays(log, days),
  fraction: (log, { fraction }) => splitByFraction(log, fraction),
  sessions: (log, { fraction }) => splitBySessions(log, fraction),
  "leave-last-out": splitLeaveLastOut,
  random: (log, { fraction, seed }) => splitAtRandom(log, fraction, seed),
};

/** How more is tested. */
const testMore: Readonly<Record<SplitMethod, string>> = {
  time: "Test on more days (EVALUATE_DAYS)",
  fraction: "Test on more (a smaller EVALUATE_FRACTION)",
  sessions: "Test on more (a smaller EVALUATE_FRACTION)",
  "leave-last-out": "Test on more than that (EVALUATE_SPLIT=fraction)",
  random: "Test on more (a smaller EVALUATE_FRACTION)",
};

const splitOf = (log: InteractionLog, parameters: EvaluateParameters): Effect.Effect<Split, EvaluateError> => {
  if (log.length === 0) {
    return new EvaluateError({
      reason: "NoData",
      message:
        "There is nothing to evaluate: raw/transactions has no rows. Put the shop's files into raw/ of the data folder " +
        "(or make some with `generate`), then run `batch csv-to-delta`; or run `import`.",
    });
  }
  const split = splitters[parameters.split](log, parameters);
  if (split.train.length === 0) {
    if (haveOneTime(log)) {
      return new EvaluateError({
        reason: "TooFewDays",
        message: `Nothing is left to train on: ${oneTime(log)}${orLeaveOut}.`,
      });
    }
    const [first, last] = [date(log.time[0]), date(log.time[log.length - 1])];
    const found = first === last ? `all interactions are of ${first}` : `the interactions span ${first} to ${last}`;
    return new EvaluateError({
      reason: "TooFewDays",
      message:
        parameters.split === "time"
          ? `EVALUATE_DAYS is ${parameters.days}, but ${found}: nothing is left to train on. ` +
            (haveOneDay(log)
              ? "Choose EVALUATE_SPLIT=fraction, or sessions where ids are of visits."
              : "Choose fewer days, or EVALUATE_SPLIT=fraction.")
          : `EVALUATE_FRACTION is ${parameters.fraction}, but ${
              parameters.split === "sessions"
                ? `a session is a user, and all there are is ${plural(log.userIds.length, "user")}`
                : `all there are is ${plural(log.length, "interaction")}`
            }: nothing is left to train on.`,
    });
  }
  if (split.test.length === 0) {
    return new EvaluateError({
      reason: "NothingToScore",
      message:
        parameters.split !== "time" && parameters.split !== "leave-last-out"
          ? `EVALUATE_FRACTION is ${parameters.fraction}: nothing is left to test on. Choose a smaller one.`
          : "No user has two interactions, so none can be left out. Use EVALUATE_SPLIT=time.",
    });
  }
  return Effect.succeed(split);
};

const withTask = <A, E, R>(
  label: string,
  unit: string,
  total: number,
  use: (task: Task) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R | Progress> =>
  Effect.scoped(
    Effect.flatMap(Progress, (progress) => Effect.flatMap(progress.task({ label, unit, total }), use)),
  ) as Effect.Effect<A, E, R | Progress>;

const dataOf = (log: InteractionLog, split: Split, set: TrainingSet, testUsers: number): DataReport => ({
  interactions: log.length,
  users: log.userIds.length,
  items: log.itemIds.length,
  from: log.time[0],
  to: log.time[log.length - 1],
  testFrom: log.time[split.test[0]],
  trainInteractions: split.train.length,
  trainUsers: set.userCounts.reduce((users, count) => users + (count > 0 ? 1 : 0), 0),
  trainItems: set.available.reduce((items, one) => items + one, 0),
  testInteractions: split.test.length,
  testUsers,
});

/** EvaluateLive: does it sell? What shoppers did with what they were recommended, of the last days, told and written as a report. */
import type { FileSystem, Path } from "@effect/platform";
import { DateTime, Effect, Schema } from "effect";
import type { Forgotten, ForgottenError } from "../../ports/Forgotten.ts";
import type { Sql, SqlError } from "../../ports/Sql.ts";
import type { TableError, Tables } from "../../ports/Tables.ts";
import { EvaluateError } from "../EvaluateError.ts";
import { writeReport } from "../WriteReport.ts";
import { comparisonsOf, liveWarnings } from "./Compare.ts";
import { liveHtml } from "./LiveHtml.ts";
import { LiveReport } from "./LiveReport.ts";
import { differenceOf } from "./Rates.ts";
import { type LiveQuestion, readLive, typesOf } from "./ReadLive.ts";

const nothing = (message: string) => new EvaluateError({ reason: "NoData", message });

/** What the archive tells; writes nothing. */
export const liveReport = (
  question: LiveQuestion,
): Effect.Effect<LiveReport, EvaluateError | TableError | SqlError | ForgottenError, Tables | Sql | Forgotten> =>
  Effect.gen(function* () {
    const found = yield* Effect.scoped(readLive(question));
    if (found === undefined) {
      return yield* nothing(
        "There is nothing to tell: raw/events has no clicks or purchases. Send events to POST /events, and have the archiver run (`all-in-one` does).",
      );
    }
    const { strangers, ...totals } = found.ledger.totals();
    const { all, clickShare, models, otherConversion, purchaseShare } = totals;
    if (all.clicks + all.purchases + (all.clickRate?.of ?? 0) === 0) {
      return yield* nothing(
        `Nothing can be told yet: of ${clickShare.of} clicks and ${purchaseShare.of} purchases in the last ${question.days} days none names the answer that it comes of` +
          `${strangers === 0 ? "" : ` (${strangers} name one that did not hold the item, or none that can be read)`}. ` +
          "Each answer has a recommendation_id: send it with the events that follow from it, to POST /events.",
      );
    }
    return {
      createdAt: DateTime.formatIso(yield* DateTime.now),
      days: question.days,
      from: found.from,
      to: found.to,
      conversionDays: question.conversionDays,
      types: typesOf(question.types),
      warnings: liveWarnings({ all, purchaseShare }, strangers),
      ...totals,
      conversionGain: differenceOf(all.conversion, otherConversion),
      comparisons: comparisonsOf(models),
    };
  });

/** The same, written as `live-<time>.json` and `.html` to the folder. */
export const evaluateLive = (
  question: LiveQuestion,
  folder: string,
): Effect.Effect<
  { readonly report: LiveReport; readonly json: string; readonly html: string },
  EvaluateError | TableError | SqlError | ForgottenError,
  Tables | Sql | Forgotten | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const report = yield* liveReport(question);
    const data = Schema.encodeSync(LiveReport)(report);
    return { report, ...(yield* writeReport("live", report.createdAt, data, liveHtml(report), folder)) };
  });

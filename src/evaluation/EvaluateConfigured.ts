/** EvaluateConfigured: `evaluate` by its settings: a report, printed, and where it was written. */
import { Console, Effect } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { values } from "../config/Setting.ts";
import { learntTypes } from "../datasets/LearntTypes.ts";
import { evaluate } from "./Evaluate.ts";
import { evaluateLive } from "./live/EvaluateLive.ts";
import { formatLive } from "./live/LiveText.ts";
import { evaluateOptions } from "./Options.ts";
import { formatReport } from "./ReportText.ts";
import { live as settings } from "./Settings.ts";

const told = (text: string, { html, json }: { readonly html: string; readonly json: string }) =>
  Console.log(`${text}\n\nreport: ${html}\n  data: ${json}`);

export const evaluateConfigured = Effect.gen(function* () {
  const { conversionDays, days, live } = yield* values(settings);
  if (live) {
    const found = yield* evaluateLive({ types: yield* learntTypes, days, conversionDays }, (yield* dataFolder).reports);
    return yield* told(formatLive(found.report), found);
  }
  const found = yield* evaluate(yield* evaluateOptions);
  yield* told(formatReport(found.report), found);
});

/** GenerateConfigured: `generate` with the settings' sizes, to `$DATA_DIR/raw`. */
import { Effect } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { values } from "../config/Setting.ts";
import { markMadeUp } from "../datasets/MadeUp.ts";
import { inTurn } from "../ports/Turns.ts";
import { generateShop, scales } from "./Generate.ts";
import { generate } from "./Settings.ts";

export const generateConfigured = Effect.gen(function* () {
  const settings = yield* values(generate);
  const scale = scales[settings.scale];
  const summary = yield* generateShop({
    folder: (yield* dataFolder).raw,
    seed: settings.seed,
    customers: settings.customers || scale.customers,
    articles: settings.articles || scale.articles,
    transactions: settings.transactions || scale.transactions,
    days: settings.days,
    overwrite: settings.overwrite,
  });
  yield* markMadeUp;
  const count = (value: number): string => value.toLocaleString("en");
  yield* Effect.logInfo(
    `made a shop in ${summary.folder}: ${count(summary.customers)} customers, ${count(summary.articles)} articles, ` +
      `${count(summary.transactions)} transactions from ${summary.firstDay} to ${summary.lastDay}`,
  );
  return summary;
}).pipe(inTurn("making a shop"));

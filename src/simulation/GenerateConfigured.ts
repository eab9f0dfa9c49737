/** GenerateConfigured: `generate` with the settings' sizes, to `$DATA_DIR/raw`. */
import { Clock, Effect, Option } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { values } from "../config/Setting.ts";
import { markMadeUp } from "../datasets/MadeUp.ts";
import { parseDay } from "../domain/Day.ts";
import { inTurn } from "../ports/Turns.ts";
import { usualUntil, yesterday } from "./Calendar.ts";
import { GenerateError, generateShop, scales } from "./Generate.ts";
import { generate } from "./Settings.ts";

/** The day that is asked for, in days since 1970-01-01, unless it has not come yet. */
const lastDay = (folder: string, otherwise: string) =>
  Effect.gen(function* () {
    const asked = Option.getOrElse(yield* generate.until.given, () => otherwise).trim();
    const before = yesterday(yield* Clock.currentTimeMillis);
    const day = parseDay(asked) ?? before;
    if (day <= before + 1) return day;
    const message = `--until ${asked} has not come yet, and nobody buys on days to come; give today at the latest, or yesterday`;
    return yield* new GenerateError({ reason: "Day", path: folder, message });
  });

/** `until`: the last day unless the settings name one. */
const generateUntil = (until: string) =>
  Effect.gen(function* () {
    const settings = yield* values(generate);
    const scale = scales[settings.scale];
    const folder = (yield* dataFolder).raw;
    const summary = yield* generateShop({
      folder,
      seed: settings.seed,
      customers: settings.customers || scale.customers,
      articles: settings.articles || scale.articles,
      transactions: settings.transactions || scale.transactions,
      days: settings.days,
      until: yield* lastDay(folder, until),
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

export const generateConfigured = generateUntil(usualUntil);

/** A shop to live in: it ends yesterday, so that what happens from now on goes on from it. */
export const generateUntilYesterday = generateUntil("yesterday");

/** Problems: what cannot be tuned, and what to do instead. */
import { Schema } from "effect";
import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import { oneTime } from "../evaluation/Warnings.ts";
import type { Costs, Room } from "./Budget.ts";
import type { Parts } from "./Parts.ts";
import { usersOf } from "./Parts.ts";
import { counted } from "./Words.ts";

export class TuneError extends Schema.TaggedError<TuneError>()("TuneError", {
  reason: Schema.Literal("TooLittle", "OneTime", "NothingToTry", "TooShort"),
  /** The value at fault and the remedy, in sentences. */
  message: Schema.String,
}) {}

/** Fewer tell nothing. */
const least = { events: 100, shoppers: 20 };
export const fewestScored = least.events;

const untouched = "the defaults stay";

export const noInteractions = new TuneError({
  reason: "TooLittle",
  message:
    "there is nothing to tune on: raw/transactions and raw/events have no rows. `import` reads a shop's files; `generate` and " +
    "`batch csv-to-delta` make some up",
});

export const notParted = (log: InteractionLog): TuneError => {
  const times = new Set(log.time.subarray(0, log.length)).size;
  return times < 2
    ? new TuneError({ reason: "OneTime", message: `Nothing can be tuned, ${untouched}: ${oneTime(log)}.` })
    : new TuneError({
        reason: "OneTime",
        message:
          `Nothing can be tuned, ${untouched}: the ${counted(log.length)} interactions have only ${times} different times, and three parts ` +
          "are needed, one after the other: to train on, to search on, and to compare on. Import the times of day, too " +
          "(`import --timestamp COLUMN`), or tune when there are events of more days.",
      });
};

/** Where a part is too small to tell one setting from another; undefined where both are large enough. */
export const tooLittle = (log: InteractionLog, { search, validation }: Parts): TuneError | undefined => {
  const sizes = [search.test, validation.test].map((test) => ({
    events: test.length,
    shoppers: usersOf(log, test).length,
  }));
  const smallest = sizes.reduce((one, other) =>
    other.events < one.events || other.shoppers < one.shoppers ? other : one,
  );
  if (smallest.events >= least.events && smallest.shoppers >= least.shoppers) return undefined;
  const times = Math.max(least.events / Math.max(smallest.events, 1), least.shoppers / Math.max(smallest.shoppers, 1));
  const wanted = Math.ceil((times * log.length) / 100) * 100;
  return new TuneError({
    reason: "TooLittle",
    message:
      `There is too little to tune on, ${untouched}: a tenth of the ${counted(log.length)} interactions is compared on, which is ` +
      `${counted(smallest.events)} events of ${counted(smallest.shoppers)} shoppers; less than ${least.events} events of ${least.shoppers} shoppers ` +
      `tell nothing. Tune when there are about ${counted(wanted)} interactions.`,
  });
};

/** Where next to none of the events can be ranked for, `all` shoppers being searched on, or as many as there was time for. */
export const nothingScored = (
  events: number,
  part: number,
  { all, shoppers }: { readonly all: number; readonly shoppers: number },
  repeats: boolean,
): TuneError => {
  if (shoppers < all) return fewShoppers(events, shoppers, all);
  return new TuneError({
    reason: "TooLittle",
    message:
      `There is too little to tune on, ${untouched}: of the ${counted(part)} events to search on, ${counted(events)} are of items that were known ` +
      `before${repeats ? "" : " and that the same shopper had not had"}; ${least.events} are needed.` +
      (repeats ? "" : " Where shoppers come back to what they had, let it count (EVALUATE_REPEATS=true)."),
  });
};

export const fewScored = (events: number): boolean => events < least.events;

/** Of a search that has tried all there is and found nothing but the default. */
export const nothingToTry = new TuneError({
  reason: "NothingToTry",
  message:
    "There is nothing to try: every setting that could be searched is given, by a flag or in the environment. Leave some of them out.",
});

const minutesOf = (minutes: number): string => `\`--minutes ${minutes}\``;

/** A second's tenth tells enough. */
const secondsOf = (seconds: number): string => `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;

const tooShort = (message: string): TuneError => new TuneError({ reason: "TooShort", message });

/** Of a time in which nothing but the default could be tried. */
export const tooShortFor = (minutes: number, { training }: Costs, { enough, shoppers }: Room): TuneError =>
  tooShort(
    `${minutesOf(minutes)} tells nothing here, ${untouched}: one training takes ${secondsOf(training)}, and beside the default other settings are to be ` +
      `tried, on at least ${counted(shoppers)} shoppers, and one to be compared. Give about \`--minutes ${enough}\`.`,
  );

/** Of a time that is over before it could be told how much is needed. */
export const tooShortToTell = (minutes: number): TuneError =>
  tooShort(
    `${minutesOf(minutes)} tells nothing here, ${untouched}: the time was over before the model was trained by the default and ranked for a few shoppers. ` +
      `Give at least \`--minutes ${Math.ceil(10 * minutes)}\`.`,
  );

/** What is said at the start where a first round of settings cannot be tried to its end. */
export const littleTime = (minutes: number, all: number, { enough, shoppers }: Room): string =>
  `${minutesOf(minutes)} is short here: few settings can be tried, on ${counted(shoppers)} of ${counted(all)} shoppers, so a gain may go unnoticed; ` +
  `\`--minutes ${enough}\` would do`;

/** Where there is time for fewer shoppers than there are. */
export const fewer = (minutes: number, all: number, { shoppers }: Room): string =>
  `${minutesOf(minutes)} suffices for trying settings on ${counted(shoppers)} of ${counted(all)} shoppers`;

const fewShoppers = (events: number, shoppers: number, all: number): TuneError =>
  tooShort(
    `There was time for trying settings on ${counted(shoppers)} of ${counted(all)} shoppers, ${untouched}: ${counted(events)} of their events could be ` +
      `scored, and ${least.events} are needed. ${goesOn}; give it more \`--minutes\`.`,
  );

const goesOn = "What was found is kept: `tune` goes on from there";

/** Where the machine became slower than it was at the start. */
export const defaultNotMeasured = tooShort(
  `The time was over before the default itself was measured, ${untouched}. ${goesOn}; give it more \`--minutes\`.`,
);
export const notCompared = tooShort(
  `The time was over before the best settings were compared with the default on the newest events, ${untouched}. ${goesOn}; give it more \`--minutes\`.`,
);

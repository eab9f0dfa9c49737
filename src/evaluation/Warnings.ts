/** Warnings: what in the data makes a report's figures tell little, each a sentence without its full stop. */
import type { InteractionLog } from "./InteractionLog.ts";
import type { EvaluateParameters, PrequentialReport } from "./Report.ts";
import { count, date, plural } from "./ReportWords.ts";
import type { Split } from "./Split.ts";
import type { TrainingSet } from "./TrainingSet.ts";

/** Fewer users or interactions than that leave an error of 10 points and more. */
const enough = 100;
/** From fewer interactions nothing is learnt that lasts. */
const enoughToTrain = 500;
/** Of the whole: a train part below that is no picture of what the batch learns from. */
const trainShare = 0.2;
/** One shopper's share of the test part from which on figures are theirs; looked at among `enoughToShare` shoppers and more. */
const oneShare = 0.25;
const enoughToShare = 10;
/** One item's share of what is scored, from which on figures tell whether that one is found. */
const oneItemShare = 0.5;
/** Days without any event before the tested ones, that are told where they are also longer than these take. */
const longSilence = 30;
/** Catalogue items per place of a list, below which a list shows much of all there is. */
const itemsPerPlace = 3;

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;

/** Half the width of the 95 % interval of a share, in points, where `n` were asked: at most that. */
const uncertainty = (n: number): string => `±${(98 / Math.sqrt(n)).toFixed(0)} points`;

export const haveOneTime = ({ length, time }: InteractionLog): boolean => length > 1 && time[0] === time[length - 1];

export const oneTime = (log: InteractionLog): string =>
  `all ${count(log.length)} interactions have one time (${date(log.time[0])}), so what came first is only known by the order of the ` +
  "rows: import their times (`import --timestamp COLUMN`)";

/** What else helps where that is so, of a split that goes by time. */
export const orLeaveOut = ", or leave each user's last one out (EVALUATE_SPLIT=leave-last-out)";

/** Whether all of them are of one day (UTC). */
export const haveOneDay = ({ length, time }: InteractionLog): boolean =>
  length > 1 && date(time[0]) === date(time[length - 1]);

interface Judged {
  readonly log: InteractionLog;
  readonly split: Split;
  readonly set: TrainingSet;
  readonly parameters: EvaluateParameters;
  /** Test interactions by user. */
  readonly tested: ReadonlyMap<number, number>;
}
type Check = (judged: Judged) => string | undefined;

const byWhen: Check = ({ log, parameters }) => {
  if (haveOneTime(log)) return `${oneTime(log)}${parameters.split === "leave-last-out" ? "" : orLeaveOut}`;
  return haveOneDay(log)
    ? `all interactions are of one day (${date(log.time[0])}): figures tell of shoppers within a visit, and nothing of whether what was learnt holds the next day`
    : undefined;
};

const byFuture: Check = ({ log, parameters }) => {
  const flatters = "and the figures flatter: compare rankers by them, but choose by EVALUATE_SPLIT=time or fraction";
  if (parameters.split === "random") {
    return `what is tested was drawn at random, so the model has seen what came after it ${flatters}`;
  }
  return parameters.split === "leave-last-out" && !haveOneTime(log)
    ? `each user's last interaction is tested, so the model has seen what others did after it ${flatters}`
    : undefined;
};

const byStrangers: Check = ({ set, tested }) => {
  const strangers = [...tested.keys()].filter((user) => set.userCounts[user] === 0).length;
  if (strangers === tested.size) {
    return (
      `${tested.size === 1 ? "the one test user is not" : `none of the ${plural(tested.size, "test user")} is`} in the train part, so nothing that was learnt of users is tested, only what is ` +
      "learnt as they come: choose a later split (EVALUATE_DAYS, EVALUATE_FRACTION), or look whether ids change from visit to visit"
    );
  }
  return strangers > tested.size / 2
    ? `${count(strangers)} of the ${plural(tested.size, "test user")} are not in the train part: offline, all of them get what is popular from every ranker, so figures there ` +
        "tell less of tastes; go by the prequential ones, which tell new shoppers and known ones apart, or choose a later split"
    : undefined;
};

const byVisits: Check = ({ set }) => {
  const trained = set.userCounts.filter((interactions) => interactions > 0);
  const once = trained.filter((interactions) => interactions === 1).length;
  return once > 0.9 * trained.length
    ? `${percent(once, trained.length)} of the users have a single interaction in the train part, from which neither tastes nor what follows what ` +
        "can be learnt: look whether ids change from visit to visit, or train on more"
    : undefined;
};

const byTraining: Check = ({ log, split: { train }, set }) => {
  if (train.length < enoughToTrain) {
    return `the train part has only ${plural(train.length, "interaction")} on ${plural(set.items, "item")}: what a model learns from so few is chance; train on more`;
  }
  return train.length < trainShare * log.length
    ? `the model learnt from ${percent(train.length, log.length)} of the interactions alone, and the batch learns from all: figures of a served model are likely ` +
        "to be better; test on fewer days (EVALUATE_DAYS), or choose a larger EVALUATE_FRACTION"
    : undefined;
};

const byNumber: Check = ({ split, tested }) => {
  const least = Math.min(tested.size, split.test.length);
  return least < enough
    ? `the test part has only ${plural(split.test.length, "interaction")} of ${plural(tested.size, "user")}: a share is known to ` +
        `${uncertainty(least)} at best, and smaller differences tell nothing; test on more (EVALUATE_DAYS, EVALUATE_FRACTION)`
    : undefined;
};

const byOne: Check = ({ log, split, tested }) => {
  if (tested.size < enoughToShare) return undefined;
  const [user, most] = [...tested].reduce((top, one) => (one[1] > top[1] ? one : top));
  return most > oneShare * split.test.length
    ? `${percent(most, split.test.length)} of the test interactions are of one user (${log.userIds[user]}), a robot perhaps, and figures over events are mostly theirs: ` +
        "leave their rows out, and look at the intervals"
    : undefined;
};

const byOneItem: Check = ({ log, set, split, tested }) => {
  if (tested.size < enoughToShare) return undefined;
  const known = split.test.filter((at) => set.rowOf[log.item[at]] >= 0);
  const counts = new Map<number, number>();
  for (const at of known) counts.set(log.item[at], (counts.get(log.item[at]) ?? 0) + 1);
  const [item, most] = [...counts].reduce((top, one) => (one[1] > top[1] ? one : top), [-1, 0]);
  return most > oneItemShare * known.length
    ? `${percent(most, known.length)} of the test interactions that can be found are of one item (${log.itemIds[item]}): figures tell whether that one is found`
    : undefined;
};

const bySilence: Check = ({ log, split: { test, train } }) => {
  const timeOf = (parts: Uint32Array, choose: (a: number, b: number) => number, from: number): number =>
    parts.reduce((found, at) => choose(found, log.time[at]), from);
  const before = timeOf(train, Math.max, Number.NEGATIVE_INFINITY);
  const first = timeOf(test, Math.min, Number.POSITIVE_INFINITY);
  const silence = first - before;
  const last = timeOf(test, Math.max, first);
  return train.length > 0 && test.length > 0 && silence > Math.max(longSilence * 86_400, last - first)
    ? `between the newest event of the train part (${date(before)}) and the first that is tested (${date(first)}) lie ${count(Math.round(silence / 86_400))} days without any: ` +
        "what is tested may be of another time, or tried out by hand; EVALUATE_SPLIT=fraction tests on what came before, too"
    : undefined;
};

const byRepeats: Check = ({ log, parameters, split }) => {
  const pairOf = (at: number): number => log.user[at] * log.itemIds.length + log.item[at];
  const had = new Set<number>();
  for (const at of split.train) had.add(pairOf(at));
  let repeats = 0;
  for (const at of split.test) {
    const before = had.size;
    if (had.add(pairOf(at)).size === before) repeats++;
  }
  if (repeats <= split.test.length / 2) return undefined;
  const told = `${percent(repeats, split.test.length)} of the test interactions are of items that the same user had before`;
  return parameters.repeats
    ? `${told}: figures tell mostly how well a learner repeats what a shopper has had; EVALUATE_REPEATS=false tells what they find that is new to them`
    : `${told}; they are left out, and figures are of the rest: look whether rows are duplicates, or, if a shopper shall be recommended what they had, set EVALUATE_REPEATS=true`;
};

const byUnknownItems: Check = ({ log, set, split }) => {
  const unknown = split.test.filter((at) => set.rowOf[log.item[at]] < 0).length;
  return unknown > split.test.length / 2
    ? `${percent(unknown, split.test.length)} of the test interactions are of items that the train part does not know; they are left out, and figures are of the rest: ` +
        "choose a later split, and train as often as items change"
    : undefined;
};

const byCatalogue: Check = ({ parameters: { k }, set }) => {
  const items = set.available.reduce((sum, one) => sum + one, 0);
  return items < itemsPerPlace * k
    ? `a list of ${k} is long for a catalogue of ${plural(items, "item")}: chance finds ${percent(Math.min(k, items), items)}; choose a smaller EVALUATE_K`
    : undefined;
};

const checks: ReadonlyArray<Check> = [
  byWhen,
  byFuture,
  byStrangers,
  byVisits,
  byTraining,
  byNumber,
  byOne,
  byOneItem,
  bySilence,
  byRepeats,
  byUnknownItems,
  byCatalogue,
];

/** Where much of the test part was left out; that the test part itself is too small is told before. */
export const scoredWarning = (
  { events, users }: Pick<PrequentialReport, "events" | "users">,
  tested: { readonly interactions: number; readonly users: number },
): string | undefined => {
  const least = Math.min(events, users);
  return events > 0 && least < enough && Math.min(tested.interactions, tested.users) >= enough
    ? `of ${plural(tested.interactions, "test interaction")} only ${plural(events, "event")} of ${plural(users, "user")} could be scored: a share is known to ` +
        `${uncertainty(least)} at best, and smaller differences tell nothing; see what was left out, and score more users (EVALUATE_MAX_USERS)`
    : undefined;
};

export const warningsOf = (
  log: InteractionLog,
  split: Split,
  set: TrainingSet,
  parameters: EvaluateParameters,
): ReadonlyArray<string> => {
  const tested = new Map<number, number>();
  for (const at of split.test) tested.set(log.user[at], (tested.get(log.user[at]) ?? 0) + 1);
  return checks.flatMap((check) => check({ log, split, set, parameters, tested }) ?? []);
};

/** Warnings: what in the data makes a report's figures tell little. */
import type { InteractionLog } from "./InteractionLog.ts";
import { count, date, plural } from "./ReportWords.ts";
import type { Split } from "./Split.ts";
import type { TrainingSet } from "./TrainingSet.ts";

/** Fewer users or interactions than that leave an error of 10 points and more. */
const enough = 100;

/** Half the width of the 95 % interval of a share, in points, where `n` were asked: at most that. */
const uncertainty = (n: number): string => `±${(98 / Math.sqrt(n)).toFixed(0)} points`;

export const haveOneTime = ({ length, time }: InteractionLog): boolean => length > 1 && time[0] === time[length - 1];

export const oneTime = (log: InteractionLog): string =>
  `all ${count(log.length)} interactions have one time (${date(log.time[0])}), so what came first is only known by the order of the ` +
  "rows: import their times (`import --timestamp COLUMN`), or leave each user's last one out (EVALUATE_SPLIT=leave-last-out)";

/** Sentences without their full stops. */
export const warningsOf = (log: InteractionLog, split: Split, set: TrainingSet): ReadonlyArray<string> => {
  const users = new Set(Array.from(split.test, (at) => log.user[at]));
  const known = [...users].filter((user) => set.userCounts[user] > 0).length;
  const interactions = split.test.length;
  return [
    ...(haveOneTime(log) ? [oneTime(log)] : []),
    ...(known === 0
      ? [
          `none of the ${plural(users.size, "test user")} is in the train part, so nothing that was learnt of users is tested, only what is ` +
            "learnt as they come: choose a later split (EVALUATE_DAYS, EVALUATE_FRACTION), or look whether ids change from visit to visit",
        ]
      : []),
    ...(Math.min(users.size, interactions) < enough
      ? [
          `there are only ${plural(interactions, "test interaction")} of ${plural(users.size, "user")}: a share is known to ` +
            `${uncertainty(Math.min(users.size, interactions))} at best, and smaller differences tell nothing; test on more (EVALUATE_DAYS, EVALUATE_FRACTION)`,
        ]
      : []),
  ];
};

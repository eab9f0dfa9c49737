/** Newcomers: how the report tells of the shoppers and of the items that the train part does not know. */
import { defaultShare } from "../learning/NewItemDraw.ts";
import type { PrequentialReport, Report } from "./Report.ts";
import { count, estimate, gained, plural, share } from "./ReportWords.ts";

/** Who is compared in the two tables' groups. */
export const groups = ({ events, newUserEvents, newUsers, users }: PrequentialReport) => ({
  known: { events: events - newUserEvents, users: users - newUsers },
  newcomers: { events: newUserEvents, users: newUsers },
});

/** Without a full stop. */
export const shoppersSentence = (prequential: PrequentialReport): string => {
  const { known, newcomers } = groups(prequential);
  const told = ({ events, users }: { events: number; users: number }): string =>
    events === 0 ? "none" : `${plural(events, "event")} of ${plural(users, "shopper")}`;
  return `Known to the train part: ${told(known)}; new: ${told(newcomers)}`;
};

/** The head of the shoppers' table; its first column holds the learners' names. */
export const shoppersHead = ({ cutoffs }: PrequentialReport): ReadonlyArray<string> => {
  const widest = cutoffs[cutoffs.length - 1];
  return ["", `known: NDCG@${widest}`, "known: gain", `new: NDCG@${widest}`, "new: gain"];
};

export const shoppersRows = (
  prequential: PrequentialReport,
  { learner }: Report["parameters"],
): ReadonlyArray<ReadonlyArray<string>> => {
  const parts = groups(prequential);
  return prequential.learners.map((one) => [
    one.name,
    ...(["known", "newcomers"] as const).flatMap((group) =>
      parts[group].events === 0
        ? ["–", "–"]
        : parts[group].users < 2
          ? [share(one[group].ndcg.mean), "one shopper"]
          : [estimate(one[group].ndcg), one.setting === learner ? "configured" : gained(one[group].gain)],
    ),
  ]);
};

/** Without a full stop. */
export const newItemsSentence = ({ cutoffs, learners, newItems, unknownItems }: PrequentialReport): string => {
  if (unknownItems === 0) return "Every tested item has an interaction in the train part";
  const unknown = `${plural(unknownItems, "event")} on items that the train part does not know`;
  if (!newItems.itemsFile) {
    return (
      `${unknown}: without an items file nothing is known of an item before its first event, so nobody can recommend it; ` +
      "`import --items FILE` gives one"
    );
  }
  if (newItems.events === 0) return `${unknown}, none of which the items file lists`;
  const k = cutoffs[cutoffs.length - 1];
  const chance = newItems.placed > k ? ` (recall@${k} by chance: ${share(k / newItems.placed)})` : "";
  const placed = newItems.placed === 0 ? "New items" : `The ${count(newItems.placed)} items that attributes place`;
  return (
    `${unknown}. The items file lists ${count(newItems.items)} of these items, to which ${plural(newItems.users, "shopper")} came in ` +
    `${plural(newItems.events, "event")}. ` +
    (learners.some(finds) ? `${placed} are ranked among each other${chance}` : "Nobody ranks them: recall 0")
  );
};

const finds = ({ newItemHit }: PrequentialReport["learners"][number]): boolean => newItemHit.mean > 0;

/** Those who find new items, head first; no rows where nobody does. */
export const newItemsTable = ({ cutoffs, learners }: PrequentialReport): ReadonlyArray<ReadonlyArray<string>> => {
  const found = learners.filter(finds);
  if (found.length === 0) return [];
  return [
    [
      "",
      `recall@${cutoffs[cutoffs.length - 1]} among new items`,
      `shown where EXPLORE_SHARE=${defaultShare} tries some`,
    ],
    ...found.map(({ name, newItemHit, newItemTried, setting }) => [
      name,
      estimate(newItemHit),
      setting === null ? "–" : estimate(newItemTried),
    ]),
  ];
};

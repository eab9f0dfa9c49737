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
  const finds = learners.filter(({ newItemHit }) => newItemHit.mean > 0);
  const found = finds.map(({ name, newItemHit }) => `${name} ${estimate(newItemHit)}`).join(", ");
  const others = finds.length < learners.length ? ", 0 by the others" : "";
  const chance = newItems.placed > k ? `, ${(k / newItems.placed).toFixed(4)} by chance` : "";
  return (
    `${unknown}. The items file lists ${count(newItems.items)} of these items, to which ${plural(newItems.users, "shopper")} came in ` +
    `${plural(newItems.events, "event")}; recall@${k} among ${newItems.placed === 0 ? "" : `${count(newItems.placed)} `}new items: ` +
    `${found === "" ? "0, nobody ranks them" : `${found}${others}${chance}`}${triedSentence(learners)}`
  );
};

/** By whoever serves; nothing where none of them would be tried. */
const triedSentence = (learners: PrequentialReport["learners"]): string => {
  const tried = learners.filter(({ newItemTried, setting }) => setting !== null && newItemTried.mean > 0);
  const told = tried.map(({ name, newItemTried }) => `${name} ${estimate(newItemTried)}`).join(", ");
  return told === ""
    ? ""
    : `. Places that try new items (EXPLORE_SHARE=${defaultShare}) would have shown them: ${told}`;
};

/** ReportText: the report as aligned tables for a terminal. */
import { aligned } from "../domain/TextTable.ts";
import { newItemsSentence, newItemsTable, shoppersHead, shoppersRows, shoppersSentence } from "./Newcomers.ts";
import { activityBands } from "./Offline.ts";
import type { Report } from "./Report.ts";
import {
  count,
  findings,
  modelSentence,
  offlineRows,
  offlineSentence,
  period,
  plural,
  popularityWindow,
  prequentialHead,
  prequentialRows,
  prequentialSentence,
  share,
  splitSentence,
} from "./ReportWords.ts";
import { tunedSentence } from "./TunedSettings.ts";
import { gainSentence, verdictSentence } from "./Verdict.ts";

/** The first column to the left, the others to the right. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  aligned(rows, (column) => column > 0);

const offlineTable = ({ offline, parameters: { k } }: Report): ReadonlyArray<string> =>
  table([
    ["", `recall@${k}`, `MAP@${k}`, `NDCG@${k}`, `MAP@${k}, H&M`, "coverage", "novelty"],
    ...offlineRows(offline),
  ]);

const bandTable = ({ offline, parameters: { k } }: Report): ReadonlyArray<string> =>
  table([
    [`recall@${k} by train interactions`, ...activityBands.map(({ band }) => band)],
    ["users", ...(offline.rankers[0]?.bands ?? []).map(({ users }) => count(users))],
    ...offline.rankers.map(({ name, bands }) => [
      name,
      ...bands.map(({ users, recall }) => (users === 0 ? "–" : share(recall.mean))),
    ]),
  ]);

const prequentialTable = ({ parameters, prequential }: Report): ReadonlyArray<string> =>
  prequential === null || prequential.events === 0
    ? []
    : table([prequentialHead(prequential), ...prequentialRows(prequential, parameters)]);

const newcomersText = ({ parameters, prequential }: Report): ReadonlyArray<string> => {
  if (prequential === null || prequential.events === 0) return [];
  const newItems = newItemsTable(prequential);
  return [
    "",
    "NEW SHOPPERS AND NEW ITEMS",
    `${shoppersSentence(prequential)}.`,
    "",
    ...table([shoppersHead(prequential), ...shoppersRows(prequential, parameters)]),
    "",
    `${newItemsSentence(prequential)}.`,
    ...(newItems.length === 0 ? [] : ["", ...table(newItems)]),
  ];
};

/** Ends without a line break. */
export const formatReport = (report: Report): string => {
  const { data, parameters } = report;
  const gain = gainSentence(report);
  return [
    `${verdictSentence(report)}.`,
    ...(gain === "" ? [] : [`${gain}.`]),
    "",
    `${plural(data.interactions, "interaction")} of ${plural(data.users, "user")} and ${plural(data.items, "item")}, ${period(data)}.`,
    `${splitSentence(report)}.`,
    `${modelSentence(report)}. Popularity ${popularityWindow(parameters.popularDays)}.`,
    ...(report.tuned === null ? [] : [`${tunedSentence(report.tuned)}.`]),
    ...report.warnings.map((warning) => `Warning: ${warning}.`),
    "",
    "OFFLINE",
    `${offlineSentence(report)}.`,
    "",
    ...offlineTable(report),
    "",
    ...bandTable(report),
    "",
    "PREQUENTIAL",
    prequentialSentence(report),
    "",
    ...prequentialTable(report),
    ...newcomersText(report),
    "",
    ...findings(report).map(({ ratio, text, detail }) => `${ratio.padStart(6)}  ${text}: ${detail}`),
  ].join("\n");
};

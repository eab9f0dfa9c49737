/** ReportText: the report as aligned tables for a terminal. */
import { activityBands } from "./Offline.ts";
import type { Report } from "./Report.ts";
import {
  bits,
  count,
  date,
  estimate,
  findings,
  modelSentence,
  offlineSentence,
  percent,
  plural,
  popularityWindow,
  prequentialHead,
  prequentialRows,
  prequentialSentence,
  share,
  splitSentence,
} from "./ReportWords.ts";

/** The first column to the left, the others to the right, two spaces between. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd(),
  );
};

const offlineTable = ({ offline, parameters: { k } }: Report): ReadonlyArray<string> =>
  aligned([
    ["", `recall@${k}`, `MAP@${k}`, `NDCG@${k}`, `MAP@${k}, H&M`, "coverage", "novelty"],
    ...offline.rankers.map((ranker) => [
      ranker.name,
      estimate(ranker.recall),
      estimate(ranker.map),
      estimate(ranker.ndcg),
      share(ranker.competitionMap.mean),
      percent(ranker.coverage),
      bits(ranker.novelty),
    ]),
  ]);

const bandTable = ({ offline, parameters: { k } }: Report): ReadonlyArray<string> =>
  aligned([
    [`recall@${k} by train interactions`, ...activityBands.map(({ band }) => band)],
    ["users", ...(offline.rankers[0]?.bands ?? []).map(({ users }) => count(users))],
    ...offline.rankers.map(({ name, bands }) => [
      name,
      ...bands.map(({ users, recall }) => (users === 0 ? "–" : share(recall.mean))),
    ]),
  ]);

const prequentialTable = ({ prequential }: Report): ReadonlyArray<string> =>
  prequential === null ? [] : aligned([prequentialHead(prequential), ...prequentialRows(prequential)]);

/** Ends without a line break. */
export const formatReport = (report: Report): string => {
  const { data, parameters } = report;
  return [
    `${plural(data.interactions, "interaction")} of ${plural(data.users, "user")} and ${plural(data.items, "item")}, ${date(data.from)} to ${date(data.to)}.`,
    `${splitSentence(report)}.`,
    `${modelSentence(report)}. Popularity ${popularityWindow(parameters.popularDays)}.`,
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
    "",
    ...findings(report).map(({ ratio, text, detail }) => `${ratio.padStart(6)}  ${text}: ${detail}`),
  ].join("\n");
};

/** LiveText: the report as aligned tables for a terminal. */
import { aligned } from "../../domain/TextTable.ts";
import type { Group, LiveReport } from "./LiveReport.ts";
import {
  caveat,
  comparisonCaveat,
  comparisonSentence,
  groupRow,
  groupsHead,
  liveSentences,
  liveVerdict,
  periodSentence,
} from "./LiveWords.ts";

/** Ends without a line break. */
export const formatLive = (report: LiveReport): string => {
  const { all, comparisons, models, positions, sources, warnings } = report;
  const table = (title: string, groups: ReadonlyArray<Group>) =>
    groups.length === 0
      ? []
      : ["", ...aligned([[title, ...groupsHead(report)], ...groups.map(groupRow)], (column) => column > 0)];
  return [
    `${liveVerdict(report)}.`,
    "",
    `${periodSentence(report)}.`,
    ...liveSentences(report).map((sentence) => `${sentence}.`),
    ...warnings.map((warning) => `Warning: ${warning}.`),
    ...table("BY SOURCE", [...sources, all]),
    ...table("BY POSITION", positions),
    ...table("BY MODEL", models),
    ...(comparisons.length === 0
      ? []
      : ["", ...comparisons.map((one) => `${comparisonSentence(one)}.`), comparisonCaveat]),
    "",
    caveat,
  ].join("\n");
};

/** LiveHtml: the report as one page. */
import { barChart, escapeText } from "../Charts.ts";
import { figure, page, prose, table, tilesOf, warningLine } from "../Page.ts";
import { plural } from "../ReportWords.ts";
import type { Group, LiveReport } from "./LiveReport.ts";
import {
  amountText,
  caveat,
  comparisonCaveat,
  comparisonSentence,
  differenceText,
  groupRow,
  groupsHead,
  liveSentences,
  liveVerdict,
  percent,
  periodSentence,
} from "./LiveWords.ts";
import { isProven } from "./Rates.ts";

const colours: Readonly<Record<string, string>> = {
  personalized: "model",
  trending: "popular",
  catalogue: "random",
  new: "ema",
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const tiles = (report: LiveReport): string => {
  const { all, clickShare, conversionGain, otherConversion, purchaseShare } = report;
  const { clickRate, conversion, purchaseRate } = all;
  return tilesOf([
    ...(clickRate === null || purchaseRate === null
      ? []
      : [
          { figure: percent(clickRate), text: "of recommended items seen were clicked", detail: amountText(clickRate) },
          { figure: percent(purchaseRate), text: "of them were bought", detail: amountText(purchaseRate) },
        ]),
    { figure: percent(purchaseShare), text: "of purchases come of recommendations", detail: amountText(purchaseShare) },
    { figure: percent(clickShare), text: "of clicks come of recommendations", detail: amountText(clickShare) },
    ...(conversion.of === 0 || otherConversion.of === 0
      ? []
      : [
          {
            figure: percent(conversion),
            text: `of recommended clicks led to a purchase, ${percent(otherConversion)} of others`,
            detail: isProven(conversionGain) ? differenceText(conversionGain) : "no difference is proven",
          },
        ]),
  ]);
};

/** Of one shopper alone nothing is drawn, as nothing is known. */
const chart = (title: string, note: string, groups: ReadonlyArray<Group>): string => {
  const bars = groups.flatMap(({ clickRate, conversion, name }) => {
    const rate = clickRate ?? conversion;
    return rate.shoppers < 2
      ? []
      : [
          {
            name,
            colour: colours[name] ?? "model",
            value: rate.rate,
            margin: 0,
            interval: [rate.low, rate.high] as const,
          },
        ];
  });
  const digits = bars.some(({ value }) => value > 0 && value < 0.01) ? 2 : 1;
  return bars.length === 0
    ? ""
    : figure(
        title,
        note,
        barChart(title, 280, bars, (value) => `${(100 * value).toFixed(digits)} %`),
      );
};

const groups = (report: LiveReport, name: string, of: ReadonlyArray<Group>): string =>
  of.length === 0 ? "" : `<p class="after"></p>${table([name, ...groupsHead(report).map(capital)], of.map(groupRow))}`;

const groupsSection = (report: LiveReport): string => {
  const { all, models, positions, sources } = report;
  const measured = all.clickRate === null ? "Bought of clicked" : "Clicked of shown";
  const notes = ["where the item came from", "in the list, from 1", "that answered"];
  const charts = [sources, positions, models].map((of, i) =>
    chart(`${measured}, by ${["source", "position", "model"][i]}`, notes[i] as string, of),
  );
  return `<section><h2>By source, position and model</h2><p>Whiskers: 95 % confidence.</p>
<div class="three">${charts.join("")}</div>
${groups(report, "Source", [...sources, all])}
${groups(report, "Position", positions)}
${groups(report, "Model", models)}</section>`;
};

const comparisonsSection = ({ comparisons }: LiveReport): string =>
  comparisons.length === 0
    ? ""
    : `<section><h2>Models compared</h2>${comparisons.map((one) => `<p>${prose(comparisonSentence(one))}.</p>`).join("")}<p class="fine">${escapeText(comparisonCaveat)}</p></section>`;

export const liveHtml = (report: LiveReport): string =>
  page({
    title: `Slipstream, what recommendations sold, ${report.createdAt.slice(0, 10)}`,
    brand: `what recommendations sold, ${plural(report.days, "day")}`,
    createdAt: report.createdAt,
    header: `<h1>${escapeText(liveVerdict(report))}</h1>
<p>${prose(`${periodSentence(report)}.`)}</p>${liveSentences(report)
      .map((sentence) => `<p>${prose(`${sentence}.`)}</p>`)
      .join("")}${report.warnings.map(warningLine).join("")}`,
    sections: `<div class="tiles">${tiles(report)}</div>
${groupsSection(report)}
${comparisonsSection(report)}
<p class="fine">${escapeText(caveat)}</p>`,
  });

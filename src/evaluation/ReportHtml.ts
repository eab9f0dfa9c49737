/** ReportHtml: the report as one page that needs nothing else: no network, no script; light and dark. */
import { type Bar, type BarGroup, barChart, escapeText, groupedBars } from "./Charts.ts";
import { groups, newItemsSentence, newItemsTable, shoppersHead, shoppersRows, shoppersSentence } from "./Newcomers.ts";
import { facts, figure, page, prose, table, tilesOf, warningLine, wide } from "./Page.ts";
import type { Estimate, Report } from "./Report.ts";
import {
  count,
  days,
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
import { timeChart } from "./TimeChart.ts";
import { tunedSentence } from "./TunedSettings.ts";
import { gainSentence, verdictSentence } from "./Verdict.ts";

/** One colour per contestant, the same in every chart. */
const colours: Readonly<Record<string, string>> = {
  ALS: "model",
  "ALS, frozen": "model",
  "ALS + EMA": "ema",
  "ALS + fold-in": "fold",
  "item-kNN": "near",
  "blend, frozen": "still",
  blend: "blend",
  tuned: "tuned",
  popularity: "popular",
  "popularity, fading": "fading",
  random: "random",
};
const colourOf = (name: string): string => colours[name] ?? "random";

const bar = (name: string, { mean, margin }: Estimate): Bar => ({ name, colour: colourOf(name), value: mean, margin });

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const legend = (names: ReadonlyArray<string>): string =>
  `<ul class="legend">${names.map((name) => `<li><i class="back-${colourOf(name)}"></i>${escapeText(name)}</li>`).join("")}</ul>`;

/** Nothing where every group is too small for bars. */
const groupsFigure = (
  title: string,
  note: string,
  groups: ReadonlyArray<BarGroup>,
  compared: ReadonlyArray<{ readonly name: string }>,
): string =>
  groups.every(({ bars }) => bars.length === 0)
    ? ""
    : figure(
        title,
        note,
        legend(compared.map(({ name }) => name)) + wide(groupedBars(title, groups, (value) => value.toFixed(3))),
      );

const tiles = (report: Report): string =>
  tilesOf(findings(report).map(({ detail, ratio, text }) => ({ figure: ratio, text, detail })));

const offlineSection = (report: Report): string => {
  const { offline, parameters } = report;
  const { k } = parameters;
  const metrics = [
    { title: `Recall@${k}`, note: "share of a user's items that was listed", of: "recall" },
    { title: `MAP@${k}`, note: "and how early, by precision", of: "map" },
    { title: `NDCG@${k}`, note: "and how early, by discounted gain", of: "ndcg" },
  ] as const;
  const charts = metrics.map(({ title, note, of }) =>
    figure(
      title,
      note,
      barChart(
        `${title} by ranker`,
        280,
        offline.rankers.map((ranker) => bar(ranker.name, ranker[of])),
        share,
      ),
    ),
  );
  const bands = (offline.rankers[0]?.bands ?? []).map(({ band, users }, b) => ({
    name: band,
    note: plural(users, "user"),
    bars: users < 2 ? [] : offline.rankers.map(({ name, bands }) => bar(name, bands[b].recall)),
  }));
  return `<section><h2>Offline</h2><p>${escapeText(offlineSentence(report))}. Whiskers: 95 % confidence.</p>
<div class="three">${charts.join("")}</div>
${groupsFigure(`Recall@${k} by activity`, "interactions in the train part", bands, offline.rankers)}
${table(
  ["Ranker", `Recall@${k}`, `MAP@${k}`, `NDCG@${k}`, `MAP@${k}, H&M rules`, "Coverage", "Novelty"],
  offlineRows(offline),
)}
<p class="fine">Popularity is distinct shoppers ${escapeText(popularityWindow(parameters.popularDays))}; users without train interactions get, from ALS and the blend, the one that fades. H&amp;M rules: nothing is left out of the lists, and every item of the test part is relevant.</p></section>`;
};

const margins = { hit: "hitMargin", ndcg: "ndcgMargin" } as const;

const prequentialSection = (report: Report): string => {
  const { prequential } = report;
  const sentence = `<p>${escapeText(prequentialSentence(report))}</p>`;
  if (prequential === null || prequential.events === 0) return `<section><h2>Prequential</h2>${sentence}</section>`;
  const { cutoffs, learners, windows } = prequential;
  const last = cutoffs.length - 1;
  const overall = (title: string, note: string, of: "hit" | "ndcg"): string =>
    figure(
      title,
      note,
      barChart(
        `${title} by learner`,
        360,
        learners.map((learner) => bar(learner.name, { mean: learner[of][last], margin: learner[margins[of]] })),
        share,
      ),
    );
  const overTime = timeChart(
    "Hit rate over time by learner",
    windows,
    learners.map(({ name, curve }) => ({ name, colour: colourOf(name), values: curve })),
  );
  return `<section><h2>Prequential</h2>${sentence}
<div class="two">${overall(`Hit@${cutoffs[last]}`, "how often the next item was listed", "hit")}${overall(`NDCG@${cutoffs[last]}`, "and how early", "ndcg")}</div>
${overTime === undefined ? "" : figure(`Hit@${cutoffs[last]} over time`, `stretches of about ${plural(windows[0].events, "event")}`, `<div class="narrow">${legend(learners.map(({ name }) => name))}</div>${wide(overTime)}`)}
${table(["Learner", ...prequentialHead(prequential).slice(1).map(capital)], prequentialRows(prequential, report.parameters))}
<p class="fine">Before each event every learner ranks the whole catalogue for that user, by inner product and once more by cosine; then it learns from the event. Popularity is kept up to date; the fading one, which halves every ${escapeText(days(prequential.halfLifeSeconds))}, stands in where a shopper is unknown. Gain: NDCG@${cutoffs[last]} more than the configured learner's at the same events. Intervals are of 95 %, over shoppers; two learners' intervals may overlap where their paired difference is clear. Where the data tells days alone, a day's events come in the order they were read, so that one basket's items follow one another.</p></section>`;
};

const newcomersSection = ({ parameters, prequential }: Report): string => {
  if (prequential === null || prequential.events === 0) return "";
  const { cutoffs, learners } = prequential;
  const widest = cutoffs[cutoffs.length - 1];
  const parts = groups(prequential);
  const newItems = newItemsTable(prequential);
  const bars = (["known", "newcomers"] as const).map((group) => ({
    name: group === "known" ? "known to the train part" : "new",
    note: `${plural(parts[group].events, "event")} of ${plural(parts[group].users, "shopper")}`,
    bars: parts[group].users < 2 ? [] : learners.map((learner) => bar(learner.name, learner[group].ndcg)),
  }));
  return `<section><h2>New shoppers and new items</h2><p>${escapeText(shoppersSentence(prequential))}.</p>
${groupsFigure(`NDCG@${widest} of shoppers`, "who were there before, and who came since", bars, learners)}
${table(["Learner", ...shoppersHead(prequential).slice(1).map(capital)], shoppersRows(prequential, parameters))}
<p class="after">${prose(newItemsSentence(prequential))}.</p>
${newItems.length === 0 ? "" : table(["Learner", ...newItems[0].slice(1).map(capital)], newItems.slice(1))}</section>`;
};

const loss = (value: number | undefined): string =>
  value === undefined ? "–" : value.toLocaleString("en-US", { maximumSignificantDigits: 6 });

const dataSection = ({ data, parameters, training }: Report): string => {
  const { model } = parameters;
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["Interactions", count(data.interactions)],
    ["Users", count(data.users)],
    ["Items", count(data.items)],
    ["Train interactions", count(data.trainInteractions)],
    ["Train users", count(data.trainUsers)],
    ["Catalogue (train items)", count(data.trainItems)],
    ["Test interactions", count(data.testInteractions)],
    ["Test users", count(data.testUsers)],
    ["Test users scored, at most", count(parameters.maxUsers)],
    ["Rank", String(model.rank)],
    ["λ", String(model.regularization)],
    ["α", String(model.alpha)],
    ["ν, exponent of λ", String(model.regularizationExponent ?? 0)],
    ["β, exponent of the unobserved", String(model.unobservedExponent ?? 0)],
    ["Iterations", String(model.iterations)],
    ["First loss", loss(training.losses[0])],
    ["Last loss", loss(training.losses.at(-1))],
    ["Training", `${training.seconds.toFixed(1)} s`],
    ["EMA rate η", String(parameters.rate)],
    ["Fold-in decay", String(parameters.decay)],
    [
      "Blend: decay, taste, popularity",
      `${parameters.blend.decay}, ${parameters.blend.taste}, ${parameters.blend.popularity}`,
    ],
    ["Debounce", `${parameters.debounceSeconds} s`],
    ["Items seen before", parameters.repeats ? "ranked" : "left out"],
    ["Seeds: model, draws", `${model.seed}, ${parameters.seed}`],
  ];
  return `<section><h2>Data and parameters</h2>${facts(rows)}</section>`;
};

export const htmlReport = (report: Report): string =>
  page({
    title: `Slipstream evaluation, ${report.createdAt.slice(0, 10)}`,
    brand: "evaluation",
    createdAt: report.createdAt,
    header: `<h1>${escapeText(verdictSentence(report))}</h1><p class="gain">${escapeText(gainSentence(report))}</p>
<p>${prose(`${count(report.data.interactions)} interactions, ${period(report.data)}. ${splitSentence(report)}. ${modelSentence(report)}.`)}</p>${report.tuned === null ? "" : `<p>${prose(`${tunedSentence(report.tuned)}.`)}</p>`}${report.warnings.map(warningLine).join("")}`,
    sections: `<div class="tiles">${tiles(report)}</div>
${offlineSection(report)}
${prequentialSection(report)}
${newcomersSection(report)}
${dataSection(report)}`,
  });

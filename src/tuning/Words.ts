/** Words: settings and what they are worth, as a shop's engineer reads them. */
import type { ModelParameters, Recipe } from "../domain/Model.ts";
import { withSign } from "../domain/TextTable.ts";
import type { Tuned } from "../domain/Tuned.ts";
import { plural } from "../evaluation/ReportWords.ts";

export const shown = (ndcg: number): string => ndcg.toFixed(4);

export const counted = (value: number): string => value.toLocaleString("en-US");

/** As `1 trial is kept`. */
export const trialsKept = (trials: number): string => `${plural(trials, "trial is", "trials are")} kept`;

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
const minute = (iso: string): string => iso.slice(0, 16).replace("T", " ");

/** In a few words. */
export const told = ({
  alpha,
  rank,
  regularization,
  regularizationExponent,
  unobservedExponent,
}: ModelParameters): string =>
  [
    `rank ${rank}`,
    `α ${alpha}`,
    `λ ${regularization}`,
    ...(regularizationExponent === undefined ? [] : [`ν ${regularizationExponent}`]),
    ...(unobservedExponent === undefined ? [] : [`β ${unobservedExponent}`]),
  ].join(", ");

type Row = readonly [name: string, setting: string, of: (recipe: Recipe) => string | number];

const rows: ReadonlyArray<Row> = [
  ["rank", "ALS_RANK", ({ parameters }) => parameters.rank],
  ["confidence α", "ALS_ALPHA", ({ parameters }) => parameters.alpha],
  ["penalty λ", "ALS_REGULARIZATION", ({ parameters }) => parameters.regularization],
  ["its exponent ν", "ALS_REGULARIZATION_EXPONENT", ({ parameters }) => parameters.regularizationExponent ?? 0],
  ["exponent of the unobserved β", "ALS_UNOBSERVED_EXPONENT", ({ parameters }) => parameters.unobservedExponent ?? 0],
  ["learner", "LEARNER", ({ learning }) => learning.learner],
  ["search by", "METRIC", ({ metric }) => metric],
];
const own: Readonly<Record<Recipe["learning"]["learner"], ReadonlyArray<Row>>> = {
  blend: [
    ["blend: decay", "BLEND_DECAY", ({ learning }) => learning.blend.decay],
    ["blend: taste", "BLEND_TASTE", ({ learning }) => learning.blend.taste],
    ["blend: popularity", "BLEND_POPULARITY", ({ learning }) => learning.blend.popularity],
  ],
  ema: [["moving average: rate η", "LEARNING_RATE", ({ learning }) => learning.rate]],
  "fold-in": [["fold-in: decay", "FOLD_IN_DECAY", ({ learning }) => learning.decay]],
};

const tableOf = (lines: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : c === 3 ? `   ${cell}` : cell.padStart(widths[c] + 3)))
      .join("")
      .trimEnd(),
  );
};

const settingsOf = (defaults: Recipe, tuned: Recipe): ReadonlyArray<string> => {
  const learners = new Set([defaults.learning.learner, tuned.learning.learner]);
  const wanted = [...rows, ...[...learners].flatMap((learner) => own[learner])];
  return tableOf([
    ["", "default", "tuned", ""],
    ...wanted.map(([name, setting, of]) => {
      const [one, other] = [String(of(defaults)), String(of(tuned))];
      return [`${name} (${setting})`, one, other, one === other ? "" : "changed"];
    }),
  ]);
};

const signed = (value: number): string => withSign(value, shown(Math.abs(value)));

/** What is chosen, what it is worth, and what becomes of it. */
export const formatTuned = (tuned: Tuned): string => {
  const { evidence, proven, tunedAt } = tuned;
  const {
    cutoff,
    defaultNdcg,
    defaults,
    drawn,
    events,
    from,
    gain,
    interactions,
    look = 1,
    sampledFrom,
    shoppers,
    to,
    trials,
    tunedNdcg,
  } = evidence;
  const share = defaultNdcg > 0 ? ` (${((100 * gain.mean) / defaultNdcg).toFixed(1)} %)` : "";
  const interval = `95 % interval ${signed(gain.mean - gain.margin)} to ${signed(gain.mean + gain.margin)}`;
  const days = day(from) === day(to) ? `on ${day(from)}` : `from ${day(from)} to ${day(to)}`;
  const verdict = proven
    ? [
        "The gain is beyond chance: the next `batch` uses these settings. A setting that is given wins over them;",
        "`tune --forget` goes back to the defaults.",
      ]
    : [
        gain.mean > 0
          ? "The gain may be chance: the interval does not lie above 0. `batch` stays with the defaults."
          : "That is no gain: `batch` stays with the defaults.",
        "Search longer (`tune --minutes 60` goes on from here), or tune again when there are more events.",
      ];
  const sample = sampledFrom === undefined ? "" : ` (a sample of shoppers; all have ${counted(sampledFrom)})`;
  return [
    `Tuned ${minute(tunedAt)} UTC on ${counted(interactions)} interactions${sample}; ${counted(trials)} settings were compared.`,
    "",
    ...settingsOf(defaults, tuned),
    "",
    `On the newest events, which the search never looked at (${days}: ${counted(events)} events of ${counted(shoppers)} shoppers),`,
    `NDCG@${cutoff} is ${shown(tunedNdcg)} with the tuned settings and ${shown(defaultNdcg)} with the defaults: ${signed(gain.mean)}${share},`,
    `${interval} over shoppers${look > 1 ? `, widened since it is winner number ${look} that was tried on these events` : ""}.`,
    ...(drawn === undefined
      ? []
      : [
          `There was time for ${counted(drawn.shoppers)} of ${counted(drawn.of)} shoppers: the interval is wider than it could be; more minutes narrow it.`,
        ]),
    "",
    ...verdict,
  ].join("\n");
};

/** ReportWords: how a report's numbers and sentences read, on the terminal and on the page alike. */
import { withSign } from "../domain/TextTable.ts";
import type { DataReport, Estimate, OfflineReport, PrequentialReport, Report } from "./Report.ts";

export const count = (value: number): string => value.toLocaleString("en-US");
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
export const share = (value: number): string => value.toFixed(4);
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const bits = (value: number): string => `${value.toFixed(2)} bits`;
export const estimate = ({ mean, margin }: Estimate): string => `${share(mean)} ± ${share(margin)}`;
/** A difference, with its sign. */
export const gained = ({ mean, margin }: Estimate): string =>
  `${withSign(mean, share(Math.abs(mean)))} ± ${share(margin)}`;
export const date = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
/** A time span, in days. */
export const days = (seconds: number): string => {
  const rounded = Number((seconds / 86_400).toPrecision(2));
  return plural(rounded, "day");
};
/** Unix seconds, with the time of day where the data is of less than three days. UTC. */
const moment = (seconds: number, { from, to }: DataReport): string =>
  to - from < 3 * 86_400 ? new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") : date(seconds);
/** From when to when the data is. */
export const period = (data: DataReport): string => {
  const [from, to] = [moment(data.from, data), moment(data.to, data)];
  if (from === to) return from;
  return `${from} to ${date(data.from) === date(data.to) ? to.slice(11) : to}`;
};
export const popularityWindow = (days: number): string =>
  days === 0 ? "of all time" : `of the last ${plural(days, "day")}`;

/** How the data was parted. */
export const splitSentence = ({ parameters, data }: Report): string => {
  const tested = `${plural(data.testInteractions, "interaction")} of ${plural(data.testUsers, "user")}`;
  switch (parameters.split) {
    case "time":
      return `Tested on the last ${plural(parameters.days, "day")}, from ${moment(data.testFrom, data)}: ${tested}`;
    case "fraction":
      return `Tested on the newest ${Math.round(100 * (1 - parameters.fraction))} %, from ${moment(data.testFrom, data)}: ${tested}`;
    case "sessions":
      return `Tested on the newest ${Math.round(100 * (1 - parameters.fraction))} % of the sessions, from ${moment(data.testFrom, data)}: ${tested}`;
    case "random":
      return `Tested on ${Math.round(100 * (1 - parameters.fraction))} %, drawn at random: ${tested}`;
    case "leave-last-out":
      return `Tested on each user's last interaction: ${tested}`;
  }
};

const exponent = (name: string, value = 0): string => (value === 0 ? "" : `${name} ${value}, `);

export const modelSentence = ({ parameters: { model }, training }: Report): string =>
  `ALS of rank ${model.rank}, λ ${model.regularization}, α ${model.alpha}, ` +
  `${exponent("ν", model.regularizationExponent)}${exponent("β", model.unobservedExponent)}${plural(model.iterations, "iteration")}, ` +
  `seed ${model.seed}: trained in ${training.seconds.toFixed(1)} s`;

const gone = (items: number): string => (items === 0 ? "" : `, ${count(items)} that the items file lacks`);

/** What was to be found offline, and what was left out. */
export const offlineSentence = ({ offline, parameters, data }: Report): string =>
  `${plural(offline.users, "user")} with ${plural(offline.relevant, "item")} to find among ${count(data.trainItems)}; ` +
  `left out: ${count(offline.unknownItems)} unknown to the train part${gone(offline.goneItems)}` +
  (parameters.repeats ? "" : `, ${count(offline.alreadySeen)} that the user had before`);

export const prequentialSentence = ({ prequential, parameters }: Report): string =>
  prequential === null
    ? `EVALUATE_SPLIT=${parameters.split} leaves no stretch of time to stream; time does.`
    : `${plural(prequential.events, "event")} of ${plural(prequential.users, "user")}, ` +
      `${count(prequential.newUserEvents)} of them by users new since the training; left out: ` +
      `${count(prequential.unknownItems)} of unknown items${gone(prequential.goneItems)}` +
      (parameters.split === "sessions" ? `, ${count(prequential.firstEvents)} that begin a session` : "") +
      (parameters.repeats ? "." : `, ${count(prequential.alreadySeen)} of items seen before.`);

/** A row per ranker: its name and measures, then what is counted once for all. */
export const offlineRows = ({ rankers }: OfflineReport): ReadonlyArray<ReadonlyArray<string>> =>
  rankers.map(({ competitionMap, coverage, map, name, ndcg, novelty, recall }) => [
    name,
    ...[recall, map, ndcg].map(estimate),
    share(competitionMap.mean),
    percent(coverage),
    bits(novelty),
  ]);

/** The head of the learners' table; its first column holds their names. */
export const prequentialHead = ({ cutoffs }: PrequentialReport): ReadonlyArray<string> => {
  const widest = cutoffs[cutoffs.length - 1];
  const others = cutoffs.slice(0, -1).flatMap((k) => [`hit@${k}`, `NDCG@${k}`]);
  return [
    "",
    ...others,
    `hit@${widest}`,
    `NDCG@${widest}`,
    `MRR@${widest}`,
    `NDCG@${widest}, gain`,
    `hit@${widest}, cosine`,
    `NDCG@${widest}, cosine`,
  ];
};

/** The gain of the configured learner on itself is none. */
export const prequentialRows = (
  { cutoffs, learners }: PrequentialReport,
  { learner }: Report["parameters"],
): ReadonlyArray<ReadonlyArray<string>> =>
  learners.map(({ name, setting, hit, hitMargin, ndcg, ndcgMargin, mrr, gain, cosine }) => {
    const last = cutoffs.length - 1;
    const others = cutoffs.slice(0, -1).flatMap((_, at) => [share(hit[at]), share(ndcg[at])]);
    return [
      name,
      ...others,
      estimate({ mean: hit[last], margin: hitMargin }),
      estimate({ mean: ndcg[last], margin: ndcgMargin }),
      share(mrr),
      setting === learner ? "configured" : gained(gain),
      ...(cosine === null ? ["–", "–"] : [share(cosine.hit[last]), share(cosine.ndcg[last])]),
    ];
  });

/** The findings in a few words each: what is compared, by how much, and from what to what. */
export interface Finding {
  readonly ratio: string;
  readonly text: string;
  readonly detail: string;
}

const times = (value: number, base: number): string => (base > 0 ? `${(value / base).toFixed(2)}×` : "–");

export const findings = ({ offline, prequential, parameters }: Report): ReadonlyArray<Finding> => {
  const found: Array<Finding> = [];
  const [als, popularity] = ["ALS", "popularity"].map((name) => offline.rankers.find((ranker) => ranker.name === name));
  if (offline.users > 0 && als !== undefined && popularity !== undefined) {
    found.push({
      ratio: times(als.recall.mean, popularity.recall.mean),
      text: `ALS against popularity, recall@${parameters.k}`,
      detail: `${share(als.recall.mean)} against ${share(popularity.recall.mean)}`,
    });
  }
  if (prequential === null || prequential.events === 0) return found;
  const last = prequential.cutoffs.length - 1;
  const frozen = prequential.learners.find(({ name }) => name === "ALS, frozen");
  for (const online of prequential.learners) {
    if (frozen === undefined || (online.setting === null && online.name !== "tuned")) continue;
    found.push({
      ratio: times(online.hit[last], frozen.hit[last]),
      text: `${online.name} against the frozen model, hit@${prequential.cutoffs[last]}`,
      detail: `${share(online.hit[last])} against ${share(frozen.hit[last])}`,
    });
  }
  return found;
};

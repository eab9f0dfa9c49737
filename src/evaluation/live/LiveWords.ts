/** LiveWords: how the report's numbers and sentences read, on the terminal and on the page alike. */
import { withSign } from "../../domain/TextTable.ts";
import { count, date, plural } from "../ReportWords.ts";
import type { Comparison, Group, LiveReport } from "./LiveReport.ts";
import { type Difference, isProven, type Rate } from "./Rates.ts";

/** As many digits as a share of its size needs. */
const digitsOf = (largest: number): number => (largest < 0.001 ? 3 : largest < 0.02 ? 2 : 1);

const inPercent = (value: number, digits: number): string => (100 * value).toFixed(digits);

/** `4.20 % (3.11 to 5.65)`. */
export const rateText = ({ high, low, of, rate }: Rate): string => {
  if (of === 0) return "–";
  const digits = digitsOf(rate === 0 ? high : rate);
  return `${inPercent(rate, digits)} % (${inPercent(low, digits)} to ${inPercent(high, digits)})`;
};

/** In points of percent, with signs. */
export const differenceText = ({ difference, high, low }: Difference): string => {
  const digits = digitsOf(Math.max(Math.abs(difference), Math.abs(high)));
  const signed = (value: number): string => withSign(value, inPercent(Math.abs(value), digits));
  return `${signed(difference)} points (${signed(low)} to ${signed(high)})`;
};

/** `586 of 18,000: 3.0 to 3.5 %`. */
export const amountText = ({ high, hits, low, of, rate }: Rate): string => {
  const digits = digitsOf(rate === 0 ? high : rate);
  return `${count(hits)} of ${count(of)}: ${inPercent(low, digits)} to ${inPercent(high, digits)} %`;
};

/** The share alone. */
export const percent = ({ of, rate }: Rate): string => (of === 0 ? "–" : `${inPercent(rate, digitsOf(rate))} %`);

/** Of how many: as large a round number as makes the first one of them one or more. */
const baseOf = ({ rate }: Rate): number => (rate >= 0.02 ? 100 : rate >= 0.002 ? 1000 : 10_000);

const among = (rate: Rate, base: number): string => {
  const digits = base * rate.rate < 10 ? 1 : 0;
  const [own, low, high] = [rate.rate, rate.low, rate.high].map((value) => (base * value).toFixed(digits));
  return `${own} (${low} to ${high})`;
};

/** Of what comes of recommendations, beside the rest. */
const gainText = ({ conversionGain, otherConversion, all: { conversion } }: LiveReport): string => {
  if (conversion.of === 0 || otherConversion.of === 0) return "";
  const beside = `${rateText(conversion)} of recommended clicks led to a purchase of the item, ${rateText(otherConversion)} of the others`;
  return isProven(conversionGain)
    ? `${beside}: ${differenceText(conversionGain)}`
    : `${beside}: no difference is proven, ${differenceText(conversionGain)}`;
};

/** The sentence that a shopkeeper reads first. */
export const liveVerdict = ({
  all: { clickRate, clicks, purchaseRate, purchases },
  clickShare,
  purchaseShare,
}: LiveReport) => {
  if (clickRate !== null && purchaseRate !== null) {
    const base = Math.max(baseOf(clickRate), purchaseRate.hits === 0 ? 0 : baseOf(purchaseRate));
    return `Of ${count(base)} recommended items that shoppers see, they click ${among(clickRate, base)} and buy ${among(purchaseRate, base)}`;
  }
  if (purchases > 0) {
    const base = baseOf(purchaseShare);
    return `Of ${count(base)} purchases, ${among(purchaseShare, base)} come of recommendations`;
  }
  if (clicks > 0) {
    const base = baseOf(clickShare);
    return `Of ${count(base)} clicks, ${among(clickShare, base)} come of recommendations, and no purchase yet`;
  }
  return "No click and no purchase comes of recommendations yet";
};

/** What else is to be said, a line each. */
export const liveSentences = (report: LiveReport): ReadonlyArray<string> => {
  const { all, clickShare, conversionDays, purchaseShare, types } = report;
  const gain = gainText(report);
  return [
    `${rateText(purchaseShare)} of ${plural(purchaseShare.of, "purchase")} and ${rateText(clickShare)} of ${plural(clickShare.of, "click")} come of recommendations`,
    ...(gain === "" ? [] : [gain]),
    `A purchase comes of the recommendation that it names or, where it names none, that the shopper's last click on the item within ${plural(conversionDays, "day")} named`,
    ...(all.clickRate === null ? [howToShow(types.shown)] : []),
  ];
};

/** How to tell what was shown. */
const howToShow = (shown: ReadonlyArray<string>): string =>
  shown.length === 0
    ? "What share of what is shown is clicked cannot be told: name a type that is shown in `EVENT_TYPES` (`impression=0 shown`), and send such an event, with the answer's `recommendation_id`, for each item that a shopper sees"
    : `What share of what is shown is clicked cannot be told: send an event of type \`${shown[0]}\`, with the answer's \`recommendation_id\`, for each item that a shopper sees`;

/** What "comes of" does not mean. */
export const caveat =
  "Intervals are of 95 %, over shoppers. What comes of a recommendation might have been bought without it: only shoppers who are shown none, drawn by chance, would tell.";

export const periodSentence = ({ days, from, to, types: { click, purchase, shown } }: LiveReport): string =>
  `${plural(days, "day")} up to the newest event, ${date(from)} to ${date(to)}. Clicks: ${click.join(", ") || "no type"}; purchases: ${purchase.join(", ") || "no type"}; shown: ${shown.join(", ") || "no type"}`;

export const comparisonSentence = ({ better, difference, measure, proven, worse }: Comparison): string =>
  proven
    ? `Model ${better} has more ${measure} than ${worse}: ${differenceText(difference)}`
    : `Nothing is proven between models ${better} and ${worse}, by ${measure}: ${differenceText(difference)}`;

export const comparisonCaveat =
  "Models that served one after the other met other days and other shoppers, which may be what differs.";

/** The head of a table of groups, whose first column holds their names. */
export const groupsHead = ({ all }: LiveReport): ReadonlyArray<string> =>
  all.clickRate === null
    ? ["clicks", "purchases", "of its clicks bought"]
    : ["shown", "clicked", "bought", "clicks", "purchases", "of its clicks bought"];

export const groupRow = ({ clickRate, clicks, conversion, name, purchaseRate, purchases }: Group) => [
  name,
  ...(clickRate === null || purchaseRate === null
    ? []
    : [count(clickRate.of), rateText(clickRate), rateText(purchaseRate)]),
  count(clicks),
  count(purchases),
  rateText(conversion),
];

/** Compare: models against one another, and what numbers are too small to say. */
import { count, plural } from "../ReportWords.ts";
import type { Comparison, Group, LiveReport } from "./LiveReport.ts";
import { differenceOf, isProven, type Rate } from "./Rates.ts";

/** Of many models those that were looked at most are compared. */
const mostCompared = 4;
const withoutModel = "no model";

/** Fewer say little: intervals are then wide, or rest on chance. */
const fewestShoppers = 30;
const fewestHits = 20;

const measures: ReadonlyArray<{
  readonly measure: Comparison["measure"];
  readonly of: (group: Group) => Rate | null;
}> = [
  { measure: "clicks per item shown", of: ({ clickRate }) => clickRate },
  { measure: "purchases per click", of: ({ conversion }) => conversion },
];

/** Each pair of models, by what was clicked of what was shown or, where that is not told of two, by what was bought of what was clicked. */
export const comparisonsOf = (models: ReadonlyArray<Group>): ReadonlyArray<Comparison> => {
  for (const { measure, of } of measures) {
    const measured = models.flatMap((group) => {
      const rate = of(group);
      return group.name === withoutModel || rate === null || rate.of === 0 ? [] : [{ name: group.name, rate }];
    });
    if (measured.length < 2) continue;
    const compared = measured.slice(0, mostCompared);
    return compared.flatMap((one, i) =>
      compared.slice(i + 1).map((other): Comparison => {
        const [better, worse] = one.rate.rate >= other.rate.rate ? [one, other] : [other, one];
        const difference = differenceOf(better.rate, worse.rate);
        return { measure, better: better.name, worse: worse.name, difference, proven: isProven(difference) };
      }),
    );
  }
  return [];
};

const isFew = ({ hits, shoppers }: Rate): boolean => hits < fewestHits || shoppers < fewestShoppers;

/** What to bear in mind: numbers that say little, and ids that say nothing. */
export const liveWarnings = (
  { all, purchaseShare }: Pick<LiveReport, "all" | "purchaseShare">,
  strangers: number,
): ReadonlyArray<string> => {
  const measured: ReadonlyArray<readonly [string, Rate]> =
    all.clickRate === null || all.purchaseRate === null
      ? [
          ["purchases that come of recommendations", purchaseShare],
          ["recommended clicks that a purchase followed", all.conversion],
        ]
      : [
          ["recommended items that were clicked", all.clickRate],
          ["recommended items that were bought", all.purchaseRate],
        ];
  return [
    ...measured
      .filter(([, rate]) => isFew(rate))
      .map(
        ([what, { hits, shoppers }]) =>
          `there are ${count(hits)} ${what}, of ${plural(shoppers, "shopper")} in all: too few to rely on; look again when there are more`,
      ),
    ...(strangers === 0
      ? []
      : [
          `${plural(strangers, "click or purchase", "clicks and purchases")} named an answer that did not hold the item, or none that can be read, and count as not recommended: send the recommendation_id of the answer that the item stood in`,
        ]),
  ];
};

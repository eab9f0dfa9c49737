/** Ledger: what shoppers did with recommendations, added up by source, position and model. Rows come shopper by shopper. */
import { readRecommendationId } from "../../domain/RecommendationId.ts";
import { bucketOf, positionBuckets } from "../../vitals/Attributed.ts";
import type { Group } from "./LiveReport.ts";
import { makeTally, type Rate, type Tally } from "./Rates.ts";

/** A click or a purchase; or, of an item that was shown, whether it was clicked and bought. */
export interface Happened {
  readonly shopper: string;
  readonly item: string;
  /** The id of the answer that it names, if any. */
  readonly answer: string | null;
  /** Of a purchase: the answer that the last click before it named. */
  readonly lastAnswer: string | null;
  readonly isBought: boolean;
  /** A click that a purchase followed; of what was shown: whether it was clicked. */
  readonly isFollowed: boolean;
}

interface Entry {
  clicks: number;
  purchases: number;
  readonly conversion: Tally;
  readonly clicked: Tally;
  readonly bought: Tally;
}

/** What an event names that is no item of an answer of ours. */
const noPlace = { source: undefined, position: 0, model: undefined } as const;
/** Told of; all count in the rest. */
const mostModels = 20;
const withoutModel = "no model";
const laterSource = "of a later version";

/** The place of an item in an answer; the same answer is asked of again and again. */
const makePlaceOf = () => {
  let last: string | undefined;
  let read: ReturnType<typeof readRecommendationId>;
  return (answer: string | null, item: string) => {
    if (answer === null) return undefined;
    if (answer !== last) read = readRecommendationId(answer);
    last = answer;
    const found = read?.find(item);
    return found === undefined ? noPlace : { ...found, model: read?.model ?? withoutModel };
  };
};

export const makeLedger = () => {
  const placeOf = makePlaceOf();
  const lastPlaceOf = makePlaceOf();
  const entry = (): Entry => ({
    clicks: 0,
    purchases: 0,
    conversion: makeTally(),
    clicked: makeTally(),
    bought: makeTally(),
  });
  const all = entry();
  const sources = new Map<string, Entry>();
  const positions = new Map<string, Entry>();
  const models = new Map<string, Entry>();
  const [clickShare, purchaseShare, otherConversion] = [makeTally(), makeTally(), makeTally()];
  let strangers = 0;
  let isShown = false;

  const entryOf = (entries: Map<string, Entry>, name: string): Entry => {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const made = entry();
    entries.set(name, made);
    return made;
  };

  /** Those that a recommendation counts in; none where it is none of ours. */
  const entriesOf = (place: ReturnType<typeof placeOf>): ReadonlyArray<Entry> =>
    place === undefined || place.model === undefined
      ? []
      : [
          all,
          entryOf(sources, place.source ?? laterSource),
          entryOf(positions, bucketOf(place.position)),
          entryOf(models, place.model),
        ];

  const act = ({ answer, isBought, isFollowed, item, lastAnswer, shopper }: Happened): void => {
    const named = placeOf(answer, item);
    if (named === noPlace) strangers++;
    const own = entriesOf(named);
    const entries = isBought && own.length === 0 ? entriesOf(lastPlaceOf(lastAnswer, item)) : own;
    const isOurs = entries.length > 0;
    (isBought ? purchaseShare : clickShare).add(shopper, isOurs);
    if (!isBought && !isOurs) otherConversion.add(shopper, isFollowed);
    for (const one of entries) {
      if (isBought) one.purchases++;
      else {
        one.clicks++;
        one.conversion.add(shopper, isFollowed);
      }
    }
  };

  const show = ({ answer, isBought, isFollowed, item, shopper }: Happened): void => {
    for (const one of entriesOf(placeOf(answer, item))) {
      isShown = true;
      one.clicked.add(shopper, isFollowed);
      one.bought.add(shopper, isBought);
    }
  };

  const group = (name: string, { bought, clicked, clicks, conversion, purchases }: Entry): Group => ({
    name,
    clicks,
    purchases,
    conversion: conversion.rate(),
    clickRate: isShown ? clicked.rate() : null,
    purchaseRate: isShown ? bought.rate() : null,
  });

  const weight = ({ clickRate, clicks, purchases }: Group): number => (clickRate?.of ?? 0) * 1e6 + clicks + purchases;
  const groupsOf = (entries: ReadonlyMap<string, Entry>): ReadonlyArray<Group> =>
    Array.from(entries, ([name, one]) => group(name, one)).sort((a, b) => weight(b) - weight(a));

  return {
    /** Takes clicks and purchases. */
    act,
    /** Takes items that were shown, each once per answer and shopper. */
    show,
    totals: (): {
      readonly all: Group;
      readonly sources: ReadonlyArray<Group>;
      readonly positions: ReadonlyArray<Group>;
      readonly models: ReadonlyArray<Group>;
      readonly clickShare: Rate;
      readonly purchaseShare: Rate;
      readonly otherConversion: Rate;
      /** Clicks and purchases that name an answer that did not hold the item, or none that can be read. */
      readonly strangers: number;
    } => ({
      all: group("all", all),
      sources: groupsOf(sources),
      positions: positionBuckets.flatMap((bucket) => {
        const found = positions.get(bucket);
        return found === undefined ? [] : [group(bucket, found)];
      }),
      models: groupsOf(models).slice(0, mostModels),
      clickShare: clickShare.rate(),
      purchaseShare: purchaseShare.rate(),
      otherConversion: otherConversion.rate(),
      strangers,
    }),
  };
};

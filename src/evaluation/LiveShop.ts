/** LiveShop: what contestants stand on: what the train part left, kept up to date with each event of the test part. */
import type { Interaction } from "../domain/UserState.ts";
import { makeScan, type Scan } from "../kernels/TopK.ts";
import { unitRows } from "../kernels/UnitRows.ts";
import { blendConstants } from "../learning/Blend.ts";
import { type FollowersOf, followersOf } from "../learning/FollowerLists.ts";
import { mostPopular } from "../learning/Popularity.ts";
import { besideFollowers } from "../learning/Stages.ts";
import type { Ask, ListAsk } from "./Ask.ts";
import { type BlendShop, makeNearTo } from "./BlendLists.ts";
import { type FadingPopularity, halfLifeOfTimes, makeFadingPopularity } from "./FadingPopularity.ts";
import { countOn } from "./FollowerCounts.ts";
import type { Measured } from "./Measured.ts";
import { type NewItemRanks, rankNewItems } from "./NewItems.ts";
import { makePopularity, type Popularity, rankByCount, windowSeconds } from "./Popularity.ts";
import type { EvaluateParameters } from "./Report.ts";
import type { Factors, TrainingSet } from "./TrainingSet.ts";

export interface Shop extends BlendShop {
  readonly parameters: EvaluateParameters;
  /** Of vectors as they are, and of vectors at length 1; made when first asked for, before the first event. */
  readonly scan: () => Scan;
  readonly unitScan: () => Scan;
  /** Distinct shoppers by row within the window; kept up to date from the first call on, before the first event. */
  readonly recent: () => ArrayLike<number>;
  readonly popularity: FadingPopularity;
  /** The rank of the ask's row by it: what strangers get. */
  readonly popularRank: (ask: Ask) => number;
  /** The allowed rows by it, best first, as many as the longest list takes; and behind them all rows, as training left them. */
  readonly popular: (ask: ListAsk) => Uint32Array;
  readonly rest: Uint32Array;
  /** Made when first asked for. */
  readonly newItems: () => NewItemRanks;
  /** Followers of the train part, and counted on. */
  readonly trained: FollowersOf;
  readonly counted: FollowersOf;
}

export interface LiveShop extends Shop {
  /** An event is about to be asked about, the `turn`th of the test part. */
  readonly await: (turn: number, time: number) => void;
  /** Counts the newest of a shopper's interactions for those it followed. */
  readonly count: (interactions: ReadonlyArray<Interaction>) => void;
  readonly observe: (user: number, row: number, type: number, time: number) => void;
}

/** Events between two looks at what trends. */
const trendEvents = 64;

const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** What of a shop depends on the factors of its model. */
const byFactors = ({ items }: TrainingSet, factors: Factors) => {
  const { itemFactors, rank } = factors;
  const scan = once(() => makeScan({ vectors: itemFactors, rows: items, rank }));
  const unitScan = once(() => makeScan({ vectors: unitRows(itemFactors, rank), rows: items, rank }));
  return { factors, scan, unitScan, nearTo: makeNearTo(factors, unitScan) };
};

/** The same shop by another model of the same train part. */
export const withFactors = (shop: Shop, factors: Factors): Shop => ({ ...shop, ...byFactors(shop.set, factors) });

/** As the train part leaves it. */
export const popularityBefore = ({ batchPopularity, log, set, split }: Measured): FadingPopularity => {
  const halfLife = batchPopularity?.halfLife ?? halfLifeOfTimes(split.train.map((at) => log.time[at]));
  const popularity = makeFadingPopularity(set.items, halfLife, batchPopularity, set.types.weights);
  if (batchPopularity !== undefined) return popularity;
  for (const at of split.train) popularity.observe(set.rowOf[log.item[at]], log.type[at], log.time[at]);
  return popularity;
};

/** `most`: the longest list that is looked at. The split's parts are not empty. */
export const makeLiveShop = (input: Measured, most: number): LiveShop => {
  const { factors, followers, log, parameters, set, split } = input;
  const popularity = popularityBefore(input);
  const { trending: trends } = besideFollowers(blendConstants, most);
  let trending = popularity.best(trends, set.available);
  const before = popularity.scores;
  const rest = Uint32Array.from({ length: set.items }, (_, row) => row).sort(
    (a, b) => before[b] - before[a] || set.itemCounts[b] - set.itemCounts[a] || a - b,
  );

  let recent: Popularity | undefined;
  const makeRecent = (): Popularity => {
    const window = windowSeconds(parameters.popularDays);
    const start = log.time[split.test[0]];
    const made = makePopularity(set.items, window);
    for (const at of split.train) {
      if (start - log.time[at] < window) made.observe(log.user[at], set.rowOf[log.item[at]], log.time[at]);
    }
    return made;
  };

  let asked: Ask | undefined;
  let popularRank = 0;
  let listAsked: ListAsk | undefined;
  let popular: Uint32Array = new Uint32Array(0);

  const trained = followersOf(followers);
  const { count, followersOf: counted } = countOn(trained);
  return {
    set,
    parameters,
    ...byFactors(set, factors),
    popularity,
    popularRank: (ask) => {
      if (ask !== asked) popularRank = rankByCount(popularity.scores, ask.row, ask.allowed);
      asked = ask;
      return popularRank;
    },
    popular: (ask) => {
      if (ask !== listAsked) popular = mostPopular(popularity, ask.most, ask.allowed);
      listAsked = ask;
      return popular;
    },
    rest,
    recent: () => {
      recent ??= makeRecent();
      return recent.counts;
    },
    newItems: once(() => rankNewItems({ factors, log, set })),
    trained,
    counted,
    trending: () => trending,
    await: (turn, time) => {
      recent?.advance(time);
      if (turn % trendEvents === 0) trending = popularity.best(trends, set.available);
    },
    count,
    observe: (user, row, type, time) => {
      recent?.observe(user, row, time);
      popularity.observe(row, type, time);
    },
  };
};

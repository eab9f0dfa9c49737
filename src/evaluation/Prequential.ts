/**
 * Prequential: how contestants compare where each event is asked about before it is learnt from (`Replay.ts`).
 *
 * Dawid, "Statistical Theory: The Prequential Approach", 1984; for recommenders: Vinagre, Jorge, Gama, "Evaluation of
 * Recommender Systems in Streaming Environments", 2015.
 */
import { Effect } from "effect";
import { defaultShare, tryChance } from "../learning/NewItemDraw.ts";
import type { Task } from "../ports/Progress.ts";
import { clusteredMean } from "./Clustered.ts";
import { type Compared, everyLearner, type Lineup } from "./Contestants.ts";
import type { Shop } from "./LiveShop.ts";
import type { Measured } from "./Measured.ts";
import { hit, ndcgOfOne, reciprocal } from "./Metrics.ts";
import { replay } from "./Replay.ts";
import type { PrequentialReport } from "./Report.ts";
import { hitRate, meanNdcg, ndcgGain } from "./Scores.ts";

const windows = 24;

/** At most `windows` stretches [from, to) over `events`, equal to within one event, none empty. */
const stretchesOf = (events: number): ReadonlyArray<readonly [from: number, to: number]> => {
  const count = Math.min(windows, events);
  const start = (window: number): number => Math.floor((window * events) / count);
  return Array.from({ length: count }, (_, window) => [start(window), start(window + 1)]);
};

/** Advances `task` by one per test event. The split's parts are not empty; one of `lineup` is of the configured learner. */
export const prequential = (
  input: Measured,
  task: Task,
  lineup: Lineup = everyLearner,
): Effect.Effect<PrequentialReport> =>
  Effect.gen(function* () {
    const { parameters } = input;
    const cutoffs = [...new Set([parameters.k, 20])].sort((a, b) => a - b);
    const widest = cutoffs[cutoffs.length - 1];
    let compared: ReadonlyArray<Compared> = [];
    const contestants = (shop: Shop) => {
      compared = lineup(shop);
      return compared.flatMap(({ byCosine = [], contestant }) => [contestant].concat(byCosine));
    };
    const replayed = yield* replay(input, contestants, widest, task);
    const { events, isNew, newItems, ranks, shopperOf, shoppers, time } = replayed;

    const mean = (of: Float32Array, value: (rank: number) => number, from = 0, to = events): number => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += value(of[i]);
      return to > from ? sum / (to - from) : 0;
    };
    const accuracy = (of: Float32Array) => ({
      hit: cutoffs.map((k) => mean(of, (rank) => hit(rank, k))),
      ndcg: cutoffs.map((k) => mean(of, (rank) => ndcgOfOne(rank, k))),
    });
    const stretches = stretchesOf(events);
    const places = compared.map((_, c) =>
      compared.slice(0, c).reduce((place, { byCosine }) => place + (byCosine === undefined ? 1 : 2), 0),
    );
    const configured = places[compared.findIndex(({ contestant }) => contestant.setting === parameters.learner)];
    const part = (contestant: number, newcomers: 0 | 1) => {
      const takes = (event: number): boolean => isNew[event] === newcomers;
      return {
        ndcg: meanNdcg(replayed, contestant, widest, takes),
        gain: ndcgGain(replayed, contestant, configured, widest, takes),
      };
    };
    return {
      cutoffs,
      events,
      unknownItems: replayed.unknownItems,
      goneItems: replayed.goneItems,
      alreadySeen: replayed.alreadySeen,
      firstEvents: replayed.firstEvents,
      newUserEvents: isNew.reduce((sum, one) => sum + one, 0),
      newUsers: new Set(shopperOf.filter((_, event) => isNew[event] === 1)).size,
      newItems: {
        itemsFile: input.log.hasItemsFile,
        events: newItems.events,
        users: newItems.shoppers,
        items: newItems.items,
        placed: replayed.placedItems,
      },
      users: shoppers,
      halfLifeSeconds: replayed.halfLifeSeconds,
      windows: stretches.map(([from, to]) => ({ from: time[from], events: to - from })),
      learners: compared.map(({ byCosine, contestant: { name, setting } }, c) => {
        const own = ranks[places[c]];
        return {
          name,
          setting: setting ?? null,
          ...accuracy(own),
          mrr: mean(own, (rank) => reciprocal(rank, widest)),
          hitMargin: hitRate(replayed, places[c], widest).margin,
          ndcgMargin: meanNdcg(replayed, places[c], widest).margin,
          gain: ndcgGain(replayed, places[c], configured, widest),
          known: part(places[c], 0),
          newcomers: part(places[c], 1),
          newItemHit: clusteredMean(newItems.events, newItems.shopperOf, newItems.shoppers, (event) =>
            hit(newItems.ranks[places[c]][event], widest),
          ),
          newItemTried: clusteredMean(newItems.events, newItems.shopperOf, newItems.shoppers, (event) =>
            tryChance(newItems.ranks[places[c]][event], replayed.placedItems, defaultShare, parameters.k),
          ),
          cosine: byCosine === undefined ? null : accuracy(ranks[places[c] + 1]),
          curve: stretches.map(([from, to]) => mean(own, (rank) => hit(rank, widest), from, to)),
        };
      }),
    };
  });

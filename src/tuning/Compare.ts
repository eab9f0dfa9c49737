/**
 * Compare: the one winner of the search against the default, on the newest part, which the search never looked at. Both are trained
 * on all that came before; the interval of their difference at the same events is over shoppers. If other winners were tried on
 * the same part before, it is the wider for it, so that trying again and again proves nothing (Bonferroni).
 */
import { Clock, Effect } from "effect";
import type { Evidence, Recipe } from "../domain/Model.ts";
import type { Replayed } from "../evaluation/Replay.ts";
import { meanNdcg, ndcgGain } from "../evaluation/Scores.ts";
import { fewest, furtherOf } from "./Budget.ts";
import { compare, cutoff, type Judged, makeTraining, type Part, type Training } from "./Measure.ts";

/** Φ(x), to 1e-7. Abramowitz, Stegun, "Handbook of Mathematical Functions", 26.2.17. */
const normal = (x: number): number => {
  if (x < 0) return 1 - normal(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (series * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
};

/** By how much a 95 % interval is wider when it is the `looks`th on the same data. */
export const widening = (looks: number): number => {
  const wanted = 1 - 0.025 / looks;
  let [low, high] = [1, 10];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normal(middle) < wanted) low = middle;
    else high = middle;
  }
  return Math.max(1, low / 1.959964);
};

export const isProven = ({ gain: { margin, mean } }: Evidence): boolean => mean - margin > 0;

export interface Compared {
  readonly part: Part;
  /** In the order in which they are drawn: of those for whom there is no time, the last ones are left out. */
  readonly users: ReadonlyArray<number>;
  /** When it should have ended, unix milliseconds. A first ninth of the shoppers is ranked for whatever the time. */
  readonly ends: number;
  readonly judged: Judged;
  readonly defaults: Recipe;
  readonly winner: Recipe;
  /** Which winner it is of those that were tried on this part, from 1. */
  readonly look: number;
  readonly trials: number;
}

/** Of other shoppers, at the same part by the same recipes. */
const joined = (one: Replayed, other: Replayed): Replayed => {
  const shopperOf = new Uint32Array(one.events + other.events);
  shopperOf.set(one.shopperOf);
  other.shopperOf.forEach((shopper, event) => {
    shopperOf[one.events + event] = one.shoppers + shopper;
  });
  const ranks = one.ranks.map((own, at) => {
    const both = new Float32Array(shopperOf.length);
    both.set(own);
    both.set(other.ranks[at], own.length);
    return both;
  });
  return { ...one, events: shopperOf.length, shoppers: one.shoppers + other.shoppers, shopperOf, ranks };
};

/** A few shoppers first, then as many as there is time for by what those took: whom it is for is drawn before anything is known of them. */
const compareUntil = ({ defaults, ends, judged, part, users, winner }: Compared, training: Training) =>
  Effect.gen(function* () {
    for (const { parameters } of [defaults, winner]) yield* training(parameters);
    const next = (from: number, count: number) =>
      compare(part, training, new Set(users.slice(from, from + count)), judged, [defaults, winner]);
    let started = yield* Clock.currentTimeMillis;
    let count = Math.min(users.length, Math.max(fewest, Math.ceil(users.length / 9)));
    let drawn = count;
    let replayed = yield* next(0, count);
    for (;;) {
      const now = yield* Clock.currentTimeMillis;
      count = furtherOf(users.length - drawn, count, (now - started) / 1000, (ends - now) / 1000);
      if (count === 0) return { replayed, drawn };
      started = now;
      replayed = joined(replayed, yield* next(drawn, count));
      drawn += count;
    }
  });

export const evidenceOf = (compared: Compared) =>
  Effect.gen(function* () {
    const { defaults, look, part, trials, users } = compared;
    const { drawn, replayed } = yield* compareUntil(compared, makeTraining(part));
    const { log, split } = part;
    const gain = ndcgGain(replayed, 1, 0, cutoff);
    const evidence: Evidence = {
      cutoff,
      defaultNdcg: meanNdcg(replayed, 0, cutoff).mean,
      tunedNdcg: meanNdcg(replayed, 1, cutoff).mean,
      gain: { mean: gain.mean, margin: gain.margin * widening(look) },
      events: replayed.events,
      shoppers: replayed.shoppers,
      from: log.time[split.test[0]],
      to: log.time[split.test[split.test.length - 1]],
      interactions: log.length,
      ...(drawn === users.length ? {} : { drawn: { shoppers: drawn, of: users.length } }),
      trials,
      look,
      defaults,
    };
    return evidence;
  });

/**
 * Compare: the one winner of the search against the default, on the newest part, which the search never looked at. Both are trained
 * on all that came before; the interval of their difference at the same events is over shoppers. If other winners were tried on
 * the same part before, it is the wider for it, so that trying again and again proves nothing (Bonferroni).
 */
import { Effect } from "effect";
import type { Evidence, Recipe } from "../domain/Model.ts";
import { meanNdcg, ndcgGain } from "../evaluation/Scores.ts";
import { compare, cutoff, type Judged, makeTraining, type Part } from "./Measure.ts";

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
  readonly users: ReadonlySet<number>;
  readonly judged: Judged;
  readonly defaults: Recipe;
  readonly winner: Recipe;
  /** Which winner it is of those that were tried on this part, from 1. */
  readonly look: number;
  readonly trials: number;
}

export const evidenceOf = ({ defaults, judged, look, part, trials, users, winner }: Compared) =>
  Effect.gen(function* () {
    const replayed = yield* compare(part, makeTraining(part), users, judged, [defaults, winner]);
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
      trials,
      look,
      defaults,
    };
    return evidence;
  });

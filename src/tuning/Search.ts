/** Search: trials in their order until the time is up, each kept as soon as it has ended. */
import { Clock, Effect, Option } from "effect";
import type { Task } from "../ports/Progress.ts";
import { bestOf, ndcgOf, nextTrial, type Plan, type Result, type Score, type Trial, trialKey } from "./Halving.ts";
import { keyOf, placeOf } from "./Space.ts";
import { shown, told } from "./Words.ts";

export interface Found {
  /** By `trialKey`. */
  readonly results: ReadonlyMap<string, Result>;
  readonly best: Score;
  /** Events that the default was measured on. */
  readonly events: number;
  /** Whether there was nothing left to try. */
  readonly isExhausted: boolean;
}

const isDefault = ({ space }: Plan, { parameters }: Trial): boolean =>
  keyOf(parameters) === keyOf(space.defaults.parameters);

/** The default's own NDCG, once it is measured to the end. */
const defaultNdcg = ({ rungs, space }: Plan, results: ReadonlyMap<string, Result>): number => {
  const { arm, cell } = placeOf(space, space.defaults);
  return ndcgOf(results, rungs.length, space.defaults.parameters, arm, cell) ?? 0;
};

/** Milliseconds to be left for the comparison: two trainings on a ninth more, and two passes. */
const reserve = (plan: Plan, results: ReadonlyMap<string, Result>, best: Score): number => {
  const ofKey = (key: string): ReadonlyArray<Result> =>
    [...results.values()].filter(({ parameters }) => keyOf(parameters) === key);
  const longest = (all: ReadonlyArray<Result>): number => Math.max(0, ...all.map(({ trainSeconds }) => trainSeconds));
  const base = ofKey(keyOf(plan.space.defaults.parameters));
  const pass = base.reduce((sum, { passSeconds }) => sum + passSeconds, 0);
  return 1000 * (1.5 * (longest(base) + longest(ofKey(keyOf(best.parameters)))) + 0.5 * pass);
};

export interface Searching {
  readonly plan: Plan;
  /** From before. */
  readonly results: ReadonlyMap<string, Result>;
  /** When the comparison must have ended, in milliseconds. */
  readonly deadline: number;
  readonly task: Task;
}

const eventsOf = ({ rungs, space }: Plan, results: ReadonlyMap<string, Result>): number =>
  rungs.reduce(
    (sum, _, rung) => sum + (results.get(trialKey({ parameters: space.defaults.parameters, rung }))?.events ?? 0),
    0,
  );

/** The default is always measured to the end; any other trial ends when the time is up, and then counts for nothing. */
export const search = <E, R, E2, R2>(
  { deadline, plan, results: before, task }: Searching,
  measure: (trial: Trial) => Effect.Effect<Result, E, R>,
  keep: (result: Result) => Effect.Effect<void, E2, R2>,
): Effect.Effect<Found, E | E2, R | R2> =>
  Effect.gen(function* () {
    const results = new Map(before);
    const add = (result: Result) =>
      Effect.zipRight(
        keep(result),
        Effect.sync(() => results.set(trialKey(result), result)),
      );
    const ended = (best: Score, isExhausted: boolean): Found => ({
      results,
      best,
      events: eventsOf(plan, results),
      isExhausted,
    });
    const note = (trial: Trial, far: string): void =>
      task.note(`${far}trial ${results.size + 1}: ${told(trial.parameters)}`);

    let trial = nextTrial(plan, results);
    for (; trial !== undefined && isDefault(plan, trial); trial = nextTrial(plan, results)) {
      note(trial, "");
      yield* add(yield* measure(trial));
    }
    const own = defaultNdcg(plan, results);
    let best = bestOf(plan, results);
    for (; trial !== undefined; trial = nextTrial(plan, results)) {
      note(trial, `best ${shown(best.ndcg)}, default ${shown(own)}; `);
      const left = deadline - reserve(plan, results, best) - (yield* Clock.currentTimeMillis);
      const measured = left <= 0 ? Option.none<Result>() : yield* Effect.timeoutOption(measure(trial), left);
      if (Option.isNone(measured)) return ended(best, false);
      yield* add(measured.value);
      const now = bestOf(plan, results);
      if (now.ndcg > best.ndcg) {
        yield* Effect.logInfo(
          `better after ${results.size} trials: NDCG@20 ${shown(now.ndcg)} (default ${shown(own)}) by ${now.arm.learner} with ${told(now.parameters)}`,
        );
      }
      best = now;
    }
    return ended(best, true);
  });

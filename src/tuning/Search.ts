/** Search: trials in their order until the time is up, each kept as soon as it has ended. */
import { Clock, Effect, Option } from "effect";
import type { Task } from "../ports/Progress.ts";
import { bestOf, ndcgOf, nextTrial, type Plan, type Result, type Score, type Trial, trialKey } from "./Halving.ts";
import { defaultNotMeasured, type TuneError } from "./Problems.ts";
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

/** Seconds that the trainings of the comparison took in the search: the default's, and the best's. */
const trainingsOf = ({ space }: Plan, results: ReadonlyMap<string, Result>, best: Score): number => {
  const longest = (key: string): number => {
    const own = [...results.values()].filter(({ parameters }) => keyOf(parameters) === key);
    return Math.max(0, ...own.map(({ trainSeconds }) => trainSeconds));
  };
  const [base, other] = [keyOf(space.defaults.parameters), keyOf(best.parameters)];
  return longest(base) + (other === base ? 0 : longest(other));
};

export interface Searching {
  readonly plan: Plan;
  /** From before. */
  readonly results: ReadonlyMap<string, Result>;
  /** When the comparison should have ended, unix milliseconds. */
  readonly deadline: number;
  /** Seconds to be left for the comparison, by those that its trainings took; without them, by what the default is known to cost. */
  readonly reserve: (trainings?: number) => number;
  readonly task: Task;
}

/** Events that the default was measured on, so far. */
export const eventsOf = ({ rungs, space }: Plan, results: ReadonlyMap<string, Result>): number =>
  rungs.reduce(
    (sum, _, rung) => sum + (results.get(trialKey({ parameters: space.defaults.parameters, rung }))?.events ?? 0),
    0,
  );

/** A trial ends when the time is up, and then counts for nothing. Fails where that is before the default is measured to the end. */
export const search = <E, R, E2, R2>(
  { deadline, plan, reserve, results: before, task }: Searching,
  measure: (trial: Trial) => Effect.Effect<Result, E, R>,
  keep: (result: Result) => Effect.Effect<void, E2, R2>,
): Effect.Effect<Found, E | E2 | TuneError, R | R2> =>
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

    const measureUntil = (trial: Trial, seconds: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const left = deadline - 1000 * seconds - now;
        return left <= 0 ? Effect.succeed(Option.none<Result>()) : Effect.timeoutOption(measure(trial), left);
      });

    let trial = nextTrial(plan, results);
    for (; trial !== undefined && isDefault(plan, trial); trial = nextTrial(plan, results)) {
      note(trial, "");
      const measured = yield* measureUntil(trial, reserve());
      if (Option.isNone(measured)) return yield* defaultNotMeasured;
      yield* add(measured.value);
    }
    const own = defaultNdcg(plan, results);
    let best = bestOf(plan, results);
    for (; trial !== undefined; trial = nextTrial(plan, results)) {
      note(trial, `best ${shown(best.ndcg)}, default ${shown(own)}; `);
      const measured = yield* measureUntil(trial, reserve(trainingsOf(plan, results, best)));
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

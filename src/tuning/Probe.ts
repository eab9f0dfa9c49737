/** Probe: what the default's own trial costs here and now, and what it tells, before anything is chosen by it. */
import { Clock, Effect } from "effect";
import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import type { Split } from "../evaluation/Split.ts";
import type { Costs } from "./Budget.ts";
import { type Judged, makePart, measureTrial, type Part, type Training } from "./Measure.ts";
import type { Space } from "./Space.ts";

export interface TimedPart {
  readonly part: Part;
  /** That it took to make. */
  readonly seconds: number;
}

export const timedPart = (log: InteractionLog, split: Split): Effect.Effect<TimedPart> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis;
    const part = makePart(log, split);
    return { part, seconds: ((yield* Clock.currentTimeMillis) - started) / 1000 };
  });

export interface Probed {
  readonly costs: Costs;
  /** Events that can be scored, per shopper. */
  readonly scored: number;
}

/** Trains by the default, whose vectors are kept, and ranks for nobody and for a `few`. */
export const probe = (
  { part, seconds }: TimedPart,
  training: Training,
  few: ReadonlySet<number>,
  space: Space,
  judged: Judged,
) =>
  Effect.gen(function* () {
    const { arms, defaults } = space;
    const trial = { bracket: 0, rung: 0, parameters: defaults.parameters, arms };
    const measure = (users: ReadonlySet<number>) => measureTrial(part, training, users, space, judged, trial);
    const nobody = yield* measure(new Set());
    const some = yield* measure(few);
    const costs: Costs = {
      part: seconds,
      training: nobody.trainSeconds,
      pass: nobody.passSeconds,
      shopper: Math.max(0, some.passSeconds - nobody.passSeconds) / few.size,
    };
    const probed: Probed = { costs, scored: some.events / few.size };
    return probed;
  });

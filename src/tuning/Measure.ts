/** Measure: what settings are worth on a part of the past: trained on what is before it, followed event by event. */
import { Clock, Effect } from "effect";
import type { Followers } from "../domain/Followers.ts";
import type { ModelParameters, Recipe } from "../domain/Model.ts";
import { byRecipe } from "../evaluation/Contestants.ts";
import { countFollowers } from "../evaluation/FollowerCounts.ts";
import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import type { Measured } from "../evaluation/Measured.ts";
import { ndcgOfOne } from "../evaluation/Metrics.ts";
import { type Replayed, replay } from "../evaluation/Replay.ts";
import type { EvaluateParameters } from "../evaluation/Report.ts";
import type { Split } from "../evaluation/Split.ts";
import { type Factors, makeTrainingSet, type TrainingSet } from "../evaluation/TrainingSet.ts";
import { Trainer } from "../ports/Trainer.ts";
import { contestantsOf } from "./Arms.ts";
import type { Result, Trial } from "./Halving.ts";
import { cellsOf, keyOf, type Space } from "./Space.ts";

/** Length of the lists that are judged. */
export const cutoff = 20;

/** How events are judged, whatever is tried. */
export interface Judged {
  readonly repeats: boolean;
  readonly debounceSeconds: number;
  readonly popularDays: number;
}

/** A part, and all of it that no setting changes. */
export interface Part {
  readonly log: InteractionLog;
  readonly split: Split;
  readonly set: TrainingSet;
  readonly followers: Followers;
}

export const makePart = (log: InteractionLog, split: Split): Part => {
  const set = makeTrainingSet(log, split.train);
  return { log, split, set, followers: countFollowers(log, split.train, set) };
};

const seconds = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000);

export interface Trained {
  readonly factors: Factors;
  readonly seconds: number;
}

/** Bytes of vectors that are kept for later rungs. */
const mostKept = 2 ** 28;

const bytesOf = ({ factors: { itemFactors, userFactors } }: Trained): number =>
  itemFactors.byteLength + userFactors.byteLength;

/** Trains on a part; vectors that were trained last are kept. */
export const makeTraining = (part: Part) => {
  const kept = new Map<string, Trained>();
  const keep = (key: string, trained: Trained): void => {
    kept.set(key, trained);
    let bytes = 0;
    for (const one of kept.values()) bytes += bytesOf(one);
    for (const [oldest, one] of kept) {
      if (bytes <= mostKept) return;
      bytes -= bytesOf(one);
      kept.delete(oldest);
    }
  };
  return (parameters: ModelParameters) =>
    Effect.gen(function* () {
      const key = keyOf(parameters);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const started = yield* seconds;
      const trained = yield* Effect.flatMap(Trainer, ({ train }) => train(part.set, parameters, () => {}));
      const found = {
        factors: { rank: parameters.rank, ...trained },
        seconds: (yield* seconds) - started,
      };
      keep(key, found);
      return found;
    });
};
export type Training = ReturnType<typeof makeTraining>;

const measured = (
  part: Part,
  factors: Factors,
  users: ReadonlySet<number>,
  { learning, metric, parameters: model }: Recipe,
  judged: Judged,
): Measured => {
  const parameters: EvaluateParameters = {
    ...judged,
    ...learning,
    metric,
    split: "time",
    days: 1,
    fraction: 1,
    k: cutoff,
    maxUsers: users.size,
    seed: 0,
    model,
  };
  return { ...part, factors, users, parameters };
};

const silent = { advance: () => {}, note: () => {} };

/** Measures all arms of a trial on `users`. */
export const measureTrial = (
  part: Part,
  training: Training,
  users: ReadonlySet<number>,
  space: Space,
  judged: Judged,
  trial: Trial,
) =>
  Effect.gen(function* () {
    const { arms, parameters } = trial;
    const trained = yield* training(parameters);
    const input = measured(part, trained.factors, users, { ...space.defaults, parameters }, judged);
    const cells = arms.map((arm) => cellsOf(space, arm));
    const started = yield* seconds;
    const replayed = yield* replay(
      input,
      (shop) => arms.flatMap((arm, at) => contestantsOf(shop, arm, cells[at])),
      cutoff,
      silent,
    );
    const totals = replayed.ranks.map((ranks) => ranks.reduce((sum, rank) => sum + ndcgOfOne(rank, cutoff), 0));
    const starts = cells.map((_, at) => cells.slice(0, at).reduce((sum, { length }) => sum + length, 0));
    const result: Result = {
      ...trial,
      events: replayed.events,
      sums: cells.map(({ length }, at) => totals.slice(starts[at], starts[at] + length)),
      trainSeconds: trained.seconds,
      passSeconds: (yield* seconds) - started,
    };
    return result;
  });

/** Every recipe at the same events: its ranks are those of the contestant at its place. */
export const compare = (
  part: Part,
  training: Training,
  users: ReadonlySet<number>,
  judged: Judged,
  recipes: readonly [Recipe, ...ReadonlyArray<Recipe>],
) =>
  Effect.gen(function* () {
    const replays = yield* Effect.forEach(recipes, (recipe) =>
      Effect.flatMap(training(recipe.parameters), ({ factors }) =>
        replay(
          measured(part, factors, users, recipe, judged),
          (shop) => [byRecipe("", shop, recipe).contestant],
          cutoff,
          silent,
        ),
      ),
    );
    const compared: Replayed = { ...replays[0], ranks: replays.map(({ ranks }) => ranks[0]) };
    return compared;
  });

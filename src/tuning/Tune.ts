/**
 * Tune: searches better settings than the defaults on a shop's own past, tries the one winner on events that the search never
 * looked at, and leaves it, with what it was worth there, to the next batch. The batch uses it only where it is better beyond
 * chance: so nothing gets worse.
 */
import { Clock, DateTime, Effect, Schedule, Schema } from "effect";
import { Recipe } from "../domain/Model.ts";
import type { Tuned } from "../domain/Tuned.ts";
import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import { readInteractions } from "../evaluation/ReadInteractions.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import { Trainer } from "../ports/Trainer.ts";
import { inTurn } from "../ports/Turns.ts";
import { readTuned, writeTuned } from "../training/TunedFile.ts";
import { evidenceOf, isProven } from "./Compare.ts";
import { type Plan, rungsFor, settingsTried } from "./Halving.ts";
import { type Judged, makePart, makeTraining, measureTrial, type Part } from "./Measure.ts";
import { rungUsers, usersOf } from "./Parts.ts";
import { goOn, type Past, pastOf } from "./Past.ts";
import { fewScored, nothingScored, nothingToTry } from "./Problems.ts";
import { search } from "./Search.ts";
import { cellsOf, type Given, makeSpace, recipeOf, type Space } from "./Space.ts";
import { type Kept, keepLook, keepResult, readTrials } from "./Trials.ts";
import { trialsKept } from "./Words.ts";

export interface TuneOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly defaults: Recipe;
  readonly given: Given;
  readonly judged: Judged;
}

/** Most events that settings are measured on, about: of more, those of a sample of shoppers. */
const mostEvents = { search: 10_000, comparison: 25_000 };

const measuredUsers = (log: InteractionLog, test: Uint32Array, most: number): number =>
  Math.ceil(usersOf(log, test).length * Math.min(1, most / test.length));

const spaceOf = ({ defaults, given }: TuneOptions, { set }: Part) =>
  Effect.map(Trainer, ({ refuses }) =>
    makeSpace(
      defaults,
      given,
      { pairs: set.ratings.length, rows: set.users + set.items },
      (parameters) => refuses(parameters) === undefined,
    ),
  );

/** All that decides what is tried, and how and on what it is measured. */
const textOf = ({ arms, defaults, given }: Space, judged: Judged, { split }: Part, users: number): string => {
  const { length } = split.train;
  const cells = arms.map((arm) => [arm, cellsOf({ defaults, given }, arm)]);
  return JSON.stringify([defaults, given, judged, [length, split.test.length, users, rungsFor(users)], cells]);
};

/** What is tried, and what is known of it. */
const begin = (options: TuneOptions, { fingerprint, log, parts, until }: Past, part: Part, kept: Kept | undefined) =>
  Effect.gen(function* () {
    const { judged, seed } = options;
    const users = measuredUsers(log, parts.search.test, mostEvents.search);
    const rungs = rungsFor(users);
    const space = yield* spaceOf(options, part);
    const before = yield* readTuned;
    const first = before === undefined ? [] : [space.adopt(before.parameters)];
    const begun = yield* goOn(
      { kind: "search", version: 1, data: fingerprint, until, seed, plan: textOf(space, judged, part, users), first },
      kept,
    );
    const plan: Plan = { seed, space, rungs, first: begun.search.first };
    return { plan, begun, users: rungUsers(log, parts.search.test, rungs, seed, users) };
  });

const same = Schema.equivalence(Recipe);

/** What the winner is worth on the newest part: as was found before, or is found now. */
const judge = (
  { fingerprint, interactions, log, parts }: Past,
  { looks }: Kept,
  { defaults, judged, seed }: TuneOptions,
  winner: Recipe,
  trials: number,
) =>
  Effect.gen(function* () {
    const { test } = parts.validation;
    const known = looks.find(
      ({ evidence, recipe }) =>
        same(recipe, winner) && same(evidence.defaults, defaults) && evidence.from === log.time[test[0]],
    );
    if (known !== undefined) return { ...known.evidence, trials };
    const [users] = rungUsers(log, test, [1], seed, measuredUsers(log, test, mostEvents.comparison));
    const part = makePart(log, parts.validation);
    const look = looks.length + 1;
    const found = yield* evidenceOf({ part, users, judged, defaults, winner, look, trials });
    const evidence = interactions === log.length ? found : { ...found, sampledFrom: interactions };
    yield* keepLook({ kind: "look", data: fingerprint, recipe: winner, evidence });
    return evidence;
  });

/** Advances with the time that goes by, up to `most` seconds. */
const ticking = (task: Task, started: number, most: number) => {
  let told = 0;
  return Effect.map(Clock.currentTimeMillis, (now) => {
    const done = Math.min(most, (now - started) / 1000);
    task.advance(done - told);
    told = done;
  }).pipe(Effect.repeat(Schedule.spaced("500 millis")));
};

const searchAndJudge = (options: TuneOptions) =>
  Effect.gen(function* () {
    const { judged, minutes, seed } = options;
    const started = yield* Clock.currentTimeMillis;
    const kept = yield* readTrials;
    const past = yield* pastOf(yield* Effect.scoped(readInteractions), seed, kept);
    const part = makePart(past.log, past.parts.search);
    const { begun, plan, users } = yield* begin(options, past, part, kept);
    const { space } = plan;

    const progress = yield* Progress;
    const task = yield* progress.task({ label: "tuning", unit: "seconds", total: 60 * minutes });
    yield* Effect.forkScoped(ticking(task, started, 60 * minutes));
    const training = makeTraining(part);
    const found = yield* search(
      { plan, results: begun.results, deadline: started + 60_000 * minutes, task },
      (trial) => measureTrial(part, training, users[trial.rung], space, judged, trial),
      keepResult,
    );
    const settings = settingsTried(space, found.results);
    if (fewScored(found.events)) return yield* nothingScored(found.events, part.split.test.length, judged.repeats);
    if (found.isExhausted && settings === 1) return yield* nothingToTry;

    const { arm, cell, parameters } = found.best;
    const winner = recipeOf(space, parameters, arm, cellsOf(space, arm)[cell]);
    task.note("comparing with the default on the newest events");
    const evidence = yield* judge(past, begun, options, winner, settings);
    const tuned: Tuned = {
      tunedAt: DateTime.formatIso(yield* DateTime.now),
      seed,
      ...winner,
      evidence,
      proven: isProven(evidence),
    };
    yield* writeTuned(tuned);
    return tuned;
  }).pipe(Effect.scoped);

/** Writes and answers the winner with its evidence. Stopped early, it keeps its trials, and goes on from there when it is run again. */
export const tune = (options: TuneOptions) =>
  searchAndJudge(options).pipe(
    Effect.onInterrupt(() =>
      Effect.ignore(
        Effect.flatMap(readTrials, (kept) =>
          kept === undefined || kept.results.size === 0
            ? Effect.void
            : Effect.logInfo(`stopped: ${trialsKept(kept.results.size)}; \`tune\` goes on from there`),
        ),
      ),
    ),
    inTurn("tuning", "tuning"),
  );

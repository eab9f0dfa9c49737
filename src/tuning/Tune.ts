/**
 * Tune: searches better settings than the defaults on a shop's own past, tries the one winner on events that the search never
 * looked at, and leaves it, with what it was worth there, to the next batch. The batch uses it only where it is better beyond
 * chance: so nothing gets worse.
 */
import { Clock, DateTime, Effect, Option, Schedule, Schema } from "effect";
import { Recipe } from "../domain/Model.ts";
import type { Tuned } from "../domain/Tuned.ts";
import { readInteractions } from "../evaluation/ReadInteractions.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import { inTurn } from "../ports/Turns.ts";
import { readTuned, writeTuned } from "../training/TunedFile.ts";
import { begin, mostUsers, type TuneOptions } from "./Begin.ts";
import { evidenceOf, isProven } from "./Compare.ts";
import { settingsTried } from "./Halving.ts";
import { makePart, makeTraining, measureTrial } from "./Measure.ts";
import { rungUsers } from "./Parts.ts";
import { type Past, pastOf } from "./Past.ts";
import { timedPart } from "./Probe.ts";
import { fewScored, notCompared, nothingScored, nothingToTry } from "./Problems.ts";
import { search } from "./Search.ts";
import { cellsOf, recipeOf } from "./Space.ts";
import { type Kept, keepLook, keepResult, type Look, readTrials } from "./Trials.ts";
import { trialsKept } from "./Words.ts";

const same = Schema.equivalence(Recipe);

/** Whether `seconds` tell no more than was found before: of all shoppers, or of as many as there would be time for. */
const saysAll = ({ evidence, seconds: took }: Look, seconds: number): boolean =>
  evidence.drawn === undefined || took === undefined || seconds < 2.5 * took;

/** What the winner is worth on the newest part: as was found before, or is found now, by `ends`. */
const judge = (
  past: Past,
  { looks }: Kept,
  { defaults, judged, seed }: TuneOptions,
  winner: Recipe,
  trials: number,
  ends: number,
) =>
  Effect.gen(function* () {
    const { fingerprint, interactions, log, parts } = past;
    const { test } = parts.validation;
    const started = yield* Clock.currentTimeMillis;
    const known = looks.findLast(
      ({ evidence, recipe }) =>
        same(recipe, winner) && same(evidence.defaults, defaults) && evidence.from === log.time[test[0]],
    );
    if (known !== undefined && saysAll(known, (ends - started) / 1000)) return { ...known.evidence, trials };
    const [drawn] = rungUsers(log, test, [1], seed, mostUsers(past, "validation"));
    const part = makePart(log, parts.validation);
    const look = looks.length + 1;
    const found = yield* evidenceOf({ part, users: [...drawn], ends, judged, defaults, winner, look, trials });
    const evidence = interactions === log.length ? found : { ...found, sampledFrom: interactions };
    const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
    yield* keepLook({ kind: "look", data: fingerprint, recipe: winner, evidence, seconds });
    return evidence;
  });

/** By how much of its minutes a comparison may be late before it is given up: trainings take as long as they take. */
const grace = 0.2;

/** Whether what was proven before stays: that there was no time to rank for all is no reason to go back to the defaults. */
export const staysFor = ({ evidence, proven }: Pick<Tuned, "evidence" | "proven">): boolean =>
  !proven && evidence.drawn !== undefined;

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
    const before = yield* readTrials;
    const past = yield* pastOf(yield* Effect.scoped(readInteractions), seed, before);
    const started = yield* Clock.currentTimeMillis;
    const ends = started + 60_000 * minutes;
    const progress = yield* Progress;
    const task = yield* progress.task({ label: "tuning", unit: "seconds", total: 60 * minutes });
    yield* Effect.forkScoped(ticking(task, started, 60 * minutes));
    task.note("seeing what the default takes");

    const timed = yield* timedPart(past.log, past.parts.search);
    const { part } = timed;
    const training = makeTraining(part);
    const { kept, plan, reserve, users } = yield* begin(options, past, { ends, kept: before, timed, training });
    const { space } = plan;
    const found = yield* search(
      { plan, results: kept.results, deadline: ends, reserve, task },
      (trial) => measureTrial(part, training, users[trial.rung], space, judged, trial),
      keepResult,
    );
    const settings = settingsTried(space, found.results);
    if (fewScored(found.events)) {
      const reached = { all: mostUsers(past, "search"), shoppers: users.reduce((sum, { size }) => sum + size, 0) };
      return yield* nothingScored(found.events, part.split.test.length, reached, judged.repeats);
    }
    if (found.isExhausted && settings === 1) return yield* nothingToTry;

    const { arm, cell, parameters } = found.best;
    const winner = recipeOf(space, parameters, arm, cellsOf(space, arm)[cell]);
    task.note("comparing with the default on the newest events");
    const late = ends + grace * 60_000 * minutes - (yield* Clock.currentTimeMillis);
    const compared = yield* Effect.timeoutOption(judge(past, kept, options, winner, settings, ends), late);
    if (Option.isNone(compared)) return yield* notCompared;
    const evidence = compared.value;
    const tuned: Tuned = {
      tunedAt: DateTime.formatIso(yield* DateTime.now),
      seed,
      ...winner,
      evidence,
      proven: isProven(evidence),
    };
    const earlier = yield* readTuned;
    if (earlier?.proven === true && staysFor(tuned)) {
      yield* Effect.logWarning(`there was too little time to judge anew: what was tuned ${earlier.tunedAt} stays`);
      return earlier;
    }
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

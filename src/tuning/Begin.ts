/** Begin: what a search tries, on how many shoppers it does so, and what is known of it from before. */
import { Clock, Effect, Option } from "effect";
import type { Recipe } from "../domain/Model.ts";
import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import { Trainer } from "../ports/Trainer.ts";
import { readTuned } from "../training/TunedFile.ts";
import { type Room, reserveFor, roomFor } from "./Budget.ts";
import { bestOf, isMeasured, type Plan, rungsFor } from "./Halving.ts";
import type { Judged, Part, Training } from "./Measure.ts";
import { rungUsers, usersOf } from "./Parts.ts";
import { goOn, isSameSearch, type Past } from "./Past.ts";
import { type Probed, probe, type TimedPart } from "./Probe.ts";
import { fewer, fewestScored, littleTime, tooShortFor, tooShortToTell } from "./Problems.ts";
import { eventsOf } from "./Search.ts";
import { cellsOf, type Given, keyOf, makeSpace, type Space } from "./Space.ts";
import type { Kept, Search } from "./Trials.ts";

export interface TuneOptions {
  /** For all but reading the tables. */
  readonly minutes: number;
  readonly seed: number;
  readonly defaults: Recipe;
  readonly given: Given;
  readonly judged: Judged;
}

/** Most events that settings are measured on, about: of more, those of a sample of shoppers. */
const mostEvents = { search: 10_000, validation: 25_000 };

/** Settings are measured on about as many at least, where there are as many. */
const fewestEvents = 300;

/** How many shoppers of a part are ranked for at most. */
export const mostUsers = ({ log, parts }: Past, part: keyof typeof mostEvents): number => {
  const { test } = parts[part];
  return Math.ceil(usersOf(log, test).length * Math.min(1, mostEvents[part] / test.length));
};

const spaceOf = ({ defaults, given }: TuneOptions, { set }: Part) =>
  Effect.map(Trainer, ({ refuses }) =>
    makeSpace(
      defaults,
      given,
      { pairs: set.ratings.length, rows: set.users + set.items },
      (parameters) => refuses(parameters) === undefined,
    ),
  );

/** All that decides what is tried, and how it is measured, but for the number of shoppers. */
const textOf = ({ arms, defaults, given }: Space, judged: Judged, { split }: Part, all: number): string => {
  const cells = arms.map((arm) => [arm, cellsOf({ defaults, given }, arm)]);
  return JSON.stringify([defaults, given, judged, [split.train.length, split.test.length, all], cells]);
};

const planOf = (space: Space, { first, seed, shoppers = 0 }: Search): Plan => ({
  ...{ seed, space, first },
  rungs: rungsFor(shoppers),
});

/** By what the default took before; undefined where it was not measured to the end. */
const knownBefore = (space: Space, { results, search }: Kept, part: number): Probed | undefined => {
  const plan = planOf(space, search);
  if (!isMeasured(plan, results)) return undefined;
  const key = keyOf(space.defaults.parameters);
  const own = [...results.values()].filter(({ parameters }) => keyOf(parameters) === key);
  const passes = own.reduce((sum, { passSeconds }) => sum + passSeconds, 0);
  const shoppers = search.shoppers ?? 1;
  const costs = {
    part,
    training: Math.max(...own.map(({ trainSeconds }) => trainSeconds)),
    pass: 0,
    shopper: passes / shoppers,
  };
  return { costs, scored: eventsOf(plan, results) / shoppers };
};

/** What few shoppers tell of how many events can be scored is rough. */
const spare = 1.25;

/** Fewest of `all` shoppers to search on: such that there are enough events, and enough of them can be scored. */
export const fewestShoppers = (all: number, events: number, { scored }: Pick<Probed, "scored">): number =>
  Math.min(all, Math.ceil(Math.max((all * fewestEvents) / events, scored > 0 ? (spare * fewestScored) / scored : all)));

/** Shoppers that the default is tried for to see what it takes. */
const fewOf = (log: InteractionLog, test: Uint32Array, seed: number, all: number): ReadonlySet<number> =>
  rungUsers(log, test, [1], seed, Math.min(all, Math.max(12, Math.ceil(all / 27))))[0];

const secondsUntil = (ends: number) => Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, (ends - now) / 1000));

/** Before it is worth beginning anew with more shoppers, there must be that much more time than they need. */
const ample = 1.5;

export interface Begun {
  readonly plan: Plan;
  readonly kept: Kept;
  /** By rung. */
  readonly users: ReadonlyArray<ReadonlySet<number>>;
  /** Seconds to be left for the comparison. */
  readonly reserve: (trainings?: number) => number;
}

/** `ends`: when all of it should have, unix milliseconds. */
export const begin = (
  options: TuneOptions,
  past: Past,
  {
    ends,
    kept,
    timed,
    training,
  }: {
    readonly ends: number;
    readonly kept: Kept | undefined;
    readonly timed: TimedPart;
    readonly training: Training;
  },
) =>
  Effect.gen(function* () {
    const { judged, minutes, seed } = options;
    const { fingerprint, log, parts, until } = past;
    const { test } = parts.search;
    const [all, compared] = [mostUsers(past, "search"), mostUsers(past, "validation")];
    const space = yield* spaceOf(options, timed.part);
    const before = yield* readTuned;
    const search: Search = {
      ...{ kind: "search", version: 1, data: fingerprint, until, seed },
      plan: textOf(space, judged, timed.part, all),
      first: before === undefined ? [] : [space.adopt(before.parameters)],
    };
    const own = isSameSearch(search, kept) ? kept : undefined;
    const known = own === undefined ? undefined : knownBefore(space, own, timed.seconds);

    const events = Math.min(mostEvents.search, test.length);
    const judgedRoom = (probed: Probed, share: number): Effect.Effect<Room> =>
      Effect.map(secondsUntil(ends), (left) =>
        roomFor(probed.costs, all, compared, left / share, fewestShoppers(all, events, probed)),
      );
    const measured = Effect.gen(function* () {
      const left = yield* secondsUntil(ends);
      const probing = probe(timed, training, fewOf(log, test, seed, all), space, judged);
      const probed = yield* Effect.timeoutOption(probing, 1000 * left);
      if (Option.isNone(probed)) return yield* tooShortToTell(minutes);
      const { costs } = probed.value;
      const room = yield* judgedRoom(probed.value, 1);
      if (room.isTooShort) return yield* tooShortFor(minutes, costs, room);
      if (room.isShort) yield* Effect.logWarning(littleTime(minutes, all, room));
      else if (room.shoppers < all) yield* Effect.logInfo(fewer(minutes, all, room));
      return { costs, shoppers: Math.min(room.shoppers, own?.search.shoppers ?? all) };
    });
    const goingOn = (before: Probed, shoppers: number) =>
      Effect.map(judgedRoom(before, ample), (room) => ({
        costs: before.costs,
        shoppers: Math.max(shoppers, room.shoppers),
      }));
    const { costs, shoppers } = yield* own === undefined || known === undefined
      ? measured
      : goingOn(known, own.search.shoppers ?? all);

    // The best of fewer shoppers is tried first on more.
    const best = own === undefined || known === undefined ? [] : [bestOf(planOf(space, own.search), own.results)];
    const first = [...best.map(({ parameters }) => parameters), ...search.first];
    const begun = yield* goOn({ ...search, shoppers, first }, kept);
    const plan = planOf(space, begun.search);
    const result: Begun = {
      plan,
      kept: begun,
      users: rungUsers(log, test, plan.rungs, seed, shoppers),
      reserve: (trainings = 2 * costs.training) => reserveFor(costs, trainings, compared, 60 * minutes),
    };
    return result;
  });

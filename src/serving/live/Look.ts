/** Look: how all is just now, and what happened since the look before. What a store does not tell in time is told as not known. */
import { Clock, Effect, Option } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { updaterGroup } from "../../models/Standing.ts";
import { DeadLetters } from "../../ports/DeadLetters.ts";
import { EventLog } from "../../ports/EventLog.ts";
import { ModelRegistry } from "../../ports/ModelRegistry.ts";
import { Turns } from "../../ports/Turns.ts";
import { archiverGroup } from "../../stream/ArchiveOffsets.ts";
import { runningReport } from "../../vitals/BatchRuns.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { Models } from "../Models.ts";
import { type Followed, groupOf, nextOf, type Positions } from "./Groups.ts";
import type { LiveState } from "./LiveState.ts";
import { type Moment, momentOf, sinceOf } from "./Moments.ts";
import { newestEvents } from "./Newest.ts";

/** What the next look compares with. */
export interface Looked {
  readonly moment: Moment;
  readonly ends: ReadonlyArray<bigint> | undefined;
  /** Of the log, as far as it last said. */
  readonly partitions: number;
  readonly positions: Positions;
  readonly models: FollowedModels;
}

/** Which models are kept up to date, as far as the registry last said. */
interface FollowedModels {
  readonly live: ReadonlyArray<string>;
  readonly serving: string | undefined;
}

const patience = "1500 millis";
const known = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | undefined, never, R> =>
  self.pipe(
    Effect.timeout(patience),
    Effect.orElseSucceed(() => undefined),
  );

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
const total = (ends: ReadonlyArray<bigint>): bigint => ends.reduce((sum, end) => sum + end, 0n);

/**
 * The archive's group, and that of each model that is kept up to date. While the registry is away they are those of before: then most of
 * all one wants to see how their partitions are.
 */
const followedGroups = (partitions: number, before: FollowedModels | undefined) =>
  Effect.gen(function* () {
    const { groups, restarts } = yield* Vitals;
    const log = yield* EventLog;
    const registry = yield* ModelRegistry;
    const state = yield* known(registry.state);
    const models: FollowedModels =
      state === undefined
        ? (before ?? { live: [], serving: undefined })
        : {
            live: state.models.filter(({ status }) => status === "live").map(({ id }) => id),
            serving: Option.getOrUndefined(state.serving),
          };
    const { live, serving } = models;
    const all = [
      ...live.map((id) => ({ group: updaterGroup(id), role: "updater", model: id }) as const),
      { group: archiverGroup, role: "archiver", model: undefined } as const,
    ];
    const followed = yield* Effect.forEach(
      all,
      (one) => {
        const own = [...groups].find(({ group }) => group === one.group);
        const isWhole = own !== undefined && own.partitions.size === partitions;
        return Effect.map(
          isWhole ? Effect.succeed(undefined) : known(log.committed(one.group)),
          (committed): Followed => ({
            ...one,
            ...{ own, committed, serves: one.model !== undefined && one.model === serving },
            restarts: restarts.get(one.group) ?? 0,
          }),
        );
      },
      { concurrency: "unbounded" },
    );
    return { followed, models };
  });

/** A look that is older tells of no second, but of what there is. */
export const staleMillis = 3000;

/** `last`: the look before; `consoles`: how many are told. */
export const look = (last: Looked | undefined, consoles: number) =>
  Effect.gen(function* () {
    const vitals = yield* Vitals;
    const log = yield* EventLog;
    const letters = yield* DeadLetters;
    const live = yield* LiveCatalogue;
    const models = yield* Models;
    const { at } = yield* Turns;
    const now = yield* Clock.currentTimeMillis;
    const moment = momentOf(vitals, now);
    const before = last !== undefined && now - last.moment.now <= staleMillis ? last : undefined;
    const since = sinceOf(before?.moment, moment);
    const seconds = Math.max(0.001, (now - (before?.moment.now ?? now)) / 1000);
    const ends = yield* known(log.endOffsets);
    // While the log is away it has the partitions of before.
    const places: ReadonlyArray<bigint | undefined> =
      ends ?? Array.from({ length: last?.partitions ?? 0 }, () => undefined);
    const asked = {
      newest: ends === undefined ? Effect.succeed([]) : known(newestEvents(before?.ends, ends, live)),
      groups: followedGroups(places.length, last?.models),
      stats: known(letters.stats),
      data: known(at("data")),
      tuning: known(at("tuning")),
    };
    const { data, groups, newest, stats, tuning } = yield* Effect.all(asked, { concurrency: "unbounded" });
    const told = groups.followed.map((one) => groupOf(one, places, before?.positions, seconds));
    const chosen = told.find(({ serves }) => serves);
    const delay = vitals.eventLoop.delay;
    const ofLog =
      ends === undefined || before?.ends === undefined ? null : Number(total(ends) - total(before.ends)) / seconds;
    const state: LiveState = {
      at: new Date(now).toISOString(),
      events: {
        appended: ofLog,
        applied: chosen?.per_second ?? null,
        archived: told.find(({ role }) => role === "archiver")?.per_second ?? null,
        lag: chosen?.lag ?? null,
        freshness: since.freshness,
        batches: since.batches,
        total: ends === undefined ? null : String(total(ends)),
      },
      newest: newest ?? [],
      requests: since.requests,
      recommendations: since.recommendations,
      groups: told,
      outages: vitals.outages().map(({ reason, role, store }) => ({ role, store, detail: reason })),
      dead_letters:
        stats === undefined
          ? null
          : {
              ...{ count: stats.count, bytes: stats.bytes ?? null },
              oldest: stats.oldest === undefined ? null : isoOf(stats.oldest),
            },
      models: { serving: groups.models.serving ?? null, use: models.underWay() ?? null },
      batch: vitals.batches.now === undefined ? null : runningReport(vitals.batches.now),
      studies: {
        tuning: vitals.studies.get("tune")?.() ?? null,
        evaluation: vitals.studies.get("evaluate")?.() ?? null,
      },
      work: { data: data ?? null, tuning: tuning ?? null },
      process: {
        cpu: since.cpu,
        memory_bytes: process.memoryUsage.rss(),
        event_loop:
          delay === undefined ? null : { p50_ms: 1000 * delay.p50, p99_ms: 1000 * delay.p99, max_ms: 1000 * delay.max },
        uptime_seconds: process.uptime(),
        consoles,
      },
    };
    const positions: Positions = new Map(
      groups.followed.map((one) => [one.group, places.map((_, partition) => nextOf(one, partition))]),
    );
    const { length: partitions } = places;
    const looked: Looked = { moment, ends: ends ?? before?.ends, partitions, positions, models: groups.models };
    return { state, looked };
  });

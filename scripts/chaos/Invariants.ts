/** Invariants: what must hold when all is quiet again, each with how much was looked at and what was found wrong. */
import { isDeepStrictEqual } from "node:util";
import { Effect, Either, Stream } from "effect";
import { archiveAppId, rawEvents } from "../../src/domain/TableSchemas.ts";
import type { UserState } from "../../src/domain/UserState.ts";
import { countEvents, liveFollowersOf, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { type Reference, rowKey, type WholeLog } from "./Reference.ts";
import { isRegular, numberOf, type Told } from "./Traffic.ts";

export interface Invariant {
  readonly name: string;
  readonly checked: number;
  /** Sentences, at most a few; empty where it held. */
  readonly broken: ReadonlyArray<string>;
}

const most = 5;

/** An invariant from all that is wrong with it. */
const invariant = (name: string, checked: number, broken: ReadonlyArray<string>): Invariant => ({
  name,
  checked,
  broken:
    checked === 0
      ? ["nothing was there to look at"]
      : broken.length > most
        ? [...broken.slice(0, most), `and ${broken.length - most} more`]
        : broken,
});

/** Every acknowledged event stands where it was said to stand. */
const acknowledged = (log: WholeLog, told: Told): Invariant => {
  const broken: Array<string> = [];
  for (const [number, { offset, partition }] of told.positions) {
    const record = log[partition]?.[Number(offset)];
    if (record === undefined || record.offset !== offset || numberOf(record.value) !== number) {
      broken.push(`event ${number} was acknowledged at ${partition}-${offset} and is not there`);
    }
  }
  return invariant("every acknowledged event is in the log, where it was told", told.positions.size, broken);
};

/** Of each user, each number stands first before any later number does. */
const ordered = (log: WholeLog, told: Told): Invariant => {
  const users = new Map(told.events.map(({ number, userId }) => [number, userId]));
  const latest = new Map<string, number>();
  const seen = new Set<number>();
  const broken: Array<string> = [];
  for (const records of log) {
    for (const { value } of records) {
      const number = numberOf(value);
      const userId = users.get(number);
      if (userId === undefined) broken.push(`a record carries ${number}, which was never sent`);
      else if (!seen.has(number)) {
        if (number < (latest.get(userId) ?? -1)) broken.push(`event ${number} of ${userId} came too late`);
        latest.set(userId, number);
        seen.add(number);
      }
    }
  }
  return invariant("order per user held", seen.size, broken);
};

const countedOnce = ({ counted }: Reference): Invariant => {
  const times = new Map<string, number>();
  for (const { eventId, userId } of counted) {
    if (isRegular(userId)) times.set(eventId, (times.get(eventId) ?? 0) + 1);
  }
  const broken = [...times].filter(([, n]) => n > 1).map(([eventId, n]) => `${eventId} counted ${n} times`);
  return invariant("each event id counted once, however often it was appended", times.size, broken);
};

const page = 200;

const statesEqual = (model: string, { states }: Reference) =>
  Effect.gen(function* () {
    const service = yield* UserStates;
    const ids = [...states.keys()];
    const broken: Array<string> = [];
    for (let at = 0; at < ids.length; at += page) {
      const part = ids.slice(at, at + page);
      const found = yield* service.read(model, part);
      part.forEach((userId, i) => {
        const wanted = states.get(userId);
        if (!isDeepStrictEqual(found[i], wanted)) broken.push(`${userId}: ${difference(found[i], wanted)}`);
      });
    }
    return invariant("user states equal the sequential reference, to the bit", ids.length, broken);
  });

/** Which parts of two states differ, with their guards. */
const difference = (found: UserState | undefined, wanted: UserState | undefined): string => {
  if (found === undefined || wanted === undefined) return found === undefined ? "is missing" : "is there";
  const parts = (["vector", "interactions", "bought", "recent", "next"] as const).filter(
    (part) => !isDeepStrictEqual(found[part], wanted[part]),
  );
  const next = (state: UserState) => [...state.next].map(([p, n]) => `${p}-${n}`).join(",");
  return `${parts.join(", ")} differ; next ${next(found)}, wanted ${next(wanted)}; ${found.interactions.length} interactions, wanted ${wanted.interactions.length}`;
};

const trendsEqual = (model: string, { trends }: Reference) =>
  Effect.gen(function* () {
    const service = yield* UserStates;
    const broken: Array<string> = [];
    for (const [partition, wanted] of trends.entries()) {
      const found = yield* service.trend(model, partition);
      // Up to where it stands depends on batches.
      if (!isDeepStrictEqual(found && { ...found, next: wanted?.next }, wanted)) {
        broken.push(
          `partition ${partition}: ${found?.scores.size} items of ${found?.total}, wanted ${wanted?.scores.size} of ${wanted?.total}`,
        );
      }
    }
    const items = trends.reduce((sum, trend) => sum + (trend?.scores.size ?? 0), 0);
    return invariant("trends equal the reference, to the bit", items, broken);
  });

const followersEqual = (model: string, { followers }: Reference) =>
  Effect.gen(function* () {
    const service = yield* UserStates;
    const broken: Array<string> = [];
    for (const [partition, wanted] of followers.entries()) {
      const { events, snapshot } = yield* service.followers(model, partition, undefined);
      const live = snapshot === undefined ? makeLiveFollowers() : liveFollowersOf(snapshot);
      for (const batch of events) countEvents(live, batch);
      const found = snapshotOf(live);
      if (!isDeepStrictEqual(found, wanted)) {
        broken.push(`partition ${partition}: ${found.followers.length} pairs, wanted ${wanted.followers.length}`);
      }
    }
    const pairs = followers.reduce((sum, { followers }) => sum + followers.length, 0);
    return invariant("counts of followers equal the reference, to the bit", pairs, broken);
  });

/** What is wanted and not found, found and not wanted, or found more than once. */
const compare = (found: ReadonlyArray<string>, wanted: ReadonlySet<string>): ReadonlyArray<string> => {
  const times = new Map<string, number>();
  for (const key of found) times.set(key, (times.get(key) ?? 0) + 1);
  return [
    ...[...wanted].filter((key) => !times.has(key)).map((key) => `${key}: missing`),
    ...[...times.keys()].filter((key) => !wanted.has(key)).map((key) => `${key}: not in the log`),
    ...[...times].filter(([, n]) => n > 1).map(([key, n]) => `${key}: ${n} times`),
  ];
};

const archivedOnce = ({ rows }: Reference) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const batches = yield* Stream.runCollect(tables.read(rawEvents.name));
    const found = [...batches].flatMap(({ columns, rows }) =>
      Array.from({ length: rows }, (_, i) =>
        rowKey(columns.log_partition?.[i], columns.log_offset?.[i], columns.event_id?.[i], columns.customer_id?.[i]),
      ),
    );
    return invariant("the archive holds each event of the log exactly once", found.length, compare(found, rows));
  });

const lettersOnce = ({ letters }: Reference) =>
  Effect.gen(function* () {
    const found = yield* Effect.flatMap(DeadLetters, (dead) => dead.list(1_000_000));
    // The one model's updater is named after it.
    const keys = found.map(
      ({ consumer, offset, partition, reason }) =>
        `${consumer.replace(/^updater-.*/, "updater")} ${partition} ${offset} ${reason}`,
    );
    return invariant("dead letters hold each poison event once by key", keys.length, compare(keys, letters));
  });

/** Events that the model and the archive have not yet taken in. */
export const lags = (model: string) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const tables = yield* Tables;
    const { endOffsets, identity: which } = yield* EventLog;
    const [ends, identity] = yield* Effect.zip(endOffsets, which);
    const archived = yield* Effect.either(tables.snapshot(rawEvents.name));
    let updaters = 0n;
    let archivers = 0n;
    for (const [partition, end] of ends.entries()) {
      updaters += end - ((yield* states.position(model, partition)) ?? 0n);
      archivers +=
        end -
        (Either.isRight(archived) ? (archived.right.transactions.get(archiveAppId(identity, partition)) ?? 0n) : 0n);
    }
    return { updaters: Number(updaters), archivers: Number(archivers) };
  });

const committed = (groups: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const ends = yield* log.endOffsets;
    const broken: Array<string> = [];
    for (const group of groups) {
      for (const [partition, position] of (yield* log.committed(group)).entries()) {
        if ((position ?? 0n) !== ends[partition]) {
          broken.push(`${group} partition ${partition}: committed ${position}, end ${ends[partition]}`);
        }
      }
    }
    return invariant("Kafka's own lag of every group is zero", ends.length * groups.length, broken);
  });

export interface Findings {
  readonly model: string;
  readonly groups: ReadonlyArray<string>;
  readonly log: WholeLog;
  readonly told: Told;
  readonly reference: Reference;
  readonly memory: ReadonlyMap<string, number>;
  readonly memoryBound: number;
  readonly surprises: ReadonlyArray<string>;
  readonly stops: number;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** All of them, once the roles are gone. */
export const checkInvariants = (findings: Findings) =>
  Effect.gen(function* () {
    const { groups, log, memory, memoryBound, model, reference, stops, surprises, told } = findings;
    const { archivers, updaters } = yield* lags(model);
    const partitions = log.length;
    return [
      acknowledged(log, told),
      ordered(log, told),
      countedOnce(reference),
      yield* statesEqual(model, reference),
      yield* trendsEqual(model, reference),
      yield* followersEqual(model, reference),
      yield* archivedOnce(reference),
      yield* lettersOnce(reference),
      invariant("updaters' lag is zero", partitions, updaters === 0 ? [] : [`${updaters} events behind`]),
      invariant("archivers' lag is zero", partitions, archivers === 0 ? [] : [`${archivers} events behind`]),
      yield* committed(groups),
      invariant(
        `no role took more than ${mebibytes(memoryBound)} of memory`,
        memory.size,
        [...memory].filter(([, bytes]) => bytes > memoryBound).map(([name, bytes]) => `${name}: ${mebibytes(bytes)}`),
      ),
      invariant("no role gave up, and each stop ended in order", stops, surprises),
    ] satisfies ReadonlyArray<Invariant>;
  });

import { expect, it, vi } from "@effect/vitest";
import { Duration, Effect, Exit, Fiber, Layer, Logger, type Scope } from "effect";
import * as fc from "fast-check";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { encodeSnapshot } from "../../src/domain/FollowerCounts.ts";
import { encodeForget } from "../../src/domain/Forget.ts";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { applyEvent, closeUser, type LearningItems, type OpenUser, openUser } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { countEvents, liveFollowersOf, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import { advanceTrend } from "../../src/learning/Trending.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { type PartitionTrend, UserStates } from "../../src/ports/UserStates.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import { supervise } from "../../src/stream/Supervisor.ts";
import { updater } from "../../src/stream/Updater.ts";
import { type Followed, packed } from "../support/FollowerEvents.ts";
import { type Fault, Faults, MemoryLetters, MemoryStates, MemoryTable } from "../support/MemoryStores.ts";
import { type Member, ScriptedLog } from "../support/ScriptedLog.ts";
import { VirtualClock } from "../support/VirtualClock.ts";

const partitions = 3;
const rank = 8;
const items: LearningItems = {
  rank,
  itemIdx: Uint32Array.from({ length: 6 }, (_, row) => row + 10),
  vectors: Float32Array.from({ length: 6 * rank }, (_, i) => Math.sin(i + 1)),
  rowOf: (id) => (/^a[0-5]$/.test(id) ? Number(id.slice(1)) : undefined),
  rowOfIdx: (idx) => (idx >= 10 && idx < 16 ? idx - 10 : undefined),
};
const context = {
  items,
  learner: makeEma(items, { rate: 0.2 }),
  types: defaultEventTypes,
  debounceSeconds: 300,
  halfLife: 86_400,
};
const settings = {
  inbox: 2,
  batchSize: 3,
  maxRestarts: 1000,
  restartWindow: Duration.minutes(5),
  stallTimeout: Duration.minutes(10),
  drainTimeout: Duration.seconds(20),
};

/** A user's events always go to one partition, as the log's key does it. */
const userOf = (partition: number, n: number) => `user-${partition}-${n}`;

type Command =
  | { readonly _tag: "append"; readonly partition: number; readonly value: Uint8Array }
  | { readonly _tag: "assign" | "revoke" | "lose" | "steal"; readonly partition: number; readonly member: number }
  | { readonly _tag: "kill"; readonly member: number }
  | { readonly _tag: "fault"; readonly fault: Fault }
  | { readonly _tag: "rewind"; readonly records: number }
  | { readonly _tag: "run"; readonly steps: number };

const partition = fc.nat(partitions - 1);
const member = fc.nat(1);
const appended = fc
  .record({
    partition,
    user: fc.nat(1),
    item: fc.nat(7),
    type: fc.constantFrom("click", "add_to_cart", "purchase", "purchase", "stare"),
    /** Close together, so that events are debounced, or days apart, so that no mark hides a second application. */
    time: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 2000 }) },
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }).map((day) => day * 200_000) },
      /** In 1970 and in 2210. */
      { weight: 1, arbitrary: fc.constantFrom(-1_600_000_000, 6e9) },
    ),
    id: fc.option(fc.nat(20), { nil: undefined }),
    poison: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ partition, user, item, type, time, id, poison }): Command => {
    const event: Event = {
      eventId: id === undefined ? `${Math.imul(time, 31) ^ item}` : `id-${id}`,
      userId: userOf(partition, user),
      itemId: `a${item}`,
      eventType: type,
      timestamp: 1_600_000_000 + time,
      quantity: 1,
    };
    const value =
      poison === 0 ? new TextEncoder().encode("{poison") : poison === 1 ? encodeForget(event) : encodeEvent(event);
    return { _tag: "append", partition, value };
  });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 10, arbitrary: appended },
  {
    weight: 5,
    arbitrary: fc.record({ _tag: fc.constantFrom("assign", "revoke", "lose", "steal"), partition, member }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("kill" as const), member }) },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: fc.constant("fault" as const), fault: fc.constantFrom<Fault>("before", "after") }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("rewind" as const), records: fc.nat(4) }) },
  { weight: 6, arbitrary: fc.record({ _tag: fc.constant("run" as const), steps: fc.integer({ min: 1, max: 30 }) }) },
);

interface Process {
  readonly fiber: Fiber.RuntimeFiber<never, unknown>;
  readonly member: Member;
}

/** Plays the script against two processes, then lets one clean process finish, until `finished`. */
const play = <R>(
  log: ScriptedLog,
  faults: Faults,
  role: Effect.Effect<never, unknown, Scope.Scope | R | EventLog>,
  script: ReadonlyArray<Command>,
  finished: () => boolean,
) =>
  Effect.gen(function* () {
    const clock = new VirtualClock();
    /** Lets fibers run and the clock move: back-offs and flush ages pass. */
    const runFor = (steps: number) => Effect.repeatN(clock.step(40), steps);
    const start = Effect.gen(function* () {
      const before = log.members.length;
      const fiber = yield* Effect.forkDaemon(Effect.withClock(Effect.scoped(role), clock.clock));
      while (log.members.length === before) yield* Effect.yieldNow();
      return { fiber, member: log.members[log.members.length - 1] } satisfies Process;
    });
    const processes = [yield* start, yield* start];
    const releasing: Array<Fiber.RuntimeFiber<void>> = [];
    const ownerOf = (partition: number) => processes.find(({ member }) => member.owned.has(partition));

    for (const step of script) {
      if (step._tag === "append") log.append(step.partition, step.value);
      else if (step._tag === "fault") faults.plan(step.fault);
      else if (step._tag === "rewind") log.rewind = step.records;
      else if (step._tag === "run") yield* runFor(step.steps);
      else if (step._tag === "kill") {
        // The process dies where it stands: what it owned is told to nobody.
        const dead = processes[step.member];
        dead.member.owned.clear();
        yield* Fiber.interruptFork(dead.fiber);
        processes[step.member] = yield* start;
      } else {
        const { member } = processes[step.member];
        if (step._tag === "steal" || (step._tag === "assign" && ownerOf(step.partition) === undefined)) {
          // steal: the old owner is not told; it goes on as a zombie.
          yield* log.assign(member, step.partition);
        } else if (step._tag === "revoke" || step._tag === "lose") {
          const reason = step._tag === "revoke" ? "revoked" : "lost";
          releasing.push(yield* Effect.fork(log.release(member, step.partition, reason)));
        }
      }
    }
    log.rewind = 0;
    yield* Effect.fork(Effect.forEach(processes, ({ fiber }) => Fiber.interrupt(fiber)));
    const last = yield* start;
    for (let p = 0; p < partitions; p++) yield* log.assign(last.member, p);
    for (let round = 0; round < 5000 && !finished(); round++) yield* runFor(5);
    expect(finished(), "everything was processed in the end").toBe(true);
    const closing = yield* Effect.fork(Fiber.interrupt(last.fiber));
    while ((yield* Fiber.poll(closing))._tag === "None") yield* runFor(5);
    for (const fiber of releasing) expect(Exit.isSuccess(yield* Fiber.await(fiber))).toBe(true);
  });

const isForgetting = (text: string): boolean => text.includes('"forget":true');

/** No event, or one of an impossible time; a word that forgets is read, whatever its time. */
const isUnreadable = (text: string): boolean =>
  text === "{poison" || (!isForgetting(text) && /"timestamp":(0|7600000000)[,}]/.test(text));

/** What the events' effect is when nothing goes wrong: each applied once, in the order of its partition. */
const sequential = (log: ScriptedLog) => {
  const users = new Map<string, OpenUser>();
  const trends = new Map<number, PartitionTrend>();
  const followed = log.records.map((): Array<Followed> => []);
  const decoder = new TextDecoder();
  log.records.forEach((records, partition) => {
    for (const record of records) {
      const { offset, value } = record;
      const text = decoder.decode(value);
      if (isUnreadable(text)) continue;
      const wire = JSON.parse(text);
      if (isForgetting(text)) {
        // As if nothing of the user had been before.
        users.set(wire.user_id, openUser({ ...emptyUserState, next: new Map([[partition, offset + 1n]]) }));
        continue;
      }
      const event: Event = {
        eventId: wire.event_id,
        userId: wire.user_id,
        itemId: wire.item_id,
        eventType: wire.event_type,
        timestamp: wire.timestamp,
        quantity: wire.quantity,
      };
      const user = users.get(event.userId) ?? openUser(emptyUserState);
      const outcome = applyEvent(user, event, partition, record, context);
      if (!outcome.startsWith("unknown")) users.set(event.userId, user);
      if (outcome === "applied") {
        const weight = { click: 0.1, add_to_cart: 0.5, purchase: 1 }[event.eventType] as number;
        const itemIdx = items.itemIdx[items.rowOf(event.itemId) as number]!;
        const before = user.before.slice(Math.max(0, user.followed - 20), user.followed).map((one) => one.itemIdx);
        if (before.length > 0) followed[partition]!.push({ item: itemIdx, before: before.reverse() });
        trends.set(
          partition,
          advanceTrend(
            trends.get(partition),
            [{ itemIdx, weight, time: event.timestamp }],
            offset + 1n,
            context.halfLife,
          ),
        );
      }
    }
  });
  return { users: new Map(Array.from(users, ([userId, user]) => [userId, closeUser(user)])), trends, followed };
};

/** What the store has of a slot's followers, added up. */
const storedFollowers = (states: MemoryStates, slot: number): Uint8Array => {
  const { events, snapshot } = states.followers.get(slot) ?? { snapshot: undefined, events: [] };
  const live = snapshot === undefined ? makeLiveFollowers() : liveFollowersOf(snapshot.snapshot);
  for (const batch of events) countEvents(live, batch.events);
  return encodeSnapshot(snapshotOf(live));
};

const standing = { identity: "scripted", number: 0, start: () => 0n };
vi.setConfig({ testTimeout: 120_000 });
const playing = { numRuns: 300, endOnFailure: true, timeout: 20_000 };
const scripts = fc.array(command, { minLength: 5, maxLength: 80 });

let snapshots = 0;
it("updater: any script of rebalances, zombies, crashes, faults and redeliveries applies each event once, in order", () =>
  fc.assert(
    fc.asyncProperty(scripts, (script) => {
      const log = new ScriptedLog(partitions);
      const faults = new Faults();
      const states = new MemoryStates(faults);
      const letters = new MemoryLetters();
      const role = Effect.gen(function* () {
        const processing = yield* updater({
          ...context,
          model: "m",
          group: "updater",
          standing: Effect.succeed(standing),
          leastJournal: 1,
        });
        return yield* supervise({ group: "updater-m", start: () => 0n, processing, settings });
      });
      const finished = () =>
        log.records.every((records, p) => (states.positions.get(p) ?? 0n) >= BigInt(records.length));
      return play(log, faults, role, script, finished).pipe(
        Effect.zipRight(
          Effect.sync(() => {
            const wanted = sequential(log);
            expect(states.users).toEqual(wanted.users);
            expect([...states.trends.keys()].sort()).toEqual([...wanted.trends.keys()].sort());
            for (const [p, trend] of wanted.trends) {
              const { next, ...sums } = states.trends.get(p) ?? {};
              const { next: end, ...wantedSums } = trend;
              expect(next).toBeGreaterThanOrEqual(end);
              expect(sums, `trend of partition ${p}, to the bit`).toEqual(wantedSums);
            }
            for (const [p, events] of wanted.followed.entries()) {
              const live = makeLiveFollowers();
              countEvents(live, packed(events));
              const equal = Buffer.compare(storedFollowers(states, p), encodeSnapshot(snapshotOf(live))) === 0;
              expect(equal, `followers of partition ${p}, to the bit`).toBe(true);
            }
            snapshots += states.snapshots;
            const unusable = log.records.flatMap((records, p) =>
              records
                .filter(({ value }) => {
                  const text = new TextDecoder().decode(value);
                  return isUnreadable(text) || text.includes('"stare"') || /"a[67]"/.test(text);
                })
                .map(({ offset }) => `updater ${p} ${offset}`),
            );
            expect([...letters.letters.keys()].sort()).toEqual(unusable.sort());
          }),
        ),
        Effect.provide(
          Layer.mergeAll(
            Layer.succeed(EventLog, log.service),
            Layer.succeed(UserStates, states.service),
            Layer.succeed(DeadLetters, letters.service),
          ),
        ),
        Effect.provide(Logger.remove(Logger.defaultLogger)),
        Effect.runPromise,
      );
    }),
    playing,
  ));

it("updater: its counts of followers were added up meanwhile", () => {
  expect(snapshots).toBeGreaterThan(10);
});

it("archiver: any script leaves each event in the table once", () =>
  fc.assert(
    fc.asyncProperty(scripts, (script) => {
      const log = new ScriptedLog(partitions);
      const faults = new Faults();
      const table = new MemoryTable(faults);
      const letters = new MemoryLetters();
      const role = Effect.gen(function* () {
        const processing = yield* archiver({ flushRows: 7, flushBytes: 1 << 20, flushAge: Duration.millis(200) });
        return yield* supervise({ group: "archiver", start: () => 0n, processing, settings });
      });
      const next = (p: number) => table.transactions.get(archiveAppId("scripted", p)) ?? 0n;
      const finished = () => log.records.every((records, p) => next(p) >= BigInt(records.length));
      return play(log, faults, role, script, finished).pipe(
        Effect.zipRight(
          Effect.sync(() => {
            const archived = table.batches.flatMap(({ rows, columns }) =>
              Array.from({ length: rows }, (_, i) => `${columns.log_partition[i]} ${columns.log_offset[i]}`),
            );
            const wanted = log.records.flatMap((records, p) =>
              records
                .filter(({ value }) => {
                  const text = new TextDecoder().decode(value);
                  return !isUnreadable(text) && !isForgetting(text);
                })
                .map(({ offset }) => `${p} ${offset}`),
            );
            expect(archived.sort()).toEqual(wanted.sort());
          }),
        ),
        Effect.provide(
          Layer.mergeAll(
            Layer.succeed(EventLog, log.service),
            Layer.succeed(Tables, table.service),
            Layer.succeed(DeadLetters, letters.service),
          ),
        ),
        Effect.provide(Logger.remove(Logger.defaultLogger)),
        Effect.runPromise,
      );
    }),
    playing,
  ));

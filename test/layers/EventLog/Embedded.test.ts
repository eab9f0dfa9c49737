import { describe, expect, it } from "@effect/vitest";
import {
  ConfigProvider,
  Deferred,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  LogLevel,
  Queue,
  Scope,
  TestClock,
} from "effect";
import { layer } from "../../../layers/EventLog/Embedded.ts";
import { layerAt, Store } from "../../../layers/engines/lmdb/Store.ts";
import { EventLog, type EventLogService, type Subscription } from "../../../src/ports/EventLog.ts";
import { eventLogContract, takeAssigned } from "../../contracts/EventLog.ts";
import { temporaryFolder, temporaryStore } from "../engines/lmdb/temporary.ts";

eventLogContract("embedded", () => Layer.provide(layer, temporaryStore), { exclusive: true, ownClock: false });

const settings = (entries: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))));

const onStore = layer.pipe(Layer.provideMerge(temporaryStore));

const append = (log: EventLogService, count: number) =>
  log.append(Array.from({ length: count }, (_, i) => ({ key: "k", value: Buffer.from(String(i)) })));

/** Owns the group until the scope closes, and lets go when asked. */
const owned = (log: EventLogService, group: string) =>
  Effect.gen(function* () {
    const subscription = yield* log.subscribe(group, () => 0n);
    const epochs = yield* takeAssigned(log, subscription);
    return { subscription, epochs };
  });

const letGo = (subscription: Subscription) =>
  Queue.take(subscription.signals).pipe(
    Effect.tap((signal) => (signal._tag === "Released" ? Deferred.succeed(signal.done, undefined) : Effect.void)),
    Effect.forever,
    Effect.forkDaemon,
  );

const leaseOf = (group: string): Buffer => Buffer.from(`lease\u0000${group}`);

/** Writes a lease as another process would have. */
const plantLease = (group: string, lease: { readonly host: string; readonly pid: number; readonly beat: number }) =>
  Effect.flatMap(Store, (store) =>
    store.write(() =>
      store.tables.groups.put(leaseOf(group), Buffer.from(JSON.stringify({ holder: "other", epoch: 1, ...lease }))),
    ),
  );

describe("embedded EventLog", () => {
  it.scoped("keeps the number of partitions that it was created with", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const partitions = (wanted: string) =>
        Effect.flatMap(EventLog, (log) => log.partitions).pipe(
          Effect.provide(layer.pipe(Layer.provide(layerAt(folder)))),
          settings({ PARTITIONS: wanted }),
          Logger.withMinimumLogLevel(LogLevel.None),
        );
      expect(yield* partitions("3")).toBe(3);
      expect(yield* partitions("5")).toBe(3);
    }),
  );

  it.scoped("keeps its identity over restarts, and has another in another store", () =>
    Effect.gen(function* () {
      const folders = yield* Effect.all([temporaryFolder, temporaryFolder]);
      const identity = (folder: string) =>
        Effect.flatMap(EventLog, (log) => log.identity).pipe(Effect.provide(Layer.provide(layer, layerAt(folder))));
      const first = yield* identity(folders[0]);
      expect(yield* identity(folders[0])).toBe(first);
      expect(yield* identity(folders[1])).not.toBe(first);
    }),
  );

  describe("lease", () => {
    it.scoped("waits for one that lives elsewhere, until its heartbeat is too old", () =>
      Effect.gen(function* () {
        const log = yield* EventLog;
        yield* plantLease("g", { host: "elsewhere", pid: 1, beat: 0 });
        const joining = yield* Effect.fork(owned(log, "g"));
        yield* TestClock.adjust("7 seconds");
        expect((yield* Fiber.poll(joining))._tag).toBe("None");
        yield* TestClock.adjust("3 seconds");
        const { subscription } = yield* Fiber.join(joining);
        yield* letGo(subscription);
      }).pipe(Effect.scoped, Effect.provide(onStore)),
    );

    it.scoped("takes over at once from a process of this host that is gone", () =>
      Effect.gen(function* () {
        const log = yield* EventLog;
        const { hostname } = yield* Effect.promise(() => import("node:os"));
        // Above any process number that Linux gives.
        yield* plantLease("dead", { host: hostname(), pid: 2 ** 30, beat: 0 });
        yield* letGo((yield* owned(log, "dead")).subscription);
        // What a container's process 1 left to the next process 1.
        yield* plantLease("reborn", { host: hostname(), pid: process.pid, beat: 0 });
        yield* letGo((yield* owned(log, "reborn")).subscription);
      }).pipe(Effect.scoped, Effect.provide(onStore)),
    );

    it.scoped("taken by another: released as lost, nothing more fetched or committed, then joined anew", () =>
      Effect.gen(function* () {
        const log = yield* EventLog;
        const [position] = yield* append(log, 1);
        const { partition } = position!;
        const { subscription, epochs } = yield* owned(log, "g");
        const epoch = epochs.get(partition)!;
        yield* plantLease("g", { host: "elsewhere", pid: 1, beat: 0 });
        expect((yield* Effect.flip(subscription.fetch(partition, epoch, 0n, 1))).reason).toBe("Released");
        expect((yield* Effect.flip(subscription.commit(partition, epoch, 1n))).reason).toBe("Released");
        const losing = yield* Effect.fork(Queue.takeN(subscription.signals, epochs.size));
        yield* TestClock.adjust("1 second");
        for (const signal of yield* Fiber.join(losing)) {
          expect(signal).toMatchObject({ _tag: "Released", reason: "lost", epoch: epochs.get(signal.partition) });
          if (signal._tag === "Released") yield* Deferred.succeed(signal.done, undefined);
        }
        expect((yield* log.committed("g"))[partition]).toBeUndefined();
        const again = yield* Effect.fork(takeAssigned(log, subscription));
        yield* TestClock.adjust("10 seconds");
        expect((yield* Fiber.join(again)).get(partition)).toBeGreaterThan(epoch);
        yield* letGo(subscription);
      }).pipe(Effect.scoped, Effect.provide(onStore)),
    );

    it.scoped("is given back when a member ends, though nobody took its signals", () =>
      Effect.gen(function* () {
        const log = yield* EventLog;
        const scope = yield* Scope.make();
        yield* log.subscribe("g", () => 0n).pipe(Scope.extend(scope));
        yield* Effect.yieldNow();
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void));
        yield* TestClock.adjust("21 seconds");
        yield* Fiber.join(closing);
        yield* letGo((yield* owned(log, "g")).subscription);
      }).pipe(Effect.scoped, Effect.provide(onStore)),
    );
  });

  describe("retention", () => {
    const retained = settings({ RETENTION: "1 hour", PARTITIONS: "1" });

    it.scoped("deletes what is old and committed by every group, and tells who comes too late", () =>
      Effect.gen(function* () {
        const messages: Array<string> = [];
        const listener = Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ message }) => {
            messages.push(String(message));
          }),
        );
        yield* Effect.gen(function* () {
          const log = yield* EventLog;
          yield* append(log, 5000);
          yield* TestClock.adjust("50 minutes");
          yield* append(log, 10);
          const fast = yield* owned(log, "fast");
          const slow = yield* owned(log, "slow");
          for (const { subscription } of [fast, slow]) yield* letGo(subscription);
          yield* fast.subscription.commit(0, fast.epochs.get(0)!, 5010n);
          yield* slow.subscription.commit(0, slow.epochs.get(0)!, 4500n);

          yield* log.append([{ key: "k", value: Buffer.from("now") }]);
          yield* untilFirst(log, 4500n);
          yield* slow.subscription.commit(0, slow.epochs.get(0)!, 5010n);
          yield* untilFirst(log, 5000n);
          expect(yield* log.endOffsets).toEqual([5011n]);
          expect(yield* log.startOffsets).toEqual([5000n]);

          const late = yield* owned(log, "late");
          yield* letGo(late.subscription);
          const records = yield* late.subscription.fetch(0, late.epochs.get(0)!, 100n, 3);
          expect(records.map((record) => record.offset)).toEqual([5000n, 5001n, 5002n]);
          yield* late.subscription.fetch(0, late.epochs.get(0)!, 100n, 3);
          expect(messages.filter((message) => message.includes("lost events"))).toEqual([
            expect.stringContaining("offsets 100 to 4999"),
          ]);
        }).pipe(Effect.scoped, Effect.provide(onStore), Effect.provide(listener), retained);
      }),
    );

    /** Trimming runs in the background: minutes of the test's clock and turns of the store pass until it has come to `first`. */
    const untilFirst = (log: EventLogService, first: bigint) =>
      Effect.gen(function* () {
        const store = yield* Store;
        yield* TestClock.adjust("1 minute");
        yield* store.write(() => undefined);
        const [record] = yield* log.read(0, 0n, 1);
        return record?.offset;
      }).pipe(
        Effect.repeat({ until: (offset) => offset === first, times: 50 }),
        Effect.map((offset) => expect(offset).toBe(first)),
      );
  });
});

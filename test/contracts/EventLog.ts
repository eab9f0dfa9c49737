/** What every EventLog promises. Each test makes its own groups; the log may hold records of the tests before. */
import { describe, expect, it } from "@effect/vitest";
import { Chunk, Clock, Deferred, Effect, Exit, Fiber, type Layer, Option, Queue, Scope } from "effect";
import {
  EventLog,
  type EventLogError,
  type EventLogService,
  type LogRecord,
  type Position,
  type Signal,
  type Subscription,
} from "../../src/ports/EventLog.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (record: LogRecord): string => new TextDecoder().decode(record.value);
const append = (log: EventLogService, entries: ReadonlyArray<readonly [key: string, value: string]>) =>
  log.append(entries.map(([key, value]) => ({ key, value: bytes(value) })));

let groups = 0;
const newGroup = (): string => `contract-${process.pid}-${++groups}-${Math.random().toString(36).slice(2)}`;

type Assigned = Extract<Signal, { _tag: "Assigned" }>;
type Released = Extract<Signal, { _tag: "Released" }>;

/** The assignment of every partition, by partition. */
export const takeAssigned = (log: EventLogService, subscription: Subscription) =>
  Effect.gen(function* () {
    const count = yield* log.partitions;
    const epochs = new Map<number, number>();
    while (epochs.size < count) {
      const signal = yield* Queue.take(subscription.signals);
      expect(signal._tag).toBe("Assigned");
      epochs.set((signal as Assigned).partition, signal.epoch);
    }
    return epochs;
  });

/** Lets go of whatever is released, at once, until the subscription ends. */
const letGo = (subscription: Subscription) =>
  Queue.take(subscription.signals).pipe(
    Effect.tap((signal) => (signal._tag === "Released" ? Deferred.succeed(signal.done, undefined) : Effect.void)),
    Effect.forever,
    Effect.forkDaemon,
  );

/** Runs `body` as the owner of all partitions, from the log's end on where nothing is committed, and lets go in the end. */
const owning = <A, E, R>(
  group: string,
  body: (
    subscription: Subscription,
    epochs: ReadonlyMap<number, number>,
    log: EventLogService,
  ) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const ends = yield* log.endOffsets;
    const subscription = yield* log.subscribe(group, (partition) => ends[partition]!);
    const epochs = yield* takeAssigned(log, subscription);
    return yield* Effect.ensuring(body(subscription, epochs, log), letGo(subscription));
  }).pipe(Effect.scoped);

/** Each fetched in one partition, until `count` records are there. */
const fetchAll = (
  subscription: Subscription,
  position: { readonly partition: number; readonly from: bigint },
  epoch: number,
  count: number,
) =>
  Effect.gen(function* () {
    const records: Array<LogRecord> = [];
    let from = position.from;
    while (records.length < count) {
      const batch = yield* subscription.fetch(position.partition, epoch, from, count - records.length);
      records.push(...batch);
      from = batch.at(-1)!.offset + 1n;
    }
    return records;
  });

const reasonOf = <A>(effect: Effect.Effect<A, EventLogError>) =>
  effect.pipe(
    Effect.flip,
    Effect.map((error) => error.reason),
  );

export interface EventLogTraits {
  /** One member at a time owns every partition, and another waits for it. */
  readonly exclusive: boolean;
  /** Time is a server's own, whatever the test's clock. */
  readonly ownClock: boolean;
}

export const eventLogContract = (
  name: string,
  layer: () => Layer.Layer<EventLog, unknown>,
  traits: EventLogTraits,
): void => {
  it.layer(layer() as Layer.Layer<EventLog>, { timeout: "60 seconds" })(`${name}: EventLog`, (it) => {
    it.effect("has an identity, which stays", () =>
      Effect.gen(function* () {
        const log = yield* EventLog;
        const identity = yield* log.identity;
        expect(identity).not.toBe("");
        yield* append(log, [["k", "v"]]);
        expect(yield* log.identity).toBe(identity);
      }),
    );

    describe("append", () => {
      it.effect("answers one position per record, in order, without a gap in a partition", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const before = yield* log.endOffsets;
          expect(yield* log.startOffsets).toEqual(before.map(() => 0n));
          const entries = Array.from({ length: 200 }, (_, i) => [`user-${i % 17}`, `value-${i}`] as const);
          const positions = yield* append(log, entries);
          expect(positions).toHaveLength(200);
          const next = [...before];
          for (let i = 0; i < entries.length; i++) {
            const { partition, offset } = positions[i]!;
            expect(offset).toBe(next[partition]);
            next[partition] = offset + 1n;
          }
          expect(yield* log.endOffsets).toEqual(next);
        }),
      );

      it.effect("keeps the records of one key in one partition, and spreads keys", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const entries = Array.from({ length: 400 }, (_, i) => [`customer-${i % 100}`, "x"] as const);
          const positions = yield* append(log, entries);
          const partitionsOf = new Map<string, Set<number>>();
          for (let i = 0; i < entries.length; i++) {
            const key = entries[i]![0];
            partitionsOf.set(key, (partitionsOf.get(key) ?? new Set()).add(positions[i]!.partition));
          }
          for (const partitions of partitionsOf.values()) expect(partitions.size).toBe(1);
          expect(new Set(positions.map((position) => position.partition)).size).toBe(yield* log.partitions);
        }),
      );

      it.effect("gives every record of concurrent callers its own place, each caller's in order", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const before = yield* log.endOffsets;
          const calls = yield* Effect.forEach(
            Array.from({ length: 64 }, (_, i) => i),
            (i) =>
              append(
                log,
                [0, 1, 2].map((j) => ["one-user", `${i}.${j}`] as const),
              ),
            { concurrency: "unbounded" },
          );
          const all = calls.flat();
          expect(new Set(all.map(({ offset }) => offset)).size).toBe(192);
          const { partition } = all[0]!;
          const records = yield* log.read(partition, before[partition]!, 1000);
          const values = new Map(records.map((record) => [record.offset, textOf(record)]));
          for (let i = 0; i < calls.length; i++) {
            expect(calls[i]!.map(({ offset }) => values.get(offset))).toEqual([`${i}.0`, `${i}.1`, `${i}.2`]);
          }
        }),
      );

      it.effect("takes an empty list and empty values", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          expect(yield* log.append([])).toEqual([]);
          const [position] = yield* append(log, [["k", ""]]);
          const [record] = yield* log.read(position!.partition, position!.offset, 1);
          expect(record!.value.length).toBe(0);
        }),
      );

      it.effect("tells when it took each record, the same at every reading", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const now = traits.ownClock ? Effect.sync(() => Date.now()) : Clock.currentTimeMillis;
          const before = (yield* now) / 1000;
          const [position] = yield* append(log, [["k", "timed"]]);
          const look = Effect.map(log.read(position!.partition, position!.offset, 1), ([record]) => record!.appendedAt);
          const at = yield* look;
          expect(at).toBeGreaterThanOrEqual(before - 1);
          expect(at).toBeLessThanOrEqual((yield* now) / 1000 + 1);
          expect(yield* look).toBe(at);
        }),
      );

      it.effect("keeps the value's bytes", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const value = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) & 255);
          const [position] = yield* log.append([{ key: "k", value }]);
          const [record] = yield* log.read(position!.partition, position!.offset, 1);
          expect(record!.offset).toBe(position!.offset);
          expect(Buffer.compare(record!.value, value)).toBe(0);
        }),
      );
    });

    describe("read", () => {
      it.effect("reads at most `max` from an offset on, and nothing at the end", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const positions = yield* append(
            log,
            Array.from({ length: 5 }, (_, i) => ["reader", `r${i}`] as const),
          );
          const { partition, offset } = positions[0]!;
          expect((yield* log.read(partition, offset, 3)).map(textOf)).toEqual(["r0", "r1", "r2"]);
          expect((yield* log.read(partition, offset + 3n, 100)).map(textOf)).toEqual(["r3", "r4"]);
          expect(yield* log.read(partition, offset + 5n, 100)).toEqual([]);
        }),
      );
    });

    describe("subscribe", () => {
      it.effect("assigns every partition once, each with an epoch above those of before", () =>
        Effect.gen(function* () {
          const group = newGroup();
          const first = yield* owning(group, (_, epochs) => Effect.succeed([...epochs.values()]));
          const second = yield* owning(group, (_, epochs) => Effect.succeed([...epochs.values()]));
          expect(Math.min(...second)).toBeGreaterThan(Math.max(...first));
        }),
      );

      it.effect("fetches what was appended, in order, from an offset on", () =>
        owning(newGroup(), (subscription, epochs, log) =>
          Effect.gen(function* () {
            const positions = yield* append(
              log,
              Array.from({ length: 10 }, (_, i) => ["fetcher", `f${i}`] as const),
            );
            const { partition, offset } = positions[0]!;
            const epoch = epochs.get(partition)!;
            const records = yield* fetchAll(subscription, { partition, from: offset + 2n }, epoch, 8);
            expect(records.map(textOf)).toEqual(["f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9"]);
            expect(records.map((record) => record.offset)).toEqual(
              positions.slice(2).map((position) => position.offset),
            );
            const few = yield* subscription.fetch(partition, epoch, offset, 3);
            expect(few.length).toBeLessThanOrEqual(3);
            expect(textOf(few[0]!)).toBe("f0");
          }),
        ),
      );

      it.effect("waits at the end of the log, and wakes when something is appended", () =>
        owning(newGroup(), (subscription, epochs, log) =>
          Effect.gen(function* () {
            const [{ partition, offset }] = (yield* append(log, [["sleeper", "old"]])) as [Position];
            const waiting = yield* Effect.fork(subscription.fetch(partition, epochs.get(partition)!, offset + 1n, 10));
            yield* Effect.yieldNow();
            expect(yield* Fiber.poll(waiting)).toEqual(Option.none());
            yield* append(log, [["sleeper", "new"]]);
            expect((yield* Fiber.join(waiting)).map(textOf)).toEqual(["new"]);
          }),
        ),
      );

      it.effect("can be interrupted while it waits, and asked again", () =>
        owning(newGroup(), (subscription, epochs, log) =>
          Effect.gen(function* () {
            const [{ partition, offset }] = (yield* append(log, [["impatient", "old"]])) as [Position];
            const epoch = epochs.get(partition)!;
            const waiting = yield* Effect.fork(subscription.fetch(partition, epoch, offset + 1n, 10));
            yield* Effect.yieldNow();
            yield* Fiber.interrupt(waiting);
            yield* append(log, [["impatient", "new"]]);
            expect((yield* fetchAll(subscription, { partition, from: offset }, epoch, 2)).map(textOf)).toEqual([
              "old",
              "new",
            ]);
          }),
        ),
      );

      it.effect("takes an offset beyond the end for damage, not for nothing to do", () =>
        owning(newGroup(), (subscription, epochs, log) =>
          Effect.gen(function* () {
            const [{ partition, offset }] = (yield* append(log, [["ahead", "x"]])) as [Position];
            const ahead = subscription.fetch(partition, epochs.get(partition)!, offset + 2n, 1);
            const error = yield* Effect.flip(ahead);
            expect(error.reason).toBe("Corrupt");
            expect(error.message).toContain(`ends at offset ${offset + 1n}, before ${offset + 2n}`);
          }),
        ),
      );

      it.effect("fails for an epoch that never was or is over", () =>
        Effect.gen(function* () {
          const group = newGroup();
          const log = yield* EventLog;
          const [{ partition, offset }] = (yield* append(log, [["zombie", "z"]])) as [Position];
          const old = yield* owning(group, (subscription, epochs) =>
            Effect.gen(function* () {
              const epoch = epochs.get(partition)!;
              expect(yield* reasonOf(subscription.fetch(partition, epoch - 1, offset, 1))).toBe("Released");
              expect(yield* reasonOf(subscription.commit(partition, epoch - 1, offset))).toBe("Released");
              return { subscription, epoch };
            }),
          );
          expect(yield* reasonOf(old.subscription.fetch(partition, old.epoch, offset, 1))).toBe("Released");
          yield* owning(group, (subscription) =>
            Effect.gen(function* () {
              expect(yield* reasonOf(subscription.fetch(partition, old.epoch, offset, 1))).toBe("Released");
              expect(yield* reasonOf(subscription.commit(partition, old.epoch, offset))).toBe("Released");
            }),
          );
          expect((yield* log.committed(group))[partition]).toBeUndefined();
        }),
      );
    });

    describe("commit", () => {
      it.effect("is where the group goes on; before it, the start that was given", () =>
        Effect.gen(function* () {
          const group = newGroup();
          const log = yield* EventLog;
          const positions = yield* append(
            log,
            Array.from({ length: 4 }, (_, i) => ["committer", `c${i}`] as const),
          );
          const { partition, offset } = positions[0]!;
          yield* Effect.scoped(
            Effect.gen(function* () {
              const subscription = yield* log.subscribe(group, () => offset);
              const epochs = yield* takeAssigned(log, subscription);
              expect(yield* subscription.position(partition)).toBe(offset);
              expect((yield* log.committed(group))[partition]).toBeUndefined();
              yield* subscription.commit(partition, epochs.get(partition)!, offset + 2n);
              expect(yield* subscription.position(partition)).toBe(offset + 2n);
              yield* letGo(subscription);
            }),
          );
          expect((yield* log.committed(group))[partition]).toBe(offset + 2n);
          yield* owning(group, (subscription, epochs) =>
            Effect.gen(function* () {
              const from = yield* subscription.position(partition);
              expect(from).toBe(offset + 2n);
              const records = yield* fetchAll(subscription, { partition, from }, epochs.get(partition)!, 2);
              expect(records.map(textOf)).toEqual(["c2", "c3"]);
            }),
          );
        }),
      );

      it.effect("belongs to one group", () =>
        Effect.gen(function* () {
          const log = yield* EventLog;
          const [{ partition, offset }] = (yield* append(log, [["two-groups", "x"]])) as [Position];
          const [one, other] = [newGroup(), newGroup()];
          yield* owning(one, (subscription, epochs) =>
            subscription.commit(partition, epochs.get(partition)!, offset + 1n),
          );
          expect((yield* log.committed(one))[partition]).toBe(offset + 1n);
          expect((yield* log.committed(other))[partition]).toBeUndefined();
        }),
      );
    });

    describe("close", () => {
      it.effect("releases each partition, takes commits until it is let go, and ends a waiting fetch", () =>
        Effect.gen(function* () {
          const group = newGroup();
          const log = yield* EventLog;
          const [{ partition, offset }] = (yield* append(log, [["closer", "x"]])) as [Position];
          const scope = yield* Scope.make();
          const subscription = yield* log.subscribe(group, () => offset).pipe(Scope.extend(scope));
          const epochs = yield* takeAssigned(log, subscription);
          const waiting = yield* Effect.fork(
            reasonOf(subscription.fetch(partition, epochs.get(partition)!, offset + 1n, 1)),
          );
          yield* Effect.yieldNow();
          const closing = yield* Effect.fork(Scope.close(scope, Exit.void));
          const signals = Chunk.toReadonlyArray(yield* Queue.takeN(subscription.signals, epochs.size));
          for (const signal of signals) {
            expect(signal).toMatchObject({ _tag: "Released", reason: "closed", epoch: epochs.get(signal.partition) });
          }
          expect(new Set(signals.map((signal) => signal.partition)).size).toBe(epochs.size);
          expect(yield* Fiber.join(waiting)).toBe("Released");
          yield* subscription.commit(partition, epochs.get(partition)!, offset + 1n);
          expect(yield* Fiber.poll(closing)).toEqual(Option.none());
          for (const signal of signals) yield* Deferred.succeed((signal as Released).done, undefined);
          yield* Fiber.join(closing);
          expect((yield* log.committed(group))[partition]).toBe(offset + 1n);
          expect(yield* reasonOf(subscription.commit(partition, epochs.get(partition)!, offset))).toBe("Released");
        }),
      );
    });

    describe.runIf(traits.exclusive)("two members of a group", () => {
      it.effect("the second waits, and takes over when the first has let go", () =>
        Effect.gen(function* () {
          const group = newGroup();
          const log = yield* EventLog;
          const scopes = [yield* Scope.make(), yield* Scope.make()] as const;
          const first = yield* log.subscribe(group, () => 0n).pipe(Scope.extend(scopes[0]));
          const epochs = yield* takeAssigned(log, first);
          const second = yield* log.subscribe(group, () => 0n).pipe(Scope.extend(scopes[1]));
          const later = yield* Effect.fork(takeAssigned(log, second));
          yield* Effect.yieldNow();
          expect(yield* Fiber.poll(later)).toEqual(Option.none());
          yield* first.commit(0, epochs.get(0)!, 1n);
          yield* letGo(first);
          yield* Scope.close(scopes[0], Exit.void);
          const newer = yield* Fiber.join(later);
          for (const [partition, epoch] of newer) expect(epoch).toBeGreaterThan(epochs.get(partition)!);
          expect(yield* second.position(0)).toBe(1n);
          expect(yield* reasonOf(first.commit(0, epochs.get(0)!, 5n))).toBe("Released");
          yield* letGo(second);
          yield* Scope.close(scopes[1], Exit.void);
        }),
      );
    });
  });
};

/** An event log in memory that plays any script: who owns what, what is told of it, and what is delivered again. */
import { Deferred, Effect, FiberId, Queue, type Scope } from "effect";
import {
  EventLogError,
  type EventLogService,
  type LogRecord,
  type ReleaseReason,
  type Signal,
} from "../../src/ports/EventLog.ts";

const released = (operation: string) =>
  new EventLogError({ reason: "Released", operation, message: "the epoch is over" });

export interface Member {
  readonly signals: Queue.Queue<Signal>;
  /** Partition to the epoch that this member believes it owns. */
  readonly owned: Map<number, number>;
  /** Epochs that are being let go: commits are taken, fetches end. */
  readonly draining: Set<number>;
}

export class ScriptedLog {
  readonly records: Array<Array<LogRecord>>;
  /** All that ever joined. */
  readonly members: Array<Member> = [];
  readonly positions = new Map<number, bigint>();
  /** Per partition, below which offset retention has removed all; what is there stays readable here. */
  readonly starts: Array<bigint>;
  /** How many records before the one asked for the next fetches deliver again. */
  rewind = 0;
  private epoch = 0;
  private waiting: Array<Deferred.Deferred<void>> = [];

  constructor(
    readonly partitions: number,
    readonly identity = "scripted",
  ) {
    this.records = Array.from({ length: partitions }, () => []);
    this.starts = Array.from({ length: partitions }, () => 0n);
  }

  append(partition: number, value: Uint8Array, appendedAt = 1_700_000_000): void {
    const records = this.records[partition];
    records.push({ offset: BigInt(records.length), appendedAt, value });
    this.wake();
  }

  private wake(): void {
    for (const waiter of this.waiting.splice(0)) Deferred.unsafeDone(waiter, Effect.void);
  }

  assign(member: Member, partition: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const epoch = ++this.epoch;
      member.owned.set(partition, epoch);
      return Queue.offer(member.signals, { _tag: "Assigned", partition, epoch });
    });
  }

  /** Takes the partition from the member and waits until it has let go. */
  release(member: Member, partition: number, reason: ReleaseReason): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const epoch = member.owned.get(partition);
      if (epoch === undefined) return;
      if (reason === "lost") member.owned.delete(partition);
      // As the real ones do: a fetch that waits may end before the signal is heard.
      member.draining.add(epoch);
      this.wake();
      const done = yield* Deferred.make<void>();
      yield* Queue.offer(member.signals, { _tag: "Released", partition, epoch, reason, done });
      yield* Deferred.await(done);
      if (member.owned.get(partition) === epoch) member.owned.delete(partition);
      this.wake();
    });
  }

  private subscribe = (): Effect.Effect<Member, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.gen(this, function* () {
        const member = {
          signals: yield* Queue.unbounded<Signal>(),
          owned: new Map<number, number>(),
          draining: new Set<number>(),
        };
        this.members.push(member);
        return member;
      }),
      (member) =>
        Effect.forEach([...member.owned.keys()], (partition) => this.release(member, partition, "closed")).pipe(
          Effect.zipRight(Effect.sync(() => this.wake())),
        ),
    );

  readonly service: EventLogService = {
    identity: Effect.sync(() => this.identity),
    partitions: Effect.sync(() => this.partitions),
    append: () => Effect.dieMessage("scripts append"),
    subscribe: (_group, start) =>
      Effect.map(this.subscribe(), (member) => {
        const owns = (partition: number, epoch: number) => member.owned.get(partition) === epoch;
        const fetch = (
          partition: number,
          epoch: number,
          from: bigint,
          max: number,
        ): Effect.Effect<ReadonlyArray<LogRecord>, EventLogError> =>
          Effect.suspend(() => {
            if (!owns(partition, epoch) || member.draining.has(epoch)) return Effect.fail(released("fetch"));
            const records = this.records[partition];
            if (Number(from) < records.length) {
              const first = Math.max(0, Number(from) - this.rewind);
              const last = Math.max(Number(from) + 1, first + max);
              return Effect.succeed(records.slice(first, last));
            }
            const waiter = Deferred.unsafeMake<void>(FiberId.none);
            this.waiting.push(waiter);
            return Effect.zipRight(Deferred.await(waiter), fetch(partition, epoch, from, max));
          });
        return {
          signals: member.signals,
          fetch,
          commit: (partition, epoch, next) =>
            owns(partition, epoch)
              ? Effect.sync(() => void this.positions.set(partition, next))
              : Effect.fail(released("commit")),
          position: (partition) => Effect.sync(() => this.positions.get(partition) ?? start(partition)),
        };
      }),
    read: (partition, from, max) => Effect.sync(() => this.records[partition].slice(Number(from), Number(from) + max)),
    startOffsets: Effect.sync(() => [...this.starts]),
    endOffsets: Effect.sync(() => this.records.map((records) => BigInt(records.length))),
    committed: () => Effect.sync(() => this.records.map((_, partition) => this.positions.get(partition))),
  };
}

/** Stores in memory whose operations can be made to fail, before or after they took effect. */
import { Clock, Effect, Stream } from "effect";
import { type AppliedLog, withLog } from "../../src/domain/AppliedLogs.ts";
import type { ColumnBatch } from "../../src/domain/Columns.ts";
import type { FollowerEvents, FollowerSnapshot } from "../../src/domain/FollowerCounts.ts";
import type { UserState } from "../../src/domain/UserState.ts";
import type { DeadLettersService, KeptLetter, LetterKey } from "../../src/ports/DeadLetters.ts";
import { TableError, type TablesService } from "../../src/ports/Tables.ts";
import {
  type FollowersWrite,
  type PartitionTrend,
  trendKey,
  UserStatesError,
  type UserStatesService,
} from "../../src/ports/UserStates.ts";

export type Fault = "none" | "before" | "after";

/** The next operations' faults, taken one by one; none when it is empty. */
export class Faults {
  private readonly planned: Array<Fault> = [];
  plan(fault: Fault): void {
    this.planned.push(fault);
  }
  take(): Fault {
    return this.planned.shift() ?? "none";
  }
}

const injected = "injected fault";

/** What is stored of one slot's followers. */
interface MemoryFollowers {
  snapshot: { readonly next: bigint; readonly snapshot: FollowerSnapshot } | undefined;
  events: ReadonlyArray<{ readonly next: bigint; readonly events: FollowerEvents }>;
}

export class MemoryStates {
  readonly users = new Map<string, UserState>();
  /** Those of them whose states cannot be decoded. */
  readonly damaged = new Set<string>();
  readonly positions = new Map<number, bigint>();
  readonly trends = new Map<number, PartitionTrend>();
  readonly followers = new Map<number, MemoryFollowers>();
  /** Snapshots of followers that were written. */
  snapshots = 0;
  logs: ReadonlyArray<AppliedLog> | undefined = [];
  constructor(readonly faults: Faults) {}

  private writeFollowers(slot: number, next: bigint, write: FollowersWrite | undefined): void {
    if (write === undefined) return;
    if (write._tag === "replace") {
      this.snapshots++;
      this.followers.set(slot, { snapshot: { next, snapshot: write.snapshot }, events: [] });
      return;
    }
    const { events, snapshot } = this.followers.get(slot) ?? { snapshot: undefined, events: [] };
    this.followers.set(slot, { snapshot, events: [...events, { next, events: write.events }] });
  }

  readonly service: UserStatesService = {
    load: () => Effect.dieMessage("not used"),
    read: (_model, userIds) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.sync(() => userIds.map((userId) => this.users.get(userId))),
      ),
    readPacked: (model, userIds) =>
      Effect.map(this.service.read(model, userIds), (states) =>
        userIds.map((userId, i) => () => (this.damaged.has(userId) ? "damaged" : states[i])),
      ),
    write: (_model, { slot, next, trend, users }) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.suspend(() => {
          const fault = this.faults.take();
          const failure = new UserStatesError({ operation: "write", message: injected });
          if (fault === "before") return Effect.fail(failure);
          if (trend !== undefined && this.trends.get(slot)?.next !== trend.expected) {
            return Effect.succeed([trendKey]);
          }
          if (trend !== undefined) {
            this.trends.set(slot, trend.trend);
            this.writeFollowers(slot, trend.trend.next, trend.followers);
          }
          const conflicts: Array<string> = [];
          for (const { expected, state, userId } of users) {
            if (this.users.get(userId)?.next.get(slot) === expected) this.users.set(userId, state);
            else conflicts.push(userId);
          }
          if (conflicts.length > 0) return Effect.succeed(conflicts);
          const before = this.positions.get(slot) ?? 0n;
          if (next > before) this.positions.set(slot, next);
          return fault === "after" ? Effect.fail(failure) : Effect.succeed([]);
        }),
      ),
    position: (_model, slot) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.sync(() => this.positions.get(slot)),
      ),
    trend: (_model, slot) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.sync(() => this.trends.get(slot)),
      ),
    trends: () => Effect.sync(() => [...this.trends.values()]),
    itemTrends: () => Effect.dieMessage("not used"),
    followers: (_model, slot, since) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.sync(() => {
          const { events, snapshot } = this.followers.get(slot) ?? { snapshot: undefined, events: [] };
          const whole = since === undefined || (snapshot !== undefined && since < snapshot.next);
          return {
            next: events.at(-1)?.next ?? snapshot?.next,
            snapshot: whole ? snapshot?.snapshot : undefined,
            events: events.filter(({ next }) => whole || next > since).map(({ events }) => events),
          };
        }),
      ),
    logs: () => Effect.sync(() => this.logs),
    addLog: (_model, log, unnamed) =>
      Effect.sync(() => {
        this.logs = withLog(this.logs, log, unnamed);
        return this.logs;
      }),
    userIdsOf: () => Effect.dieMessage("not used"),
    forget: (_model, userId) =>
      Effect.sync(() => {
        this.users.delete(userId);
        this.damaged.delete(userId);
      }),
    drop: () => Effect.dieMessage("not used"),
  };
}

export class MemoryLetters {
  /** By CONSUMER PARTITION OFFSET. */
  readonly letters = new Map<string, KeptLetter>();
  private readonly key = ({ consumer, offset, partition }: LetterKey) => `${consumer} ${partition} ${offset}`;

  readonly service: DeadLettersService = {
    append: (letters) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        for (const letter of letters) {
          const key = this.key(letter);
          if (!this.letters.has(key)) this.letters.set(key, { ...letter, keptAt: now / 1000, replay: undefined });
        }
      }),
    list: (limit) => Effect.sync(() => [...this.letters.values()].slice(0, limit)),
    mark: (letters, replay) =>
      Effect.sync(() => {
        for (const key of letters.map(this.key)) {
          const known = this.letters.get(key);
          if (known !== undefined) this.letters.set(key, { ...known, replay });
        }
      }),
    drop: (letters) =>
      Effect.sync(() => {
        for (const letter of letters) this.letters.delete(this.key(letter));
      }),
    stats: Effect.sync(() => ({ count: this.letters.size, bytes: undefined, oldest: undefined })),
  };
}

/** One append-only table with txn actions. */
export class MemoryTable {
  readonly batches: Array<ColumnBatch> = [];
  transactions: ReadonlyMap<string, bigint> = new Map();
  writtenAt = 0;
  constructor(readonly faults: Faults) {}

  readonly service: TablesService = {
    snapshot: () =>
      Effect.sync(() => ({
        version: this.batches.length,
        schema: [],
        rows: 0,
        files: 0,
        bytes: 0,
        writtenAt: this.writtenAt,
        transactions: this.transactions,
      })),
    list: Effect.dieMessage("not used"),
    read: () => Stream.die("not used"),
    files: () => Effect.dieMessage("not used"),
    overwrite: () => Effect.dieMessage("not used"),
    fileNames: () => Effect.dieMessage("not used"),
    onlyGrew: () => Effect.dieMessage("not used"),
    overwriteFiles: () => Effect.dieMessage("not used"),
    appendFiles: () => Effect.dieMessage("not used"),
    append: (table, _schema, batches, transactions = []) =>
      Effect.gen(this, function* () {
        const rows = yield* Stream.runCollect(batches);
        const fault = this.faults.take();
        if (fault === "before") return yield* new TableError({ reason: "Io", table, message: injected });
        if (transactions.some(({ appId, expected }) => this.transactions.get(appId) !== expected)) {
          return yield* new TableError({ reason: "Stale", table, message: "stale" });
        }
        this.batches.push(...rows);
        this.transactions = new Map([
          ...this.transactions,
          ...transactions.map(({ appId, next }) => [appId, next] as const),
        ]);
        if (fault === "after") return yield* new TableError({ reason: "Io", table, message: injected });
        return this.batches.length;
      }),
    replaceFiles: () => Effect.dieMessage("not used"),
    compact: () => Effect.succeed(0),
    writable: () => Effect.void,
    vacuum: () => Effect.succeed(0),
    drop: () => Effect.void,
  };
}

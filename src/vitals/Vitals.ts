/**
 * Vitals: what the roles of this process do just now, as plain numbers: written by their fibers as they go, read by the
 * health page and /metrics. One per process, unless a test provides its own.
 */
import { Context, type Effect } from "effect";
import { type Attributed, makeAttributed } from "./Attributed.ts";
import type { BatchRuns, RetrainingEnd } from "./BatchRuns.ts";
import type { Histogram } from "./Histogram.ts";
import { type Measured, makeMeasured } from "./Measured.ts";
import type { Step } from "./Steps.ts";
import { makeWaiting, type Outage, type Waiting } from "./Waiting.ts";

export interface PartitionVitals {
  readonly partition: number;
  /** waiting: for something that is away. restarting: after a failure of its own. */
  state: "running" | "waiting" | "restarting";
  /** Why it does not run. */
  reason: string | undefined;
  /** The store that it waits for. */
  store: string | undefined;
  /** What was fetched waits to be applied, and nothing more is fetched meanwhile. */
  paused: boolean;
  /** It is to be let go: what was accepted is applied, nothing more is. */
  draining: boolean;
  /** First offset that is not durable; undefined until it is known. */
  next: bigint | undefined;
  /** First offset that was not fetched; what is below it is applied before the partition is let go. */
  fetched: bigint | undefined;
  /** Since it was assigned: records that were applied, and failures after which it started over. */
  records: number;
  restarts: number;
  /** Of the role, for all of its partitions. */
  readonly batches: Histogram;
}

/** One that was just assigned. */
export const makePartition = (partition: number, batches: Histogram): PartitionVitals => ({
  ...{ partition, state: "running", reason: undefined, store: undefined, paused: false, draining: false },
  ...{ next: undefined, fetched: undefined, records: 0, restarts: 0, batches },
});

/** Rows of the model that serves, and bytes of its vectors. */
export interface IndexSize {
  readonly model: string;
  readonly items: number;
  readonly bytes: number;
}

/** `started`: ISO 8601, in UTC. */
export interface RunningStudy {
  readonly id: string;
  readonly started: string;
  readonly step: Step | null;
}

/** For how long the process's one thread was held; seconds, of the last whole window of `EventLoop.ts`. */
export interface EventLoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface CacheSize {
  readonly entries: number;
  readonly bytes: number;
}

/** A consumer group that this process is a member of. */
export interface GroupVitals {
  readonly group: string;
  readonly role: string;
  /** What is owned. */
  readonly partitions: Map<number, PartitionVitals>;
}

export interface Trial {
  readonly role: string;
  readonly trial: Effect.Effect<void, { readonly message: string }>;
}

export interface RoleOutage extends Outage {
  readonly role: string;
}

export interface RetrainingVitals {
  /** When it is, in words. */
  readonly plan: string;
  /** Unix milliseconds, as `runningSince`. */
  next: number;
  runningSince: number | undefined;
  last: RetrainingEnd | undefined;
}

export interface VitalsService {
  readonly groups: Set<GroupVitals>;
  /** Failures that made a partition start over, by group; outages are not among them. */
  readonly restarts: Map<string, number>;
  /** Events by their outcome, by model. */
  readonly outcomes: Map<string, Map<string, number>>;
  /** `lastCommit` in Unix milliseconds. */
  readonly archive: { rows: number; commits: number; lastCommit: number | undefined };
  readonly producer: { events: number };
  /** Where this process follows the catalogue: how many items of it there are by state, at a time in Unix milliseconds. */
  readonly catalogue: { states: ((now: number) => Readonly<Record<string, number>>) | undefined };
  /** `now`: where this process learns again by itself. Runs by their outcome. */
  readonly retraining: { now: RetrainingVitals | undefined; readonly runs: Map<string, number> };
  /** What this process has started of batches, by themselves or because it was asked. */
  readonly batches: BatchRuns;
  /** By kind, what this process was asked to study and has under way. */
  readonly studies: Map<"tune" | "evaluate", () => RunningStudy | null>;
  /** Whether the API was told to stop: it finishes what is under way. */
  readonly stopping: { now: boolean };
  readonly measured: Measured;
  /** Undefined where it is not watched, and before the first window. */
  readonly eventLoop: { delay: EventLoopDelay | undefined };
  /** Where this process answers by a model. */
  readonly index: { size: (() => IndexSize) | undefined };
  /** By name, where this process has it. */
  readonly caches: Map<string, () => CacheSize>;
  readonly attributed: Attributed;
  /** What a role waits for; the API waits for nothing and refuses what needs the store. */
  readonly waiting: (role: string) => Waiting;
  /** What every role of this process waits for. */
  readonly outages: () => ReadonlyArray<RoleOutage>;
  /** By store: tells whether a role could write to it just now. Asked by the health page. */
  readonly writes: Map<string, Trial>;
}

export const makeVitals = (): VitalsService => {
  const waits = new Map<string, Waiting>();
  return {
    groups: new Set(),
    restarts: new Map(),
    outcomes: new Map(),
    archive: { rows: 0, commits: 0, lastCommit: undefined },
    producer: { events: 0 },
    catalogue: { states: undefined },
    retraining: { now: undefined, runs: new Map() },
    batches: { now: undefined, ended: [] },
    studies: new Map(),
    stopping: { now: false },
    measured: makeMeasured(),
    eventLoop: { delay: undefined },
    index: { size: undefined },
    caches: new Map(),
    attributed: makeAttributed(),
    waiting: (role) => {
      const known = waits.get(role) ?? makeWaiting(role, role === "api" ? "refuses what needs it" : "waits");
      waits.set(role, known);
      return known;
    },
    outages: () => [...waits].flatMap(([role, waiting]) => waiting.outages().map((outage) => ({ role, ...outage }))),
    writes: new Map(),
  };
};

export class Vitals extends Context.Reference<Vitals>()("slipstream/Vitals", { defaultValue: makeVitals }) {}

export const addTo = <K>(counts: Map<K, number>, key: K, amount: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + amount);
};

/** Groups: who follows the event log, partition by partition: as this process's fibers are, and by what other processes committed. */
import type { GroupVitals, PartitionVitals } from "../../vitals/Vitals.ts";
import type { LiveGroup, LivePartition } from "./LiveState.ts";

/** A consumer group that there is, here or elsewhere. */
export interface Followed {
  readonly group: string;
  readonly role: "updater" | "archiver";
  readonly model: string | undefined;
  readonly serves: boolean;
  /** Of this process; undefined where it is no member. */
  readonly own: GroupVitals | undefined;
  /** By partition; undefined where it is not known. */
  readonly committed: ReadonlyArray<bigint | undefined> | undefined;
  readonly restarts: number;
}

/** By group, the offsets that were next a while ago. */
export type Positions = ReadonlyMap<string, ReadonlyArray<bigint | undefined>>;

const stateOf = ({ draining, paused, state }: PartitionVitals): LivePartition["state"] => {
  if (draining) return "draining";
  return state === "running" && paused ? "paused" : state;
};

export const nextOf = ({ committed, own }: Followed, partition: number): bigint | undefined =>
  own?.partitions.get(partition)?.next ?? committed?.[partition];

const sum = (values: ReadonlyArray<number | null>): number | null =>
  values.length === 0 || values.some((value) => value === null)
    ? null
    : values.reduce<number>((total, value) => total + (value ?? 0), 0);

/** `ends`: the log's, undefined where it does not answer; `before`, `seconds` ago: where each was. */
export const groupOf = (
  followed: Followed,
  ends: ReadonlyArray<bigint | undefined>,
  before: Positions | undefined,
  seconds: number,
): LiveGroup => {
  const { group, model, own, restarts, role, serves } = followed;
  const partitions = ends.map((end, partition): LivePartition => {
    const vitals = own?.partitions.get(partition);
    const next = nextOf(followed, partition);
    const last = before?.get(group)?.[partition];
    return {
      partition,
      state: vitals === undefined ? "elsewhere" : stateOf(vitals),
      waits_for: vitals?.store ?? null,
      reason: vitals?.reason ?? null,
      next: next === undefined ? null : String(next),
      lag: next === undefined || end === undefined ? null : Math.max(0, Number(end - next)),
      // It may begin again from before.
      per_second: next === undefined || last === undefined ? null : Math.max(0, Number(next - last) / seconds),
      restarts: vitals?.restarts ?? 0,
    };
  });
  return {
    group,
    role,
    model: model ?? null,
    serves,
    lag: sum(partitions.map(({ lag }) => lag)),
    per_second: sum(partitions.map((one) => one.per_second)),
    restarts,
    partitions,
  };
};

/** LogExpiry: which files of a log have served, because a newer checkpoint holds what they tell. */
import { Duration, Option } from "effect";
import type { Metadata } from "./Actions.ts";
import { type Checkpoint, commitName, type LogListing } from "./LogNames.ts";

const defaultRetention = Duration.days(30);

/** How long a table keeps its log, by its properties; none: for ever. */
export const logRetention = ({ configuration }: Metadata): Option.Option<Duration.Duration> => {
  if (configuration?.["delta.enableExpiredLogCleanup"] === "false") return Option.none();
  const interval = configuration?.["delta.logRetentionDuration"];
  return interval === undefined || interval === null
    ? Option.some(defaultRetention)
    : Duration.decodeUnknown(interval.replace(/^interval\s+/i, ""));
};

export interface Expired {
  /** What the log begins with from now on. */
  readonly checkpoint: Checkpoint;
  /** Files of earlier versions, oldest first. */
  readonly names: ReadonlyArray<string>;
}

/**
 * What may go of a log whose commits were written at `times` (by version, milliseconds), so that every version from
 * `cutoff` on, and at least the newest, stays readable: all before the newest checkpoint that these versions allow.
 */
export const expiredLog = (
  { commits, checkpoints }: LogListing,
  times: ReadonlyMap<number, number>,
  cutoff: number,
): Option.Option<Expired> => {
  const kept = commits.find((version) => (times.get(version) ?? cutoff) >= cutoff) ?? commits.at(-1) ?? -1;
  const checkpoint = checkpoints.findLast(({ version }) => version <= kept);
  if (checkpoint === undefined) return Option.none();
  const before = [
    ...commits.map((version) => ({ version, names: [commitName(version)] })),
    ...checkpoints.map(({ version, parts }) => ({ version, names: parts })),
  ]
    .filter(({ version }) => version < checkpoint.version)
    .sort((a, b) => a.version - b.version);
  return before.length === 0 ? Option.none() : Option.some({ checkpoint, names: before.flatMap(({ names }) => names) });
};

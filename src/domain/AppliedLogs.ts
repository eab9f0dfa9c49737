/**
 * AppliedLogs: the logs whose events a model has applied, in the order in which it met them. A log's place among them is its
 * number; number and partition make the slot under which states keep offsets, so that those of two logs never meet.
 */
import { Either, Schema } from "effect";

const AppliedLog = Schema.Struct({
  /** Empty for the log of version 0.1, where it is not the one that came after it. */
  identity: Schema.String,
  partitions: Schema.Int,
});
export type AppliedLog = typeof AppliedLog.Type;

/** Partitions of one log: more than any has. */
const room = 65_536;

/** The slots of the first log are its partitions, which is how version 0.1 kept them. */
export const slotOf = (log: number, partition: number): number => log * room + partition;

export const numberOf = (logs: ReadonlyArray<AppliedLog>, identity: string): number | undefined => {
  const at = logs.findIndex((log) => log.identity === identity);
  return at < 0 ? undefined : at;
};

/** The slots of all logs. */
export const slotsOf = (logs: ReadonlyArray<AppliedLog>): ReadonlyArray<number> =>
  logs.flatMap(({ partitions }, log) => Array.from({ length: partitions }, (_, partition) => slotOf(log, partition)));

/** Whose the offsets are that version 0.1 wrote without the name of a log. */
export type Unnamed = "own" | "other";

/** `logs` with `log` among them; undefined stands for a model of version 0.1, whose offsets are of the first log, `unnamed`. */
export const withLog = (
  logs: ReadonlyArray<AppliedLog> | undefined,
  log: AppliedLog,
  unnamed: Unnamed,
): ReadonlyArray<AppliedLog> => {
  const known = logs ?? (unnamed === "own" ? [] : [{ identity: "", partitions: log.partitions }]);
  const at = numberOf(known, log.identity);
  if (at === undefined) return [...known, log];
  return known.map((one, i) => (i === at ? { ...one, partitions: Math.max(one.partitions, log.partitions) } : one));
};

const Logs = Schema.parseJson(Schema.Array(AppliedLog));

export const encodeLogs = (logs: ReadonlyArray<AppliedLog>): string => Schema.encodeSync(Logs)(logs);

/** Undefined for a text that `encodeLogs` does not write. */
export const decodeLogs = (text: string): ReadonlyArray<AppliedLog> | undefined =>
  Either.getOrUndefined(Schema.decodeUnknownEither(Logs)(text));

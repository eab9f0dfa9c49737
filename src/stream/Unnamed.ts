/**
 * Unnamed: offsets that version 0.1 wrote without saying of which log they are. They are this log's unless it shows that
 * they cannot be: it ends before one of them, or took the event before one of them after they were written.
 */
import { Effect } from "effect";
import { EventLog, type EventLogError } from "../ports/EventLog.ts";

/** By so many seconds may the clocks of the log and of the writer differ. */
const skew = 300;

export interface UnnamedOffsets {
  /** Per partition, the first offset that was not applied. */
  readonly offsets: ReadonlyMap<number, bigint>;
  /** Unix seconds: when they were written, at the latest. Undefined where nobody knows. */
  readonly writtenAt: number | undefined;
  /** The consumer group of the writer: where it has a position in this log, it has read this log. */
  readonly group?: string;
}

export const areOwn = ({
  group,
  offsets,
  writtenAt,
}: UnnamedOffsets): Effect.Effect<boolean, EventLogError, EventLog> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const ends = yield* log.endOffsets;
    const moved = [...offsets].filter(([, next]) => next > 0n);
    if (moved.some(([partition, next]) => next > (ends[partition] ?? 0n))) return false;
    if (group !== undefined) {
      const committed = yield* log.committed(group);
      if (moved.some(([partition]) => committed[partition] !== undefined)) return true;
    }
    if (writtenAt === undefined) return false;
    return yield* Effect.every(moved, ([partition, next]) =>
      Effect.map(log.read(partition, next - 1n, 1), ([last]) =>
        // What retention has deleted is old.
        last === undefined || last.offset >= next ? true : last.appendedAt <= writtenAt + skew,
      ),
    );
  });

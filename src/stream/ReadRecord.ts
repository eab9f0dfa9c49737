/**
 * ReadRecord: a record of the log as the event it holds, or the word that forgets a user. One rule, so that updaters and archiver
 * take the same events.
 */
import { Either } from "effect";
import type { Event } from "../domain/Event.ts";
import { decodeRecord, positionId } from "../domain/EventCodec.ts";
import { timeProblem } from "../domain/EventTime.ts";
import { type Forget, isForget } from "../domain/Forget.ts";
import type { DeadLetterReason } from "../ports/DeadLetters.ts";
import type { LogRecord } from "../ports/EventLog.ts";

/** Why a record is no event that counts, for the dead letters. */
export interface Refusal {
  /** Of the record, or of the first that is missing. */
  readonly offset: bigint;
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

/** `log` is the identity of the record's log. Undefined: there is no event, and none is missing. */
export const readRecord = (
  log: string,
  partition: number,
  { appendedAt, gap, offset, value }: LogRecord,
): Either.Either<Event | Forget, Refusal | undefined> => {
  if (gap !== undefined) {
    const { damage, first } = gap;
    return Either.left(damage === undefined ? undefined : { offset: first, reason: "corrupt_batch", detail: damage });
  }
  return Either.flatMap(
    Either.mapLeft(
      decodeRecord(value, positionId(log, partition, offset)),
      (detail): Refusal => ({ offset, reason: "undecodable", detail }),
    ),
    (event): Either.Either<Event | Forget, Refusal> => {
      // Whenever it says that it was asked for: its place in the log counts.
      if (isForget(event)) return Either.right(event);
      const problem = timeProblem(event.timestamp, appendedAt);
      return problem === undefined
        ? Either.right(event)
        : Either.left({
            offset,
            reason: "bad_time",
            detail:
              `timestamp ${event.timestamp} ${problem}, seen from its arrival at ${appendedAt}; unix seconds ` +
              "(not milliseconds) from 1971 up to a day after the event arrives are wanted",
          });
    },
  );
};

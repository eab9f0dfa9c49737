/** ReadRecord: a record of the log as the event it holds. One rule, so that updaters and archiver take the same events. */
import { Either } from "effect";
import type { Event } from "../domain/Event.ts";
import { decodeEvent, positionId } from "../domain/EventCodec.ts";
import { timeProblem } from "../domain/EventTime.ts";
import type { DeadLetterReason } from "../ports/DeadLetters.ts";
import type { LogRecord } from "../ports/EventLog.ts";

/** Why a record is no event that counts, for the dead letters. */
export interface Refusal {
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

const undecodable = (detail: string): Refusal => ({ reason: "undecodable", detail });

/** `log` is the identity of the record's log. */
export const readRecord = (log: string, partition: number, record: LogRecord): Either.Either<Event, Refusal> =>
  Either.flatMap(
    Either.mapLeft(decodeEvent(record.value, positionId(log, partition, record.offset)), undecodable),
    (event): Either.Either<Event, Refusal> => {
      const problem = timeProblem(event.timestamp, record.appendedAt);
      return problem === undefined
        ? Either.right(event)
        : Either.left({
            reason: "bad_time",
            detail:
              `timestamp ${event.timestamp} ${problem}, seen from its arrival at ${record.appendedAt}; unix seconds ` +
              "(not milliseconds) from 1971 up to a day after the event arrives are wanted",
          });
    },
  );

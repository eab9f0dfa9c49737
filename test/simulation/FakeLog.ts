/** An event log in memory that remembers each append. */
import { Clock, Effect, Either } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { decodeEvent } from "../../src/domain/EventCodec.ts";
import { EventLog, EventLogError, type EventLogService } from "../../src/ports/EventLog.ts";

export interface Appended {
  readonly key: string;
  readonly event: Event;
  /** Unix milliseconds. */
  readonly at: number;
}

const unused = Effect.die("not part of the fake");

/** `before` runs ahead of each append, with the number of appends so far. */
export const makeFakeLog = (before: (appends: number) => Effect.Effect<void, EventLogError> = () => Effect.void) => {
  const appended: Array<Appended> = [];
  let appends = 0;
  const log: EventLogService = {
    identity: Effect.succeed("fake"),
    partitions: Effect.succeed(1),
    append: (records) =>
      Effect.gen(function* () {
        yield* before(appends++);
        const at = yield* Clock.currentTimeMillis;
        const offset = appended.length;
        for (const { key, value } of records) {
          appended.push({ key, event: Either.getOrThrow(decodeEvent(value, "none")), at });
        }
        return records.map((_, i) => ({ partition: 0, offset: BigInt(offset + i) }));
      }),
    subscribe: () => unused,
    read: () => unused,
    startOffsets: unused,
    endOffsets: unused,
    committed: () => unused,
  };
  return { appended, service: EventLog.of(log) };
};

export const away = new EventLogError({ reason: "Unavailable", operation: "append", message: "no broker" });

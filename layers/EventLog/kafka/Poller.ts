/**
 * Poller: fetches ahead what the assignment wants, one request per leading broker at a time.
 *
 * Its dispatching fiber wakes when something is wanted, and ends with the scope, as do the requests on their way; a request
 * that outlives its assignment is answered to nobody.
 */
import { Duration, Effect, FiberMap, Schedule, type Scope } from "effect";
import { backOff } from "../../../src/ports/BackOff.ts";
import { EventLogError } from "../../../src/ports/EventLog.ts";
import type { Connection } from "../../engines/kafka/Connection.ts";
import { type KafkaFailure, toEventLogError } from "../../engines/kafka/KafkaFailure.ts";
import { type Fetched, fetchFrom, offsetsOf } from "../../engines/kafka/Reading.ts";
import { gapRecord } from "../../engines/kafka/records/RecordSet.ts";
import type { Notifier } from "../Notifier.ts";
import type { Assignment, Poll } from "./Assignment.ts";

export interface PollerOptions {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly fetchBytes: number;
  readonly fetchWait: Duration.Duration;
  readonly connection: Connection;
  readonly assignment: Assignment;
  /** Notified when something is wanted. */
  readonly wanting: Notifier;
  /** Notified when something has arrived. */
  readonly arrived: Notifier;
  /** This partition cannot be read on: a person must look. It is not polled while it is stuck. */
  readonly fail: (poll: Poll, error: EventLogError) => void;
  readonly isStuck: (epoch: number) => boolean;
}

export const runPoller = (options: PollerOptions): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { arrived, assignment, connection, fetchBytes, group, partitions, topic, wanting } = options;
    const limits = { bytes: fetchBytes, wait: Duration.toMillis(options.fetchWait) };
    const busy = yield* FiberMap.make<string>();
    /** Of all leaders together. */
    const pauses = yield* Schedule.driver(backOff("200 millis", "5 seconds"));
    const pause = Effect.ignore(pauses.next(undefined));

    const fillGap = (poll: Poll) =>
      Effect.gen(function* () {
        const { offset, partition } = poll;
        const [first, end] = yield* Effect.all([
          offsetsOf(connection, topic, partitions, "first"),
          offsetsOf(connection, topic, partitions, "end"),
        ]).pipe(Effect.map(([firsts, ends]) => [firsts[partition]!, ends[partition]!]));
        if (offset < first) {
          yield* Effect.logError(
            `Group ${group} lost events of partition ${partition}: offsets ${offset} to ${first - 1n} were deleted ` +
              "by the topic's retention before the group had read them; it goes on behind the gap",
          );
          assignment.accept(poll, [gapRecord(offset, first)], first);
          arrived.notify();
        } else if (offset > end) {
          options.fail(
            poll,
            new EventLogError({
              reason: "Corrupt",
              operation: "fetch",
              message:
                `Partition ${partition} of topic ${topic} ends at offset ${end}, before ${offset}, where group ${group} ` +
                "stands: acknowledged events are gone: restore the topic; or it was made anew meanwhile: start again to begin with it",
            }),
          );
        }
      });

    /** Takes what has come; answers which partitions have to be looked at one by one. */
    const accept = async (polls: ReadonlyArray<Poll>, answers: ReadonlyArray<Fetched>) => {
      const asked = new Map(polls.map((one) => [one.partition, one]));
      const outOfRange: Array<Poll> = [];
      let failed: KafkaFailure | undefined;
      for (const { failure, next, partition, records } of answers) {
        const poll = asked.get(partition)!;
        if (failure === undefined) assignment.accept(poll, records, next);
        else if (failure.kind === "outOfRange") outOfRange.push(poll);
        else if (failure.kind === "unreadable") options.fail(poll, toEventLogError(failure));
        else failed = failure;
      }
      arrived.notify();
      return failed === undefined ? outOfRange : await Promise.reject(failed);
    };

    const poll = (leader: string, polls: ReadonlyArray<Poll>) =>
      connection
        .request("fetch", async (cluster) => accept(polls, await fetchFrom(cluster, leader, topic, polls, limits)))
        .pipe(
          Effect.flatMap(Effect.forEach(fillGap)),
          Effect.tap(() => pauses.reset),
          Effect.catchAll((error) => {
            if (error.kind === "unreadable") for (const one of polls) options.fail(one, toEventLogError(error));
            return pause;
          }),
        );

    const dispatch = Effect.gen(function* () {
      const seen = wanting.count();
      const wanted = assignment.wanted().filter(({ epoch }) => !options.isStuck(epoch));
      if (wanted.length > 0) {
        const leaders = yield* connection.request("leaders", async (cluster) => {
          await cluster.refreshMetadataIfNecessary();
          return cluster.findLeaderForPartitions(
            topic,
            wanted.map(({ partition }) => partition),
          );
        });
        if (Object.values(leaders).flat().length < wanted.length) yield* pause;
        for (const [leader, led] of Object.entries(leaders)) {
          if (FiberMap.unsafeHas(busy, leader)) continue;
          const polls = wanted.filter(({ partition }) => led.includes(partition));
          yield* FiberMap.run(
            busy,
            leader,
            Effect.ensuring(
              poll(leader, polls),
              Effect.sync(() => queueMicrotask(wanting.notify)),
            ),
          );
        }
      }
      yield* wanting.wait(seen);
    }).pipe(Effect.catchAll(() => pause));

    yield* Effect.forkScoped(Effect.forever(dispatch));
  });

/**
 * Fetch: the request for records and its answer, with the records' bytes as the broker keeps them.
 *
 * Read committed: the broker answers up to the first offset of a transaction that is still open, and names the transactions
 * that were aborted. Version 10 (Kafka 2.1) is the first in which a broker hands out zstd; version 4 is that of Kafka 0.11.
 */
import * as Cursor from "./Cursor.ts";
import { KafkaFailure } from "./KafkaFailure.ts";
import type { GroupBroker } from "./Protocol.ts";
import { apis, array, int8, int32, int64, send, string, versionOf } from "./Requests.ts";
import type { Aborted } from "./records/RecordSet.ts";

export interface Wanted {
  readonly partition: number;
  readonly offset: bigint;
}

export interface FetchLimits {
  /** Per partition. A first batch that is larger comes whole all the same (KIP-74). */
  readonly bytes: number;
  /** Longest time, in milliseconds, that the broker holds the answer back while it has nothing. */
  readonly wait: number;
}

export interface FetchedBytes {
  readonly partition: number;
  /** 0: none. */
  readonly errorCode: number;
  /** Behind the last offset that all in-sync replicas have. */
  readonly end: bigint;
  readonly aborted: ReadonlyArray<Aborted>;
  readonly bytes: Buffer;
}

const consumer = -1;
const readCommitted = 1;
/** Of fetch sessions (KIP-227), which are not used. */
const noSession = Buffer.concat([int32(0), int32(-1)]);

export const encodeFetch = (
  version: number,
  topic: string,
  wanted: ReadonlyArray<Wanted>,
  { bytes, wait }: FetchLimits,
): Buffer => {
  const leaderEpoch = version >= 9 ? int32(-1) : Buffer.alloc(0);
  const logStart = version >= 5 ? int64(-1n) : Buffer.alloc(0);
  const partitions = wanted.map(({ offset, partition }) =>
    Buffer.concat([int32(partition), leaderEpoch, int64(offset), logStart, int32(bytes)]),
  );
  const minBytes = 1;
  return Buffer.concat([
    int32(consumer),
    int32(wait),
    int32(minBytes),
    int32(Math.min(2 ** 31 - 1, bytes * wanted.length)),
    int8(readCommitted),
    version >= 7 ? noSession : Buffer.alloc(0),
    array([Buffer.concat([string(topic), array(partitions)])]),
    version >= 7 ? array([]) : Buffer.alloc(0),
  ]);
};

const abortedIn = (cursor: Cursor.Cursor): Aborted => ({
  producerId: Cursor.int64(cursor),
  firstOffset: Cursor.int64(cursor),
});

const partitionIn =
  (version: number) =>
  (cursor: Cursor.Cursor): FetchedBytes => {
    const partition = Cursor.int32(cursor);
    const errorCode = Cursor.int16(cursor);
    const end = Cursor.int64(cursor);
    Cursor.int64(cursor); // the last stable offset
    if (version >= 5) Cursor.int64(cursor); // where the log begins
    const aborted = Cursor.array(cursor, abortedIn);
    const bytes = Cursor.view(cursor, Cursor.int32(cursor)) ?? Buffer.alloc(0);
    return { partition, errorCode, end, aborted, bytes };
  };

/** Undefined where the answer is none. */
export const decodeFetch = (version: number, answer: Buffer): ReadonlyArray<FetchedBytes> | undefined => {
  const cursor = Cursor.cursorOf(answer);
  Cursor.int32(cursor); // the throttle
  const error = version < 7 ? 0 : Cursor.int16(cursor);
  if (version >= 7) Cursor.int32(cursor); // the session
  const topics = Cursor.array(cursor, (at) => {
    Cursor.string(at);
    return Cursor.array(at, partitionIn(version));
  });
  return error !== 0 || cursor.beyond || cursor.at !== answer.length ? undefined : topics.flat();
};

export const fetchBytes = async (
  broker: GroupBroker,
  topic: string,
  wanted: ReadonlyArray<Wanted>,
  limits: FetchLimits,
): Promise<ReadonlyArray<FetchedBytes>> => {
  const version = versionOf(broker, apis.fetch);
  const answer =
    version === undefined
      ? undefined
      : decodeFetch(version, await send(broker, apis.fetch, version, encodeFetch(version, topic, wanted, limits)));
  return (
    answer ??
    Promise.reject(
      new KafkaFailure({
        kind: "unreadable",
        operation: "fetch",
        message:
          version === undefined
            ? "the broker has no version of Fetch in common with this client: Kafka 0.11 or later is wanted"
            : "the answer to a fetch cannot be read",
      }),
    )
  );
};

/** Reading: records of partitions from offsets on, from one broker; and where partitions begin and end. */
import { Duration, Effect } from "effect";
import type { LogRecord } from "../../src/ports/EventLog.ts";
import { type Connection, persistently } from "./Connection.ts";
import type { KafkaFailure } from "./Failure.ts";
import { brokerOf, type Cluster } from "./Protocol.ts";

interface RawRecord {
  readonly offset: string;
  /** Unix milliseconds. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly isControlRecord: boolean;
}

interface FetchAnswer {
  readonly responses: ReadonlyArray<{
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly messages: ReadonlyArray<RawRecord> }>;
  }>;
}

export interface HeadedRecord extends LogRecord {
  readonly headers: RawRecord["headers"];
}

export interface Fetched<out R = LogRecord> {
  readonly partition: number;
  readonly records: ReadonlyArray<R>;
  /** The offset to fetch next: beyond control records, too. */
  readonly next: bigint;
}

export interface Wanted {
  readonly partition: number;
  readonly offset: bigint;
}

const empty = Buffer.alloc(0);
const readUncommitted = 0;

/** All partitions must be led by `leader`. The broker answers at once when there is something, else after `wait`. */
export const fetchFrom = async (
  cluster: Cluster,
  leader: string,
  topic: string,
  wanted: ReadonlyArray<Wanted>,
  limits: { readonly bytes: number; readonly wait: number },
): Promise<ReadonlyArray<Fetched<HeadedRecord>>> => {
  const broker = await brokerOf(cluster, leader);
  const answer: FetchAnswer = await broker.fetch({
    isolationLevel: readUncommitted,
    maxWaitTime: limits.wait,
    minBytes: 1,
    maxBytes: limits.bytes * wanted.length,
    topics: [
      {
        topic,
        partitions: wanted.map(({ offset, partition }) => ({
          partition,
          fetchOffset: String(offset),
          maxBytes: limits.bytes,
        })),
      },
    ],
  });
  const offsets = new Map(wanted.map(({ offset, partition }) => [partition, offset]));
  return answer.responses
    .flatMap(({ partitions }) => partitions)
    .map(({ messages, partition }) => {
      const from = offsets.get(partition)!;
      let next = from;
      const records: Array<HeadedRecord> = [];
      // A broker answers with whole batches, which may begin before the offset.
      for (const { headers, isControlRecord, offset: text, timestamp, value } of messages) {
        const offset = BigInt(text);
        if (offset < from) continue;
        if (!isControlRecord)
          records.push({ offset, appendedAt: Number(timestamp) / 1000, value: value ?? empty, headers });
        next = offset + 1n;
      }
      return { partition, records, next };
    });
};

const numbers = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, partition) => partition);

/** Per partition, the first offset that is kept, or the one that the next record will get. */
export const offsetsOf = (
  connection: Connection,
  topic: string,
  partitions: number,
  which: "first" | "end",
): Effect.Effect<ReadonlyArray<bigint>, KafkaFailure> =>
  connection
    .request("offsets", async (cluster) => {
      const answer = await cluster.fetchTopicsOffset([
        {
          topic,
          fromBeginning: which === "first",
          partitions: numbers(partitions).map((partition) => ({ partition })),
        },
      ]);
      const found = new Map(answer[0]?.partitions.map(({ offset, partition }) => [partition, BigInt(offset)]));
      return numbers(partitions).map((partition) => found.get(partition) ?? 0n);
    })
    .pipe(persistently);

const averageRecord = 512;

/** The records at and after `from`, or after the first that is kept: at most `max`, fewer at the end only. */
export const readRecords = (
  connection: Connection,
  topic: string,
  from: { readonly partition: number; readonly offset: bigint },
  max: number,
  fetchBytes: number,
): Effect.Effect<ReadonlyArray<HeadedRecord>, KafkaFailure> =>
  Effect.gen(function* () {
    const { partition } = from;
    const records: Array<HeadedRecord> = [];
    let offset = from.offset;
    while (records.length < max) {
      const bytes = Math.min(fetchBytes, Math.max(16 * 1024, (max - records.length) * averageRecord));
      const fetched = yield* connection
        .request(
          "read",
          async (cluster) => {
            const leader = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0]!;
            return await fetchFrom(cluster, leader, topic, [{ partition, offset }], { bytes, wait: 0 });
          },
          Duration.seconds(10),
        )
        .pipe(
          persistently,
          Effect.map((answer) => answer[0]),
          Effect.catchIf(
            (error) => error.kind === "outOfRange",
            () => Effect.succeed(undefined),
          ),
        );
      if (fetched === undefined) {
        const first = (yield* offsetsOf(connection, topic, partition + 1, "first"))[partition]!;
        if (first <= offset) break;
        offset = first;
        continue;
      }
      if (fetched.next === offset) break;
      records.push(...fetched.records);
      offset = fetched.next;
    }
    return records.length > max ? records.slice(0, max) : records;
  });

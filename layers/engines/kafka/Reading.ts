/** Reading: records of partitions from offsets on, from one broker; and where partitions begin and end. */
import { Duration, Effect } from "effect";
import { type Connection, persistently } from "./Connection.ts";
import { type FetchedBytes, type FetchLimits, fetchBytes, type Wanted } from "./Fetch.ts";
import { failureOf, KafkaFailure } from "./KafkaFailure.ts";
import { brokerOf, type Cluster } from "./Protocol.ts";
import { largestUncompressed } from "./records/Codec.ts";
import { type HeadedRecord, readRecordSet } from "./records/RecordSet.ts";

export interface Fetched {
  readonly partition: number;
  readonly records: ReadonlyArray<HeadedRecord>;
  /** The offset to fetch next. */
  readonly next: bigint;
  /** Why there is nothing. */
  readonly failure?: KafkaFailure;
}

/** All partitions must be led by `leader`. The broker answers at once when there is something, else after `wait`. */
export const fetchFrom = async (
  cluster: Cluster,
  leader: string,
  topic: string,
  wanted: ReadonlyArray<Wanted>,
  limits: FetchLimits,
): Promise<ReadonlyArray<Fetched>> => {
  const broker = await brokerOf(cluster, leader);
  const offsets = new Map(wanted.map(({ offset, partition }) => [partition, offset]));
  const room = { bytes: largestUncompressed };

  const read = async (fetched: FetchedBytes, again: boolean): Promise<Fetched> => {
    const { aborted, bytes, end, errorCode, partition } = fetched;
    const from = offsets.get(partition)!;
    const about = `partition ${partition} of topic ${topic} from offset ${from} on`;
    const nothing = { partition, records: [], next: from };
    if (errorCode !== 0) return { ...nothing, failure: failureOf("fetch", errorCode, about) };
    const { next, records, trouble } = readRecordSet(bytes, { partition, from, end, aborted, again, room });
    if (trouble === undefined) return { partition, records, next };
    if (trouble._tag === "Damaged") {
      // Again, and alone: so that no fault on the way is taken for one of the log, and a batch larger than asked for comes whole.
      const [alone] = await fetchBytes(broker, topic, [{ partition, offset: from }], limits);
      return alone === undefined ? nothing : await read(alone, true);
    }
    const message = `${about} cannot be read: the batch there ${trouble.reason}; the partition waits`;
    return { ...nothing, failure: new KafkaFailure({ kind: "unreadable", operation: "fetch", message }) };
  };

  const all: Array<Fetched> = [];
  for (const one of await fetchBytes(broker, topic, wanted, limits)) all.push(await read(one, false));
  return all;
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

/** The records at and after `from`, or after the first that is kept, without gaps: at most `max`, fewer at the end only. */
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
            const [answer] = await fetchFrom(cluster, leader, topic, [{ partition, offset }], { bytes, wait: 0 });
            return answer?.failure === undefined ? answer : await Promise.reject(answer.failure);
          },
          Duration.seconds(10),
        )
        .pipe(
          persistently,
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
      records.push(...fetched.records.filter(({ gap }) => gap === undefined));
      offset = fetched.next;
    }
    return records.length > max ? records.slice(0, max) : records;
  });

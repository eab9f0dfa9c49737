/** Coordinator: a consumer group's requests, to whichever broker leads the group. */
import { Duration, Effect } from "effect";
import { type Connection, persistently } from "../../engines/kafka/Connection.ts";
import type { KafkaFailure } from "../../engines/kafka/KafkaFailure.ts";
import {
  assignedPartitions,
  assignRoundRobin,
  brokerOf,
  type GroupBroker,
  groupProtocols,
  type JoinAnswer,
} from "../../engines/kafka/Protocol.ts";

/** A member of one generation of the group. */
export interface Member {
  readonly id: string;
  readonly generation: number;
  readonly partitions: ReadonlyArray<number>;
}

export interface Coordinator {
  /**
   * Joins as `memberId`, or as a new member where it is empty, and waits for the assignment. `given` hears the member's id
   * before that wait: where it fails, the group knows the member and would wait for it if another joined in its place.
   */
  readonly join: (memberId: string, given: (memberId: string) => void) => Effect.Effect<Member, KafkaFailure>;
  readonly heartbeat: (member: Member) => Effect.Effect<void, KafkaFailure>;
  readonly commit: (member: Member, positions: ReadonlyMap<number, bigint>) => Effect.Effect<void, KafkaFailure>;
  readonly committed: Effect.Effect<ReadonlyArray<bigint | undefined>, KafkaFailure>;
  readonly leave: (memberId: string) => Effect.Effect<void, KafkaFailure>;
}

export interface CoordinatorOptions {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly sessionTimeout: Duration.Duration;
  readonly rebalanceTimeout: Duration.Duration;
}

export const makeCoordinator = (connection: Connection, options: CoordinatorOptions): Coordinator => {
  const { group: groupId, partitions, topic } = options;
  const rebalanceTimeout = Duration.toMillis(options.rebalanceTimeout);
  let leader: string | undefined;

  const request = <A>(
    operation: string,
    send: (broker: GroupBroker) => Promise<A>,
    patience?: Duration.Duration,
  ): Effect.Effect<A, KafkaFailure> =>
    connection
      .request(
        operation,
        async (cluster) => {
          leader ??= String(
            ((await cluster.findGroupCoordinator({ groupId })) as GroupBroker & { nodeId: number }).nodeId,
          );
          return await send(await brokerOf(cluster, leader));
        },
        patience,
      )
      .pipe(
        Effect.tapError(({ kind }) =>
          Effect.sync(() => {
            if (kind === "coordinator" || kind === "connection" || kind === "stale") leader = undefined;
          }),
        ),
      );

  const joinGroup = (memberId: string) =>
    request(
      "join",
      (broker) =>
        broker.joinGroup({
          groupId,
          memberId,
          sessionTimeout: Duration.toMillis(options.sessionTimeout),
          rebalanceTimeout,
          groupProtocols: groupProtocols(topic),
        }),
      Duration.sum(options.rebalanceTimeout, Duration.seconds(5)),
    );

  const syncGroup = ({ generationId, leaderId, memberId, members }: JoinAnswer) =>
    request(
      "sync",
      (broker) =>
        broker.syncGroup({
          groupId,
          generationId,
          memberId,
          groupAssignment: leaderId === memberId ? assignRoundRobin(topic, partitions, members) : [],
        }),
      options.rebalanceTimeout,
    );

  return {
    join: (memberId, given) =>
      joinGroup(memberId).pipe(
        Effect.tap((joined) => Effect.sync(() => given(joined.memberId))),
        Effect.flatMap((joined) =>
          syncGroup(joined).pipe(
            Effect.map(({ memberAssignment }) => ({
              id: joined.memberId,
              generation: joined.generationId,
              partitions: assignedPartitions(topic, memberAssignment),
            })),
          ),
        ),
      ),
    heartbeat: ({ generation, id }) =>
      Effect.asVoid(
        request("heartbeat", (broker) => broker.heartbeat({ groupId, groupGenerationId: generation, memberId: id })),
      ),
    commit: ({ generation, id }, positions) =>
      Effect.asVoid(
        request("commit", (broker) =>
          broker.offsetCommit({
            groupId,
            groupGenerationId: generation,
            memberId: id,
            topics: [
              {
                topic,
                partitions: Array.from(positions, ([partition, next]) => ({ partition, offset: String(next) })),
              },
            ],
          }),
        ),
      ),
    committed: request("committed", (broker) =>
      broker.offsetFetch({
        groupId,
        topics: [
          { topic, partitions: Array.from({ length: partitions }, (_, partition) => ({ partition, offset: "-1" })) },
        ],
      }),
    ).pipe(
      persistently,
      Effect.map(({ responses }) => {
        const found = new Map(responses[0]?.partitions.map(({ offset, partition }) => [partition, BigInt(offset)]));
        return Array.from({ length: partitions }, (_, partition) => {
          const offset = found.get(partition) ?? -1n;
          return offset < 0n ? undefined : offset;
        });
      }),
    ),
    leave: (memberId) => Effect.asVoid(request("leave", (broker) => broker.leaveGroup({ groupId, memberId }))),
  };
};

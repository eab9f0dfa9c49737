/**
 * Protocol: what we use of kafkajs, a client that is no longer maintained: its connections and the encoding of requests.
 *
 * Its own consumer and producer are not used. The consumer rejoins a group before its owner can drain, beats only between
 * fetches, and on an offset out of range commits a reset; the producer, when one of two brokers fails for good, hands back
 * sequence numbers that the broker may have seen, so that the next batch can be dropped as a duplicate. `Cluster` and
 * `Broker` are handed out by the public hook for partition assigners; of `Broker` the group requests lack public types.
 */
import { AssignerProtocol, type Broker, type Cluster, type IHeaders, Kafka, type KafkaConfig } from "kafkajs";

export type { Cluster, IHeaders };

export interface JoinAnswer {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: ReadonlyArray<{ readonly memberId: string }>;
}

export interface GroupBroker extends Broker {
  readonly joinGroup: (request: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: ReadonlyArray<{ name: string; metadata: Buffer }>;
  }) => Promise<JoinAnswer>;
  readonly syncGroup: (request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: ReadonlyArray<{ memberId: string; memberAssignment: Buffer }>;
  }) => Promise<{ readonly memberAssignment: Buffer }>;
  readonly heartbeat: (request: { groupId: string; groupGenerationId: number; memberId: string }) => Promise<unknown>;
  readonly leaveGroup: (request: { groupId: string; memberId: string }) => Promise<unknown>;
  readonly initProducerId: (request: {
    transactionTimeout: number;
  }) => Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
  readonly describeConfigs: (request: {
    resources: ReadonlyArray<{ type: number; name: string; configNames: ReadonlyArray<string> }>;
  }) => Promise<{
    readonly resources: ReadonlyArray<{ readonly configEntries: ReadonlyArray<{ readonly configValue: string }> }>;
  }>;
}

export const brokerOf = (cluster: Cluster, nodeId: number | string): Promise<GroupBroker> =>
  cluster.findBroker({ nodeId: String(nodeId) }) as Promise<GroupBroker>;

/** The name that the cluster's brokers gave it when they first came together. */
export const clusterIdOf = async (cluster: Cluster): Promise<string> => {
  const { metadata } = cluster as unknown as {
    readonly metadata: (request: { topics: ReadonlyArray<string> }) => Promise<{ readonly clusterId: string }>;
  };
  return (await metadata.call(cluster, { topics: [] })).clusterId;
};

/** Connections of their own, none open yet. */
export const makeCluster = (config: KafkaConfig): Cluster => {
  let made: Cluster | undefined;
  new Kafka(config).consumer({
    groupId: "unused",
    // Of the ends of partitions alone: an open transaction counts, since it will end.
    readUncommitted: true,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    partitionAssigners: [
      ({ cluster }) => {
        made = cluster;
        return {
          name: "unused",
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: "unused", metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  const cluster = made as unknown as Cluster;
  quiet(cluster);
  return cluster;
};

interface RequestQueue {
  readonly pending: ReadonlyArray<unknown>;
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly checkPendingRequests: () => void;
  scheduleCheckPendingRequests: () => void;
}

interface WithConnectionPools {
  readonly connectionPoolBuilder: {
    readonly build: (
      address: object,
    ) => Promise<{ readonly pool: ReadonlyArray<{ readonly requestQueue: RequestQueue }> }>;
  };
}

/** kafkajs #1751: an idle connection sets a timer with a negative time again and again, 1,000 wake-ups per second. */
const quiet = (cluster: Cluster): void => {
  const { connectionPoolBuilder } = cluster as unknown as WithConnectionPools;
  const build = connectionPoolBuilder.build;
  Object.assign(connectionPoolBuilder, {
    build: async (address: object) => {
      const connections = await build(address);
      for (const { requestQueue } of connections.pool) {
        requestQueue.scheduleCheckPendingRequests = () => {
          if (requestQueue.throttleCheckTimeoutId !== null || requestQueue.pending.length === 0) return;
          const wait = Math.max(10, requestQueue.throttledUntil - Date.now());
          requestQueue.throttleCheckTimeoutId = setTimeout(() => {
            requestQueue.throttleCheckTimeoutId = null;
            requestQueue.checkPendingRequests();
          }, wait);
        };
      }
      return connections;
    },
  });
};

/** Kafka's own name for the strategy, so that its tools show it. */
const strategy = "roundrobin";

export const groupProtocols = (topic: string) => [
  {
    name: strategy,
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics: [topic], userData: Buffer.alloc(0) }),
  },
];

/** Partition p to the member of rank p modulo the number of members. */
export const assignRoundRobin = (
  topic: string,
  partitions: number,
  members: ReadonlyArray<{ readonly memberId: string }>,
) => {
  const ids = members.map(({ memberId }) => memberId).sort();
  return ids.map((memberId, rank) => ({
    memberId,
    memberAssignment: AssignerProtocol.MemberAssignment.encode({
      version: 0,
      assignment: {
        [topic]: Array.from({ length: partitions }, (_, p) => p).filter((p) => p % ids.length === rank),
      },
      userData: Buffer.alloc(0),
    }),
  }));
};

export const assignedPartitions = (topic: string, memberAssignment: Buffer): ReadonlyArray<number> =>
  AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];

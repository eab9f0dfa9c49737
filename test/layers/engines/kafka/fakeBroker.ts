/** A broker that answers our own requests from a script. */
import type { Cluster } from "../../../../layers/engines/kafka/Protocol.ts";
import { array, int16, int32, int64, string } from "../../../../layers/engines/kafka/Requests.ts";

export interface Asked {
  readonly key: number;
  readonly version: number;
  readonly body: Buffer;
}

interface Sent {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly encode: () => Promise<{ readonly buffer: Buffer }>;
  };
  readonly response: {
    readonly decode: (answer: Buffer) => Promise<unknown>;
    readonly parse: (decoded: unknown) => Promise<unknown>;
  };
}

/** A cluster of one broker, which knows each api up to the version told for its key. */
export const fakeCluster = (
  newest: Readonly<Record<number, number>>,
  answer: (asked: Asked) => Buffer,
  more: object = {},
): Cluster => {
  const send = async ({ request, response }: Sent) => {
    const body = (await request.encode()).buffer;
    return response.parse(await response.decode(answer({ key: request.apiKey, version: request.apiVersion, body })));
  };
  const versions = Object.fromEntries(
    Object.entries(newest).map(([key, maxVersion]) => [key, { minVersion: 0, maxVersion }]),
  );
  const broker = { versions, connectionPool: { send }, ...more };
  return { findBroker: async () => broker, getNodeIds: () => [1], ...more } as unknown as Cluster;
};

export interface AnsweredPartition {
  readonly partition: number;
  readonly errorCode?: number;
  readonly end?: bigint;
  readonly aborted?: ReadonlyArray<readonly [producerId: bigint, firstOffset: bigint]>;
  readonly bytes?: Buffer;
}

/** The answer to a Fetch. */
export const fetchAnswer = (version: number, partitions: ReadonlyArray<AnsweredPartition>): Buffer =>
  Buffer.concat([
    int32(0),
    version >= 7 ? Buffer.concat([int16(0), int32(0)]) : Buffer.alloc(0),
    array([
      Buffer.concat([
        string("t"),
        array(
          partitions.map(({ aborted = [], bytes = Buffer.alloc(0), end = 1000n, errorCode = 0, partition }) =>
            Buffer.concat([
              int32(partition),
              int16(errorCode),
              int64(end),
              int64(end),
              version >= 5 ? int64(0n) : Buffer.alloc(0),
              array(aborted.map(([producerId, firstOffset]) => Buffer.concat([int64(producerId), int64(firstOffset)]))),
              int32(bytes.length),
              bytes,
            ]),
          ),
        ),
      ]),
    ]),
  ]);

/**
 * Requests: requests of our own, where kafkajs has none or would decode the answer itself, over its connections.
 *
 * kafkajs puts request header 1 before the body (the flexible header 2 differs by an empty list of tagged fields behind it)
 * and takes the answer's header 0 away (header 1 differs likewise).
 */
import type { GroupBroker } from "./Protocol.ts";

/** Numbers of Kafka's protocol; each is asked for in one of `versions`, the later ones preferred. */
export const apis = {
  fetch: { key: 1, name: "Fetch", versions: [4, 10] },
  metadata: { key: 3, name: "Metadata", versions: [10] },
  incrementalAlterConfigs: { key: 44, name: "IncrementalAlterConfigs", versions: [0] },
} as const;

export type Api = (typeof apis)[keyof typeof apis];

/** What of kafkajs' broker has no public type. */
interface RawBroker {
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;
  readonly connectionPool: { readonly send: (protocol: object) => Promise<Buffer> };
}

const rawOf = (broker: GroupBroker): RawBroker => broker as unknown as RawBroker;

/** The version to ask the broker by; undefined where it has none in common with us. */
export const versionOf = (broker: GroupBroker, { key, versions }: Api): number | undefined => {
  const has = rawOf(broker).versions[key];
  return has === undefined
    ? undefined
    : [...versions].reverse().find((version) => version >= has.minVersion && version <= has.maxVersion);
};

/** Milliseconds for which a broker's quota wants this client to be silent (KIP-219): what a Fetch's answer begins with. */
const throttleOf = (key: number, answer: Buffer): number =>
  key === apis.fetch.key && answer.length >= 4 ? answer.readInt32BE(0) : 0;

/** The answer's bytes behind its header 0. */
export const send = (broker: GroupBroker, { key, name }: Api, version: number, body: Buffer): Promise<Buffer> =>
  rawOf(broker).connectionPool.send({
    request: { apiKey: key, apiName: name, apiVersion: version, encode: async () => ({ buf: body, buffer: body }) },
    response: {
      decode: async (answer: Buffer) => ({ answer, clientSideThrottleTime: throttleOf(key, answer) }),
      parse: async ({ answer }: { readonly answer: Buffer }) => answer,
    },
    logResponseError: false,
  });

export const int8 = (value: number): Buffer => Buffer.from([value & 255]);

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

export const string = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
};

export const array = (items: ReadonlyArray<Buffer>): Buffer => Buffer.concat([int32(items.length), ...items]);

/** The bytes behind their length, whose count begins at 1. */
export const compact = (bytes: Buffer): Buffer => {
  const length = bytes.length + 1;
  return Buffer.concat([Buffer.from(length < 128 ? [length] : [(length & 127) | 128, length >>> 7]), bytes]);
};

/** None. */
export const taggedFields = Buffer.from([0]);

/** Scan: finds and removes keys by their beginning, a slice at a time, on every node. */
import { Effect } from "effect";
import { Cluster } from "ioredis";
import type { Connection, RedisError } from "./Client.ts";

const sliceKeys = 1000;
const special = /[*?[\]\\]/g;

type Use = <A>(run: (connection: Connection) => Promise<A>) => Effect.Effect<A, RedisError>;

/** Unlinks every key that begins with `prefix`; other keys and clients are not held up. */
export const removeByPrefix = (connection: Connection, use: Use, prefix: string): Effect.Effect<void, RedisError> => {
  const pattern = `${prefix.replaceAll(special, "\\$&")}*`;
  return Effect.forEach(
    connection instanceof Cluster ? connection.nodes("master") : [connection],
    (node) =>
      Effect.iterate("", {
        while: (cursor) => cursor !== "0",
        body: (cursor) =>
          use(async () => {
            const [next, keys] = await node.scan(cursor || "0", "MATCH", pattern, "COUNT", sliceKeys);
            // One key a command: keys of a cluster node may be of different slots.
            await Promise.all(keys.map((key) => connection.unlink(key)));
            return next;
          }),
      }),
    { discard: true },
  );
};

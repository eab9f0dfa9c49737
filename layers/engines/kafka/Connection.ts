/**
 * Connection: requests to the cluster as effects.
 *
 * Each connection owns its sockets. After a failure that leaves them in doubt all of them are destroyed, which ends every
 * request that waits on them, and the next request opens new ones: no state of a broken connection survives it.
 */
import net from "node:net";
import tls from "node:tls";
import { Duration, Effect, Schedule, type Scope } from "effect";
import type { KafkaConfig } from "kafkajs";
import type { Concealed } from "../../../src/config/Secrets.ts";
import { backOff } from "../../../src/ports/BackOff.ts";
import { type Absence, makeAbsence } from "../Absence.ts";
import { failure, KafkaFailure } from "./KafkaFailure.ts";
import { type Cluster, makeCluster } from "./Protocol.ts";

export interface Connection {
  /** Sends when connected and the topics' metadata are there; fails with kind `connection` after `patience`. */
  readonly request: <A>(
    operation: string,
    send: (cluster: Cluster) => Promise<A>,
    patience?: Duration.Duration,
  ) => Effect.Effect<A, KafkaFailure>;
}

/** A connection of which nothing is asked while its brokers are known to be away: a request fails with kind `away` within a second. */
export interface Guarded extends Connection, Pick<Absence<KafkaFailure>, "unlessLongAway"> {}

export const guarded = (connection: Connection): Effect.Effect<Guarded, never, Scope.Scope> =>
  Effect.map(
    makeAbsence<KafkaFailure>({
      saysAway: ({ kind }) => kind === "connection",
      probe: connection.request("probe", (cluster) => cluster.refreshMetadata()),
      told: ({ cause, message, operation }, seconds) =>
        new KafkaFailure({ kind: "away", operation, message: `${message}; it has been away for ${seconds} s`, cause }),
    }),
    ({ unlessAway, unlessLongAway }) => ({
      request: (operation, send, patience) => unlessAway(connection.request(operation, send, patience)),
      unlessLongAway,
    }),
  );

/** What became of one request. */
export interface Asked {
  readonly reached: Effect.Effect<void>;
  readonly unreachable: (reason: string) => Effect.Effect<void>;
}

/**
 * Told of each request's end; speaks at changes only. A request whose time is up says nothing of the brokers when another
 * one, made later perhaps, was answered meanwhile.
 */
export interface Reachability {
  readonly ask: () => Asked;
}

export const makeReachability = (brokers: string): Reachability => {
  let reachable = true;
  let answers = 0;
  const reached = Effect.suspend(() => {
    answers += 1;
    if (reachable) return Effect.void;
    reachable = true;
    return Effect.logInfo(`Kafka at ${brokers} answers again`);
  });
  return {
    ask: () => {
      const before = answers;
      return {
        reached,
        unreachable: (reason) =>
          Effect.suspend(() => {
            if (!reachable || answers > before) return Effect.void;
            reachable = false;
            return Effect.logWarning(`Kafka at ${brokers} does not answer, waiting for it: ${reason}`);
          }),
      };
    },
  };
};

const passing = new Set<string>(["stale", "coordinator", "connection"]);

/** For questions, which may be asked again: sits out a leader's change, a coordinator's load and a broken connection. */
export const persistently = <A>(question: Effect.Effect<A, KafkaFailure>): Effect.Effect<A, KafkaFailure> =>
  Effect.retry(question, {
    while: ({ kind }) => passing.has(kind),
    schedule: Schedule.intersect(backOff("100 millis", "1 second"), Schedule.recurs(4)),
  });

interface Open {
  readonly cluster: Cluster;
  readonly ready: Promise<void>;
  readonly sockets: Set<net.Socket>;
  stale: boolean;
}

export interface ConnectionOptions {
  readonly config: KafkaConfig;
  readonly requestTimeout: Duration.Duration;
  readonly topics: ReadonlyArray<string>;
  readonly reachability: Reachability;
  /** Of the user: in no failure. */
  readonly secrets: Concealed;
}

/** Opens nothing before the first request; closes everything with the scope, without waiting for answers. */
export const makeConnection = (options: ConnectionOptions): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { config, reachability, requestTimeout, secrets, topics } = options;
    let current: Open | undefined;

    const open = (): Open => {
      const sockets = new Set<net.Socket>();
      const cluster = makeCluster({
        ...config,
        requestTimeout: Duration.toMillis(requestTimeout),
        retry: { retries: 0 },
        socketFactory: ({ host, onConnect, port, ssl }) => {
          const socket =
            ssl === undefined || ssl === null
              ? net.connect({ host, port }, onConnect)
              : tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
          socket.setKeepAlive(true, 60_000).setNoDelay(true);
          sockets.add(socket);
          socket.once("close", () => sockets.delete(socket));
          return socket;
        },
      });
      const ready = cluster.connect().then(() => cluster.addMultipleTargetTopics([...topics]));
      ready.catch(() => undefined);
      return { cluster, sockets, ready, stale: false };
    };

    const discard = (broken: Open): void => {
      if (current === broken) current = undefined;
      const reason = new Error("the connection was given up");
      for (const socket of broken.sockets) socket.destroy(reason);
    };

    const request: Connection["request"] = (
      operation,
      send,
      patience = Duration.sum(requestTimeout, Duration.seconds(1)),
    ) =>
      Effect.suspend(() => {
        current ??= open();
        const used = current;
        const asked = reachability.ask();
        return Effect.tryPromise({
          try: async () => {
            await used.ready;
            if (used.stale) {
              await used.cluster.refreshMetadata();
              used.stale = false;
            }
            return await send(used.cluster);
          },
          catch: failure(operation, secrets),
        }).pipe(
          Effect.timeoutFail({
            duration: patience,
            onTimeout: () =>
              new KafkaFailure({
                kind: "connection",
                operation,
                message: `no answer within ${Duration.format(patience)}`,
              }),
          }),
          Effect.tapError((error) => {
            if (error.kind === "stale" || error.kind === "coordinator") used.stale = true;
            if (error.kind !== "connection" && error.kind !== "refused") return Effect.void;
            discard(used);
            return asked.unreachable(error.message);
          }),
          Effect.zipLeft(asked.reached),
        );
      });

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (current !== undefined) discard(current);
      }),
    );
    return { request };
  });

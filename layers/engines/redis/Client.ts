/**
 * Client: one connection (or one per node of a cluster) to Redis or Valkey, shared by the adapters.
 *
 * Commands issued in one turn of the event loop travel together (auto-pipelining), on a cluster per node. A command that
 * cannot be sent, or is not answered, fails after a few seconds; from then on none is sent until Redis answers a PING, and what is asked
 * meanwhile fails within a second. The connection itself is tried again for as long as the process lives.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Context, Effect, Either, Layer, Redacted, Schema } from "effect";
import { Cluster, Redis as Standalone } from "ioredis";
import { bracketed } from "../../../src/config/Address.ts";
import { conceal } from "../../../src/config/Secrets.ts";
import { pauseMillis } from "../../../src/ports/BackOff.ts";
import { FormatError, formats, judge, stampOf } from "../../Format.ts";
import { makeAbsence } from "../Absence.ts";
import { parseRedisUrl, type RedisAddress } from "./Address.ts";
import { redis } from "./Settings.ts";

export type Connection = Standalone | Cluster;

export class Redis extends Context.Tag("slipstream/Redis")<
  Redis,
  {
    readonly connection: Connection;
    /** Begins every key. */
    readonly prefix: string;
    /** Runs commands; a failure names Redis and the reason, and holds neither user nor password. */
    readonly use: <A>(run: (connection: Connection) => Promise<A>) => Effect.Effect<A, RedisError>;
  }
>() {}

/** Away: there was no answer; what was sent may have been done. Refused: that is its answer. */
export class RedisError extends Schema.TaggedError<RedisError>()("RedisError", {
  reason: Schema.Literal("Away", "Refused"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

const reconnectAfter = (attempt: number): number => pauseMillis(attempt, "100 millis", "2 seconds", Math.random());

const commandMillis = 5000;
/** Longest look at the format before a start goes on without it. */
const checkMillis = 1000;
/** A batch of commands, tried again included. */
const answerMillis = 15_000;

const connect = (address: RedisAddress, password: string, cluster: boolean): Connection => {
  const { database, host, port, tls, username } = address;
  const common = {
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    connectTimeout: commandMillis,
    commandTimeout: commandMillis,
    maxRetriesPerRequest: 2,
    // It is asked whether Redis is back, and waits for nothing that was asked before.
    autoPipeliningIgnoredCommands: ["ping"],
  };
  return cluster
    ? new Cluster([{ host, port }], {
        enableAutoPipelining: true,
        clusterRetryStrategy: reconnectAfter,
        redisOptions: common,
      })
    : new Standalone({
        ...common,
        host,
        port,
        db: database,
        enableAutoPipelining: true,
        retryStrategy: reconnectAfter,
      });
};

/** Of a cluster, whichever node answers first: others may be away. */
const ping = (connection: Connection): Promise<unknown> =>
  connection instanceof Cluster
    ? Promise.any(connection.nodes("master").map((node) => node.ping()))
    : connection.ping();

const make = Effect.gen(function* () {
  const url = Redacted.value(yield* redis.url.config);
  const cluster = yield* redis.cluster.config;
  const prefix = yield* redis.prefix.config;
  const address = yield* Effect.mapError(
    parseRedisUrl(url),
    () => new RedisError({ reason: "Refused", message: "REDIS_URL is not set" }),
  );
  const password = Redacted.value(address.password) || Redacted.value(yield* redis.password.config);
  // The name of Redis's own user is no secret, and a word.
  const { cause: withoutSecrets, text } = conceal([password, address.username === "default" ? "" : address.username]);
  const runtime = yield* Effect.runtime<never>();
  const log = (line: Effect.Effect<void>) => void Effect.runFork(Effect.provide(line, runtime));
  const where = `${bracketed(address.host)}:${address.port}`;
  const connection = yield* Effect.acquireRelease(
    Effect.sync(() => connect(address, password, cluster)),
    (connection) => Effect.sync(() => connection.disconnect()),
  );
  // Told once per change of state, not per attempt.
  let up: boolean | undefined;
  connection.on("ready", () => {
    if (up === false) log(Effect.logInfo(`Redis at ${where} answers again`));
    up = true;
  });
  connection.on("error", (error: Error) => {
    if (up !== false) log(Effect.logWarning(`Redis at ${where} does not answer: ${text(error.message)}; trying again`));
    up = false;
  });
  /** A cluster that was never reached lets commands wait without an end. */
  const unanswered = {
    duration: answerMillis,
    onTimeout: () =>
      new RedisError({ reason: "Away", message: `Redis at ${where} did not answer within ${answerMillis / 1000} s` }),
  };
  const formatKey = `${prefix}:format`;
  /** Looked at, and stamped, before the first command that is answered. */
  let known: Either.Either<unknown, FormatError> | undefined;
  const check = async () => {
    known ??= judge(
      formats.redis,
      (await connection.get(formatKey)) ?? undefined,
      `${formatKey} in Redis at ${where}`,
      "REDIS_PREFIX",
    );
    if (Either.isLeft(known)) return Promise.reject(known.left);
    // A replica may refuse it, and is read all the same.
    if (known.right === "unstamped") await connection.set(formatKey, stampOf(formats.redis)).catch(() => undefined);
    known = Either.right("stamped");
  };
  // A Redis that is away is waited for by its users.
  yield* Effect.promise(() =>
    Promise.race([check().catch(() => undefined), sleep(checkMillis, undefined, { ref: false })]),
  );
  if (known !== undefined && Either.isLeft(known)) return yield* known.left;
  /** Commands under way. */
  const asked = new Set<(reason: Error) => void>();
  const tracked = <A>(run: () => Promise<A>): Promise<A> =>
    new Promise((resolve, reject) => {
      asked.add(reject);
      void run()
        .then(resolve, reject)
        .finally(() => asked.delete(reject));
    });
  const errorOf = (foreign: unknown): RedisError => {
    if (foreign instanceof FormatError) {
      return new RedisError({ reason: "Refused", message: foreign.message, cause: foreign });
    }
    const cause = withoutSecrets(foreign);
    const reason = cause.name === "ReplyError" ? "Refused" : "Away";
    return new RedisError({ reason, message: `Redis at ${where}: ${cause.message}`, cause });
  };
  const absence = yield* makeAbsence<RedisError>({
    saysAway: ({ reason }) => reason === "Away",
    probe: Effect.tryPromise({ try: () => ping(connection), catch: errorOf }).pipe(Effect.timeoutFail(unanswered)),
    told: ({ cause, message }, seconds) =>
      new RedisError({ reason: "Away", message: `${message}; it has been away for ${seconds} s`, cause }),
    // Of a cluster one node may be away, and others answer.
    giveUp: Effect.sync(() => {
      if (!cluster) for (const reject of asked) reject(new Error("no answer"));
    }),
  });
  return {
    connection,
    prefix,
    use: <A>(run: (connection: Connection) => Promise<A>) =>
      absence.unlessAway(
        Effect.tryPromise({
          try: () =>
            tracked(() =>
              known === undefined || Either.isLeft(known) ? check().then(() => run(connection)) : run(connection),
            ),
          catch: errorOf,
        }).pipe(Effect.timeoutFail(unanswered)),
      ),
  };
});

export const layer = Layer.scoped(Redis, make);

/** Nothing is lost and nothing is applied twice while members of a group come, go, die, sleep, and the broker restarts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Fiber, Layer } from "effect";
import { build } from "esbuild";
import * as RedisClient from "../../layers/engines/redis/Client.ts";
import * as UserStatesRedis from "../../layers/UserStates/Redis.ts";
import { EventLog, type LogRecord } from "../../src/ports/EventLog.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { Faults, MemoryStates } from "../support/MemoryStores.ts";
import { kafkaLayer, kafkaSettings } from "./KafkaLayers.ts";
import {
  eventually,
  everything,
  group,
  numberOf,
  produce,
  role,
  sequential,
  type Told,
  userOf,
  users,
} from "./NumberedEvents.ts";
import { kafkaBroker, redisServer } from "./servers.ts";

const here = dirname(fileURLToPath(import.meta.url));

/** Each acknowledged number stands once, where it was told to stand; each other one at most once; users' events in order. */
const expectProduced = (log: ReadonlyArray<ReadonlyArray<LogRecord>>, told: Told) => {
  const found = new Map<number, string>();
  const latest = new Map<string, number>();
  log.forEach((records, partition) => {
    for (const record of records) {
      const n = numberOf(record);
      expect(found.has(n), `event ${n} stands once`).toBe(false);
      found.set(n, `${partition} ${record.offset}`);
      expect(n).toBeGreaterThan(latest.get(userOf(n)) ?? -1);
      latest.set(userOf(n), n);
    }
  });
  for (const [n, place] of told) {
    if (place !== "unknown") expect(found.get(n)).toBe(`${place.partition} ${place.offset}`);
  }
};

const caughtUp = Effect.gen(function* () {
  const log = yield* EventLog;
  const [ends, committed] = yield* Effect.all([log.endOffsets, log.committed(group)]);
  return ends.every((end, partition) => end === 0n || committed[partition] === end);
});

/** All partitions have been applied beyond where they end now. */
const moved = Effect.gen(function* () {
  const log = yield* EventLog;
  const ends = yield* log.endOffsets;
  yield* eventually(
    Effect.map(log.committed(group), (committed) => ends.every((end, p) => (committed[p] ?? 0n) > end)),
  );
});

it.live(
  "three members in one process: they come and go, and the broker dies and restarts",
  () =>
    Effect.gen(function* () {
      const broker = yield* kafkaBroker;
      const states = new MemoryStates(new Faults());
      const context = yield* Layer.build(kafkaLayer(broker.address));
      const told: Told = new Map();
      const member = Effect.scoped(role).pipe(
        Effect.provide(kafkaLayer(broker.address)),
        Effect.provideService(UserStates, states.service),
        Effect.fork,
      );
      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        const producer = yield* Effect.fork(produce(log, told, "15 millis"));
        const first = yield* member;
        yield* moved;
        const second = yield* member;
        yield* moved;
        const third = yield* member;
        yield* moved;
        yield* Fiber.interrupt(first);
        yield* moved;
        yield* broker.kill;
        yield* eventually(
          Effect.map(
            Effect.sync(() => [...told.values()]),
            (places) => places.slice(-30, -10).every((place) => place === "unknown"),
          ),
        );
        yield* broker.start;
        yield* moved;
        const fourth = yield* member;
        yield* moved;
        yield* Fiber.interrupt(producer);
        yield* eventually(caughtUp);
        const records = yield* everything;
        expectProduced(records, told);
        const applied = [...told.values()].filter((place) => place !== "unknown").length;
        expect(applied).toBeGreaterThan(100);
        expect(states.users).toEqual(sequential(records));
        yield* Fiber.interruptAll([second, third, fourth]);
      }).pipe(Effect.provide(context));
    }).pipe(Effect.scoped),
  120_000,
);

/** Member processes over one Kafka and one Redis; ended by their ids with the scope. */
const processes = (environment: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    // Within the project, so that packages are found.
    const folder = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(here, "../../dist/member-"))),
      (made) => Effect.promise(() => rm(made, { recursive: true, force: true })),
    );
    const program = join(folder, "member.mjs");
    yield* Effect.promise(() =>
      build({
        entryPoints: [join(here, "kafkaMember.ts")],
        outfile: program,
        bundle: true,
        platform: "node",
        format: "esm",
        packages: "external",
        logLevel: "error",
      }),
    );
    const dataDir = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "slipstream-members-"))),
      (made) => Effect.promise(() => rm(made, { recursive: true, force: true })),
    );
    return Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [program], {
          env: { ...process.env, ...environment, DATA_DIR: dataDir },
          stdio: ["ignore", "inherit", "inherit"],
        }),
      ),
      (child) =>
        Effect.promise(async () => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill("SIGKILL");
          await once(child, "exit");
        }),
    );
  });

const signal = (child: ChildProcess, name: NodeJS.Signals) => Effect.sync(() => expect(child.kill(name)).toBe(true));

it.live(
  "three processes: one is killed, one sleeps beyond its session and wakes as a zombie, one leaves",
  () =>
    Effect.gen(function* () {
      const [broker, redis] = yield* Effect.all([kafkaBroker, redisServer], { concurrency: 2 });
      const environment = {
        ...Object.fromEntries(kafkaSettings(broker.address)),
        REDIS_URL: `redis://${redis.address}`,
        REDIS_PREFIX: "numbered",
      };
      const told: Told = new Map();
      const states = UserStatesRedis.layer.pipe(
        Layer.provide(RedisClient.layer),
        Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))),
      );
      yield* Effect.gen(function* () {
        const log = yield* EventLog;
        const start = yield* processes(environment);
        const producer = yield* Effect.fork(produce(log, told, "15 millis"));
        const [killed, asleep, leaving] = yield* Effect.all([start, start, start]);
        yield* moved;
        yield* signal(killed, "SIGKILL");
        yield* moved;
        yield* signal(asleep, "SIGSTOP");
        // The others have taken over what it had.
        yield* moved;
        yield* signal(asleep, "SIGCONT");
        yield* start;
        yield* moved;
        yield* signal(leaving, "SIGTERM");
        yield* moved;
        yield* Fiber.interrupt(producer);
        yield* eventually(caughtUp);
        const records = yield* everything;
        expectProduced(records, told);
        const wanted = sequential(records);
        expect(wanted.size).toBe(users);
        const ids = [...wanted.keys()];
        const kept = yield* Effect.flatMap(UserStates, (service) => service.read("numbered", ids));
        expect(new Map(ids.map((id, i) => [id, kept[i]]))).toEqual(wanted);
      }).pipe(Effect.provide(Layer.merge(kafkaLayer(broker.address), states)));
    }).pipe(Effect.scoped),
  120_000,
);

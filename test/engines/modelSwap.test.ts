/** The swap of models with one process per role, over real Kafka and Redis. */
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { type Running, run, smallShop, start, temporaryFolder } from "../e2e/process.ts";
import { swapUnderLoad, until } from "../e2e/swapping.ts";
import { freePort, kafkaBroker, redisServer } from "./servers.ts";

const folder = Effect.acquireRelease(Effect.sync(temporaryFolder), ({ remove }) => Effect.sync(remove));

/** A role that ends with the scope, by its own id. */
const role = (name: string, environment: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => start([name], environment)),
    ({ child, exit }) =>
      Effect.promise(() => {
        child.kill("SIGKILL");
        return exit;
      }),
  );

/** Ends in order. */
const stop = ({ child, exit }: Running) =>
  Effect.promise(async () => {
    child.kill("SIGTERM");
    const { code, stderr } = await exit;
    expect(code, stderr).toBe(0);
  });

it.live(
  "swaps models and back under load, over Kafka and Redis: no gap, no mixture, nothing forgotten",
  () =>
    Effect.gen(function* () {
      const [{ path }, broker, redis, port] = yield* Effect.all([folder, kafkaBroker, redisServer, freePort], {
        concurrency: "unbounded",
      });
      const environment = {
        ...smallShop,
        DATA_DIR: `${path}/data`,
        KAFKA_BROKERS: broker.address,
        KAFKA_HEARTBEAT: "300 millis",
        REDIS_URL: `redis://${redis.address}`,
        PARTITIONS: "4",
        PORT: String(port),
        LOG_FORMAT: "logfmt",
        // What the test computes of its own.
        LEARNER: "ema",
        EXPLORE_SHARE: "0",
        ARCHIVE_FLUSH_AGE: "300 millis",
      };
      yield* Effect.promise(async () => {
        expect((await run(["generate"], environment)).code).toBe(0);
        const batch = await run(["batch"], environment);
        expect(batch.code, batch.stderr).toBe(0);
      });
      const roles = yield* Effect.forEach(["api", "updater", "updater", "archiver"], (name) => role(name, environment));
      const url = `http://127.0.0.1:${port}`;
      yield* Effect.promise(async () => {
        await until("the API is ready", () =>
          fetch(`${url}/health/ready`).then(
            ({ status }) => status === 200,
            () => false,
          ),
        );
        const users = Array.from({ length: 300 }, (_, user) => String(user));
        const { events, requests } = await swapUnderLoad(environment, url, users);
        expect(requests).toBeGreaterThan(200);
        expect(events).toBeGreaterThan(200);
      });
      yield* Effect.forEach(roles, stop, { concurrency: "unbounded" });
    }).pipe(Effect.scoped),
  180_000,
);

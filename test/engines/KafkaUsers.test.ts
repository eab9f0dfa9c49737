/** Authentication: each mechanism works, and a wrong password is told without being shown. */
import { expect, it } from "@effect/vitest";
import { Effect, Logger, LogLevel } from "effect";
import { EventLog } from "../../src/ports/EventLog.ts";
import { kafkaLayer } from "./KafkaLayers.ts";
import { kafkaBrokerWithUsers } from "./servers.ts";

const appendAs = (brokers: string, sasl: string, password: string) =>
  Effect.flatMap(EventLog, (log) => log.append([{ key: "k", value: new TextEncoder().encode(sasl) }])).pipe(
    Effect.provide(
      kafkaLayer(brokers, { KAFKA_SASL: sasl, KAFKA_USERNAME: "shop", KAFKA_PASSWORD: password, PARTITIONS: "1" }),
    ),
  );

it.live(
  "takes plain, scram-sha-256 and scram-sha-512; refuses a wrong password with a clear error and without the password",
  () =>
    Effect.gen(function* () {
      const lines: Array<string> = [];
      const recorder = Logger.make(({ message }) => void lines.push(String(message)));
      yield* Effect.gen(function* () {
        const broker = yield* kafkaBrokerWithUsers;
        const address = broker.addresses[2]!;
        for (const [i, sasl] of ["plain", "scram-sha-256", "scram-sha-512"].entries()) {
          expect(yield* appendAs(address, sasl, "secret")).toEqual([{ partition: 0, offset: BigInt(i) }]);
        }
        for (const sasl of ["plain", "scram-sha-512"]) {
          const error = yield* Effect.flip(appendAs(address, sasl, "hunter2"));
          expect(error).toMatchObject({ _tag: "EventLogError", reason: "Unavailable" });
          expect(String(error)).toMatch(/authentication/i);
          expect(JSON.stringify(error)).not.toContain("hunter2");
        }
        expect(lines.some((line) => /does not answer.*authentication/i.test(line))).toBe(true);
        for (const line of lines) expect(line).not.toMatch(/secret|hunter2/);
      }).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, recorder)),
        Logger.withMinimumLogLevel(LogLevel.Debug),
      );
    }).pipe(Effect.scoped),
  60_000,
);

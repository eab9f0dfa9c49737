import { join } from "node:path";
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { Kafka, logLevel } from "kafkajs";
import { run, smallShop, temporaryFolder } from "../e2e/process.ts";
import { serve, warnings } from "../e2e/serving.ts";
import { archivedEvents } from "../e2e/upgraded.ts";
import { kafkaBroker } from "./servers.ts";

/** The topic is deleted and made again, as if by a person who wanted it empty. */
const remake = async (address: string): Promise<void> => {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: ["user_events"] });
  const exists = async () => (await admin.listTopics()).includes("user_events");
  while (await exists()) await new Promise((resolve) => setTimeout(resolve, 100));
  await admin.createTopics({ topics: [{ topic: "user_events", numPartitions: 4 }], waitForLeaders: true });
  await admin.disconnect();
};

it.scopedLive(
  "moves from the embedded log to Kafka and back, and to a topic made anew: each event is applied and archived once",
  () =>
    Effect.gen(function* () {
      const { address } = yield* kafkaBroker;
      const folder = yield* Effect.acquireRelease(Effect.sync(temporaryFolder), ({ remove }) => Effect.sync(remove));
      const dataDir = join(folder.path, "data");
      const embedded = { ...smallShop, DATA_DIR: dataDir, PARTITIONS: "4" };
      const onKafka = { ...embedded, KAFKA_BROKERS: address };
      let archived = 0;
      const use = async (
        environment: typeof embedded,
        prefix: string,
        count: number,
        tokens: Readonly<Record<string, boolean>>,
      ) => {
        const service = await serve(environment);
        for (const [token, known] of Object.entries(tokens)) expect(await service.caughtUp(token)).toBe(known);
        const token = await service.post(prefix, count);
        expect(await service.caughtUp(token)).toBe(true);
        expect(await service.processed()).toBe(count);
        // Not applied before it stops, perhaps, but accepted.
        await service.post(`${prefix} last`, 30);
        expect((await service.stop()).code).toBe(0);
        archived += count + 30;
        expect(await archivedEvents(dataDir)).toHaveLength(archived);
        return { token, warned: warnings(service) };
      };
      yield* Effect.promise(async () => {
        expect((await run(["generate"], embedded)).code).toBe(0);
        const first = await use(embedded, "embedded", 300, {});
        expect(first.warned).toEqual([]);
        const moved = await use(onKafka, "kafka", 100, { [first.token]: false });
        expect(moved.warned.filter((line) => line.includes("archiving event log"))).toHaveLength(1);
        expect(moved.warned.filter((line) => /model \S+ starts with event log/.test(line))).toHaveLength(1);
        const back = await use(embedded, "back", 60, { [first.token]: true, [moved.token]: false });
        expect(back.warned.filter((line) => line.includes("event log"))).toEqual([]);
        const again = await use(onKafka, "again", 40, { [back.token]: false, [moved.token]: true });
        expect(again.warned.filter((line) => line.includes("event log"))).toEqual([]);
        await remake(address);
        const remade = await use(onKafka, "remade", 20, { [again.token]: false });
        expect(remade.warned.filter((line) => line.includes("event log"))).toHaveLength(2);
      });
    }),
);

/** Settings: what the adapters read, by what it is about; the entry point hands it on with their layers. */
import { deadLetters } from "./DeadLetters/Settings.ts";
import { engines } from "./Engines.ts";
import * as Kafka from "./engines/kafka/Settings.ts";
import { qdrant } from "./engines/qdrant/Settings.ts";
import * as Redis from "./engines/redis/Settings.ts";
import { spark } from "./engines/spark/Settings.ts";
import { logging } from "./Logging.ts";
import * as MicroBatches from "./MicroBatches/Settings.ts";
import { sql } from "./Sql/Settings.ts";
import { userStates } from "./UserStates/Settings.ts";

export const adapters = {
  logging,
  sql,
  engines,
  spark,
  sparkArchive: MicroBatches.packages,
  forgotten: Redis.redis,
  deadLetters,
  userStates,
  log: { kafka: Kafka.kafka },
  stores: { redis: Redis.redis, qdrant },
  rules: [...Kafka.rules, ...Redis.rules, ...MicroBatches.rules],
};

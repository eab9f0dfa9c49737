/** What the ports promise, of real Kafka. */
import { deadLettersContract } from "../contracts/DeadLetters.ts";
import { eventLogContract } from "../contracts/EventLog.ts";
import { ownBroker } from "./KafkaLayers.ts";

eventLogContract("kafka", () => ownBroker, { exclusive: false, ownClock: true });
deadLettersContract("kafka", () => ownBroker);

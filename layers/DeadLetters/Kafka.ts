/**
 * DeadLetters on Kafka: a topic of one partition, so that "oldest first" means something. A letter's record has the key
 * CONSUMER-PARTITION-OFFSET, its reason and detail as headers, and the event's bytes as its value, so that any tool can
 * send it again. A redelivery appends again; reading keeps the first of each key.
 */
import { Effect, Layer, Schema } from "effect";
import {
  type DeadLetter,
  DeadLetterReason,
  DeadLetters,
  DeadLettersError,
  type DeadLettersService,
} from "../../src/ports/DeadLetters.ts";
import { Kafka } from "../Kafka/Client.ts";
import { toEventLogError } from "../Kafka/Failure.ts";
import { makeProducer } from "../Kafka/Producer.ts";
import { type HeadedRecord, offsetsOf, readRecords } from "../Kafka/Reading.ts";

/** Letters beyond this many, newest first, are in the topic, yet neither listed nor counted. */
const longestLook = 200_000n;
const pageSize = 5000;

const Headers = Schema.Struct({
  consumer: Schema.String,
  partition: Schema.NumberFromString,
  offset: Schema.BigInt,
  reason: DeadLetterReason,
  detail: Schema.String,
});
const decodeHeaders = Schema.decodeUnknownOption(Headers);

const keyOf = ({ consumer, offset, partition }: DeadLetter): string => `${consumer}-${partition}-${offset}`;

const letterOf = ({ headers, value }: HeadedRecord): ReadonlyArray<DeadLetter> => {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, String(bytes)]));
  const decoded = decodeHeaders(texts);
  return decoded._tag === "Some" ? [{ ...decoded.value, value }] : [];
};

/** By consumer and partition in the order of their first letter; within these, by offset. */
const inOrder = (letters: Iterable<DeadLetter>): ReadonlyArray<DeadLetter> => {
  const groups = new Map<string, Array<DeadLetter>>();
  for (const letter of letters) {
    const place = `${letter.consumer}-${letter.partition}`;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [letter]);
    else group.push(letter);
  }
  return [...groups.values()].flatMap((group) => group.sort((a, b) => (a.offset < b.offset ? -1 : 1)));
};

const failed = (operation: DeadLettersError["operation"]) => (error: { readonly message: string }) =>
  new DeadLettersError({ operation, message: error.message, cause: error });

const make = Effect.gen(function* () {
  const { settings, shared, topic: makeTopic } = yield* Kafka;
  const topic = settings.deadLetterTopic;
  const exists = makeTopic(topic, 1).pipe(Effect.mapError(toEventLogError));
  const producer = yield* makeProducer(shared, { ...settings, topic, timeout: settings.appendTimeout });

  const all = Effect.gen(function* () {
    yield* exists;
    const [first] = yield* offsetsOf(shared, topic, 1, "first");
    const [end] = yield* offsetsOf(shared, topic, 1, "end");
    const letters = new Map<string, DeadLetter>();
    let offset = end! - first! > longestLook ? end! - longestLook : first!;
    while (offset < end!) {
      const page = yield* readRecords(shared, topic, { partition: 0, offset }, pageSize, settings.fetchBytes);
      const last = page.at(-1);
      if (last === undefined) break;
      for (const letter of page.flatMap(letterOf)) {
        if (!letters.has(keyOf(letter))) letters.set(keyOf(letter), letter);
      }
      offset = last.offset + 1n;
    }
    return letters;
  });

  const service: DeadLettersService = {
    append: (letters) =>
      letters.length === 0
        ? Effect.void
        : exists.pipe(
            Effect.zipRight(
              producer.append(
                letters.map((letter) => ({
                  partition: 0,
                  key: Buffer.from(keyOf(letter)),
                  value: Buffer.from(letter.value.buffer, letter.value.byteOffset, letter.value.byteLength),
                  headers: {
                    consumer: letter.consumer,
                    partition: String(letter.partition),
                    offset: String(letter.offset),
                    reason: letter.reason,
                    detail: letter.detail,
                  },
                })),
              ),
            ),
            Effect.asVoid,
            Effect.mapError(failed("append")),
          ),
    list: (limit) =>
      all.pipe(
        Effect.map((letters) => inOrder(letters.values()).slice(0, limit)),
        Effect.mapError(failed("list")),
      ),
    count: all.pipe(
      Effect.map((letters) => letters.size),
      Effect.mapError(failed("count")),
    ),
  };
  return service;
});

export const layer: Layer.Layer<DeadLetters, never, Kafka> = Layer.scoped(DeadLetters, make);

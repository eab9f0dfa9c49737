/**
 * DeadLetters on Kafka: a topic of one partition, so that "oldest first" means something. A letter's record has the key
 * CONSUMER-PARTITION-OFFSET, what is known of it as headers, and the event's bytes as its value, so that any tool can send
 * it again. A redelivery appends again; reading keeps the first of each. What becomes of a letter is a record of its key
 * whose header `mark` says it: `begun`, `replayed`, `counted` or `dropped`. Kafka deletes the oldest by the topic's settings.
 */
import { type ConfigError, Effect, Layer, Schema } from "effect";
import { values } from "../../src/config/Setting.ts";
import {
  type DeadLetter,
  DeadLetterReason,
  DeadLetters,
  DeadLettersError,
  type DeadLettersService,
  type KeptLetter,
  type LetterKey,
  type ReplayMark,
} from "../../src/ports/DeadLetters.ts";
import { Kafka } from "../engines/kafka/Client.ts";
import { toEventLogError } from "../engines/kafka/KafkaFailure.ts";
import { makeProducer, type Outgoing } from "../engines/kafka/Producer.ts";
import { offsetsOf, readRecords } from "../engines/kafka/Reading.ts";
import type { HeadedRecord } from "../engines/kafka/records/RecordSet.ts";
import { deadLetters as settingsOfLetters } from "./Settings.ts";

/** Records beyond this many, newest first, are in the topic, yet not listed. */
const longestLook = 200_000n;
const pageSize = 5000;

const key = {
  consumer: Schema.String,
  partition: Schema.NumberFromString,
  offset: Schema.BigInt,
  log: Schema.optionalWith(Schema.String, { default: () => "" }),
};

const LetterHeaders = Schema.Struct({
  ...key,
  reason: DeadLetterReason,
  detail: Schema.String,
  /** Version 0.1 gives none. */
  appended_at: Schema.optional(Schema.NumberFromString),
});
const decodeLetter = Schema.decodeUnknownOption(LetterHeaders);

const MarkHeaders = Schema.Struct({
  ...key,
  mark: Schema.Literal("begun", "replayed", "counted", "dropped"),
  ends: Schema.optionalWith(Schema.parseJson(Schema.Array(Schema.BigInt)), { default: () => [] }),
  begun_at: Schema.optionalWith(Schema.NumberFromString, { default: () => 0 }),
});
const decodeMark = Schema.decodeUnknownOption(MarkHeaders);

const nameOf = ({ consumer, offset, partition }: LetterKey): string => `${consumer}-${partition}-${offset}`;
const identityOf = (letter: LetterKey): string => `${letter.log} ${nameOf(letter)}`;

const headersOf = ({ consumer, log, offset, partition }: LetterKey) => ({
  consumer,
  partition: String(partition),
  offset: String(offset),
  log,
});

const letterRecord = (letter: DeadLetter): Outgoing => ({
  partition: 0,
  key: Buffer.from(nameOf(letter)),
  value: Buffer.from(letter.value.buffer, letter.value.byteOffset, letter.value.byteLength),
  headers: {
    ...headersOf(letter),
    reason: letter.reason,
    detail: letter.detail,
    appended_at: String(letter.appendedAt),
  },
});

const markRecord =
  (mark: ReplayMark | { readonly state: "dropped" }) =>
  (letter: LetterKey): Outgoing => ({
    partition: 0,
    key: Buffer.from(nameOf(letter)),
    value: Buffer.alloc(0),
    headers: {
      ...headersOf(letter),
      mark: mark.state,
      ...(mark.state === "begun"
        ? { ends: JSON.stringify(mark.ends.map(String)), begun_at: String(mark.begunAt) }
        : {}),
    },
  });

/** Adds what the record says to the letters so far. */
const fold = (letters: Map<string, KeptLetter>, { appendedAt: keptAt, headers, value }: HeadedRecord): void => {
  const texts = Object.fromEntries(Array.from(headers, ([name, bytes]) => [name, String(bytes)]));
  if (texts.mark === undefined) {
    const decoded = decodeLetter(texts);
    if (decoded._tag === "None") return;
    const { appended_at = keptAt, ...rest } = decoded.value;
    const id = identityOf(rest);
    if (!letters.has(id)) letters.set(id, { ...rest, appendedAt: appended_at, keptAt, replay: undefined, value });
    return;
  }
  const decoded = decodeMark(texts);
  if (decoded._tag === "None") return;
  const { begun_at: begunAt, ends, mark, ...letter } = decoded.value;
  const id = identityOf(letter);
  const known = letters.get(id);
  if (known === undefined) return;
  if (mark === "dropped") letters.delete(id);
  else letters.set(id, { ...known, replay: mark === "begun" ? { state: mark, ends, begunAt } : { state: mark } });
};

const failed = (operation: DeadLettersError["operation"]) => (error: { readonly message: string }) =>
  new DeadLettersError({ operation, message: error.message, cause: error });

const make = Effect.gen(function* () {
  const { settings, shared, topic: makeTopic } = yield* Kafka;
  const { maxBytes, retention } = yield* values(settingsOfLetters);
  const topic = settings.deadLetterTopic;
  const exists = makeTopic(topic, 1, { age: retention, bytes: maxBytes }).pipe(Effect.mapError(toEventLogError));
  const producer = yield* makeProducer(shared, { ...settings, topic, timeout: settings.appendTimeout });

  const bounds = Effect.zipRight(
    exists,
    Effect.all([offsetsOf(shared, topic, 1, "first"), offsetsOf(shared, topic, 1, "end")]),
  ).pipe(Effect.map(([[first = 0n], [end = 0n]]) => ({ first, end })));

  const read = (offset: bigint, max: number) =>
    readRecords(shared, topic, { partition: 0, offset }, max, settings.fetchBytes);

  const all = Effect.gen(function* () {
    const { end, first } = yield* bounds;
    const letters = new Map<string, KeptLetter>();
    let offset = end - first > longestLook ? end - longestLook : first;
    while (offset < end) {
      const page = yield* read(offset, pageSize);
      const last = page.at(-1);
      if (last === undefined) break;
      for (const record of page) fold(letters, record);
      offset = last.offset + 1n;
    }
    return [...letters.values()];
  });

  const send = (operation: DeadLettersError["operation"], records: ReadonlyArray<Outgoing>) =>
    records.length === 0
      ? Effect.void
      : Effect.zipRight(exists, producer.append(records)).pipe(Effect.asVoid, Effect.mapError(failed(operation)));

  const service: DeadLettersService = {
    append: (letters) => send("append", letters.map(letterRecord)),
    list: (limit) =>
      all.pipe(
        Effect.map((letters) => letters.slice(0, limit)),
        Effect.mapError(failed("list")),
      ),
    mark: (letters, mark) => send("mark", letters.map(markRecord(mark))),
    drop: (letters) => send("drop", letters.map(markRecord({ state: "dropped" }))),
    stats: bounds.pipe(
      Effect.flatMap(({ end, first }) =>
        Effect.map(end > first ? read(first, 1) : Effect.succeed([]), ([oldest]) => ({
          count: Number(end - first),
          bytes: undefined,
          oldest: oldest?.appendedAt,
        })),
      ),
      Effect.mapError(failed("stats")),
    ),
  };
  return service;
});

export const layer: Layer.Layer<DeadLetters, ConfigError.ConfigError, Kafka> = Layer.scoped(DeadLetters, make);

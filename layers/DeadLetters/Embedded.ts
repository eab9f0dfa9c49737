/**
 * DeadLetters in the embedded store: keyed by consumer, partition and offset, so that a redelivery finds its letter there.
 */
import { Effect, Either, Layer, Schema } from "effect";
import {
  type DeadLetter,
  DeadLetterReason,
  DeadLetters,
  DeadLettersError,
  type DeadLettersService,
} from "../../src/ports/DeadLetters.ts";
import { Store } from "../Store/Lmdb.ts";

const Head = Schema.parseJson(
  Schema.Struct({
    reason: DeadLetterReason,
    detail: Schema.String,
  }),
);
const decodeHead = Schema.decodeUnknownEither(Head);
const encodeHead = Schema.encodeSync(Head);

const words = new TextDecoder("utf-8", { ignoreBOM: true });

/** The consumer's name, a NUL, u32 partition, u64 offset (big-endian, so in order). */
const keyOf = (letter: DeadLetter): Buffer => {
  const name = Buffer.from(letter.consumer);
  const key = Buffer.alloc(name.length + 13);
  key.set(name, 0);
  key.writeUInt32BE(letter.partition, name.length + 1);
  key.writeBigUInt64BE(letter.offset, name.length + 5);
  return key;
};

/** u32 length of the head, the head as JSON, the event's bytes. */
const valueOf = (letter: DeadLetter): Buffer => {
  const head = Buffer.from(encodeHead({ reason: letter.reason, detail: letter.detail }));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length, 0);
  return Buffer.concat([size, head, letter.value]);
};

const letterOf = (key: Uint8Array, value: Uint8Array): DeadLetter | undefined => {
  const place = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const end = 4 + new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0, true);
  const head = Either.getOrUndefined(decodeHead(words.decode(value.subarray(4, end))));
  if (head === undefined) return undefined;
  return {
    consumer: words.decode(key.subarray(0, key.length - 13)),
    partition: place.getUint32(key.length - 12),
    offset: place.getBigUint64(key.length - 8),
    ...head,
    value: value.slice(end),
  };
};

const failed = (operation: DeadLettersError["operation"]) => (error: { readonly message: string }) =>
  new DeadLettersError({ operation, message: error.message, cause: error });

const make = Effect.gen(function* () {
  const store = yield* Store;
  const { letters: table } = store.tables;

  const service: DeadLettersService = {
    append: (letters) =>
      letters.length === 0
        ? Effect.void
        : Effect.suspend(() => {
            const entries = letters.map((letter) => [keyOf(letter), valueOf(letter)] as const);
            return store.write(() => {
              for (const [key, value] of entries) {
                if (!table.doesExist(key)) table.put(key, value);
              }
            });
          }).pipe(Effect.mapError(failed("append"))),
    list: (limit) =>
      store
        .read(() => Array.from(table.getRange({ limit }), ({ key, value }) => letterOf(key, value)))
        .pipe(
          Effect.map((letters) => letters.filter((letter) => letter !== undefined)),
          Effect.mapError(failed("list")),
        ),
    count: store
      .read(() => (table.getStats() as { readonly entryCount: number }).entryCount)
      .pipe(Effect.mapError(failed("count"))),
  };
  return service;
});

export const layer: Layer.Layer<DeadLetters, never, Store> = Layer.effect(DeadLetters, make);

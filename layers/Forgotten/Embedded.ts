/** Forgotten in the embedded store: table `documents`, a tombstone under `forgotten/HASH`, the salt under `forgotten`. */
import { randomBytes } from "node:crypto";
import { Effect, Either, Layer, Schema } from "effect";
import { tombstoneText } from "../../src/domain/Forgotten.ts";
import { Forgotten, ForgottenError, type ForgottenService, unreadableTombstone } from "../../src/ports/Forgotten.ts";
import { Store } from "../engines/lmdb/Store.ts";
import type { StoreError } from "../engines/lmdb/StoreError.ts";
import { decodeTombstone, encodeTombstone } from "./Text.ts";

const saltKey = Buffer.from("forgotten");
const keyOf = (hash: string): Buffer => Buffer.from(`forgotten/${hash}`);
const words = new TextDecoder();
const decodeNow = Schema.decodeEither(tombstoneText);

const unavailable = (cause: StoreError) => new ForgottenError({ reason: "Unavailable", message: cause.message, cause });

const make = Effect.map(Store, ({ read, tables: { documents }, write }): ForgottenService => {
  const textAt = (key: Buffer): string | undefined => {
    const bytes = documents.get(key);
    return bytes === undefined ? undefined : words.decode(bytes);
  };
  const makeSalt = write(() => {
    const salt = textAt(saltKey) ?? randomBytes(32).toString("hex");
    documents.put(saltKey, Buffer.from(salt));
    return salt;
  });
  return {
    salt: read(() => textAt(saltKey)).pipe(
      Effect.flatMap((salt) => (salt === undefined ? makeSalt : Effect.succeed(salt))),
      Effect.mapError(unavailable),
    ),
    find: (hash) =>
      read(() => textAt(keyOf(hash))).pipe(
        Effect.mapError(unavailable),
        Effect.flatMap((text) => (text === undefined ? Effect.succeed(undefined) : decodeTombstone(hash, text))),
      ),
    change: (hash, change) =>
      write(() => {
        const text = textAt(keyOf(hash));
        const before = text === undefined ? Either.right(undefined) : decodeNow(text);
        return Either.map(before, (found) => {
          const next = change(found);
          documents.put(keyOf(hash), Buffer.from(encodeTombstone(next)));
          return next;
        });
      }).pipe(
        Effect.mapError(unavailable),
        Effect.flatMap(Either.mapLeft((cause) => unreadableTombstone(hash, cause))),
      ),
    all: read(() =>
      Array.from(documents.getRange({ start: keyOf(""), end: keyOf("~") }), ({ key, value }) => ({
        hash: words.decode(key).slice("forgotten/".length),
        text: words.decode(value),
      })),
    ).pipe(
      Effect.mapError(unavailable),
      Effect.flatMap((found) => Effect.forEach(found, ({ hash, text }) => decodeTombstone(hash, text))),
    ),
  };
});

export const layer: Layer.Layer<Forgotten, never, Store> = Layer.effect(Forgotten, make);

/** Documents in the embedded store: table `documents`, by name; changed in a transaction. */
import { Effect, Either, Layer, Stream } from "effect";
import { Store } from "../engines/lmdb/Store.ts";
import { Documents, type DocumentsService, textOf, unavailable } from "./Documents.ts";
import { makePolled } from "./Polled.ts";

const pollEvery = "200 millis";
const words = new TextDecoder();

export const layer: Layer.Layer<Documents, never, Store> = Layer.effect(
  Documents,
  Effect.map(
    Store,
    ({ read, tables: { documents }, write }): DocumentsService => ({
      open: (name, schema) =>
        Effect.gen(function* () {
          const key = Buffer.from(name);
          const { decode, encode } = textOf(schema);
          const text = (): string | undefined => {
            const bytes = documents.get(key);
            return bytes === undefined ? undefined : words.decode(bytes);
          };
          const stored = Effect.mapError(read(text), unavailable);
          const polled = yield* makePolled(stored, pollEvery);
          const written = <A>(change: () => A) =>
            write(change).pipe(
              Effect.mapError(unavailable),
              Effect.tap(() => polled.notify),
            );
          return {
            get: Effect.flatMap(stored, decode),
            put: (value) =>
              written(() => {
                documents.put(key, Buffer.from(encode(value)));
              }),
            update: (change) =>
              Effect.flatten(
                written(() =>
                  Either.map(decode(text()), (value) => {
                    const [answer, next] = change(value);
                    documents.put(key, Buffer.from(encode(next)));
                    return answer;
                  }),
                ),
              ),
            changes: Stream.mapEffect(polled.changes, decode),
          };
        }),
    }),
  ),
);

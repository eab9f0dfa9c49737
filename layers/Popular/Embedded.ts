/** Popular in the embedded store: one document, replaced whole. */
import { Effect, Layer, Schema } from "effect";
import {
  Popular,
  PopularError,
  PopularItems,
  type PopularService,
  unreadablePopular,
} from "../../src/ports/Popular.ts";
import { Store } from "../engines/lmdb/Store.ts";

const Document = Schema.parseJson(PopularItems);
const decode = Schema.decodeUnknown(Document);
const encode = Schema.encode(Document);

const key = Buffer.from("popular");
const words = new TextDecoder();

const failed = (operation: PopularError["operation"]) => (error: { readonly message: string }) =>
  new PopularError({ operation, message: error.message, cause: error });

const make = Effect.gen(function* () {
  const store = yield* Store;
  const { documents } = store.tables;

  const service: PopularService = {
    put: (popular) =>
      encode(popular).pipe(
        Effect.flatMap((text) =>
          store.write(() => {
            documents.put(key, Buffer.from(text));
          }),
        ),
        Effect.mapError(failed("put")),
      ),
    get: store
      .read(() => documents.get(key))
      .pipe(
        Effect.mapError(failed("get")),
        Effect.flatMap((bytes) =>
          bytes === undefined
            ? Effect.succeed(undefined)
            : decode(words.decode(bytes)).pipe(Effect.mapError(unreadablePopular)),
        ),
      ),
  };
  return service;
});

export const layer: Layer.Layer<Popular, never, Store> = Layer.effect(Popular, make);

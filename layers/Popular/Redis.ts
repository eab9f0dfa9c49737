/** Popular on Redis: one JSON document at `PREFIX:popular`. */
import { Effect, Layer, Schema } from "effect";
import { Popular, PopularError, PopularItems, unreadablePopular } from "../../src/ports/Popular.ts";
import { Redis } from "../engines/redis/Client.ts";

const Document = Schema.parseJson(PopularItems);
const decode = Schema.decodeUnknown(Document);
const encode = Schema.encodeSync(Document);

const make = Effect.map(Redis, ({ prefix, use }) => {
  const key = `${prefix}:popular`;
  const failed = (operation: PopularError["operation"]) => (error: { readonly message: string }) =>
    new PopularError({ operation, message: error.message, cause: error });
  return {
    put: (popular: PopularItems) =>
      Effect.asVoid(use((connection) => connection.set(key, encode(popular)))).pipe(Effect.mapError(failed("put"))),
    get: use((connection) => connection.get(key)).pipe(
      Effect.mapError(failed("get")),
      Effect.flatMap((text) =>
        text === null ? Effect.succeed(undefined) : decode(text).pipe(Effect.mapError(unreadablePopular)),
      ),
    ),
  };
});

export const layer: Layer.Layer<Popular, never, Redis> = Layer.effect(Popular, make);

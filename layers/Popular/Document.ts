/** Popular as one document, `popular`. */
import { Effect, Layer } from "effect";
import { Popular, PopularError, PopularItems, unreadablePopular } from "../../src/ports/Popular.ts";
import { type DocumentError, Documents } from "../Documents/Documents.ts";

const failed = (operation: PopularError["operation"]) => (error: DocumentError) =>
  error.reason === "Undecodable"
    ? unreadablePopular(error)
    : new PopularError({ operation, message: error.message, cause: error.cause });

export const layer: Layer.Layer<Popular, never, Documents> = Layer.scoped(
  Popular,
  Effect.gen(function* () {
    const { get, put } = yield* (yield* Documents).open("popular", PopularItems);
    return {
      get: Effect.mapError(get, failed("get")),
      put: (popular) => Effect.mapError(put(popular), failed("put")),
    };
  }),
);

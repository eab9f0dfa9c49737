/** Popular: the batch's best sellers, which are answered while no model is loaded; and the ground of what trends by a model of before. */
import { Context, type Effect, Schema } from "effect";

export const PopularItems = Schema.Struct({
  /** Unix seconds of the newest purchase counted. */
  asOf: Schema.Number,
  /** Days counted back from `asOf`. */
  windowDays: Schema.Number,
  /** Most distinct buyers first, at most 50. */
  items: Schema.Array(Schema.Struct({ itemIdx: Schema.Int, buyers: Schema.Int })),
});
export type PopularItems = typeof PopularItems.Type;

export interface PopularService {
  readonly put: (popular: PopularItems) => Effect.Effect<void, PopularError>;
  readonly get: Effect.Effect<PopularItems | undefined, PopularError>;
}

export class Popular extends Context.Tag("slipstream/Popular")<Popular, PopularService>() {}

export class PopularError extends Schema.TaggedError<PopularError>()("PopularError", {
  operation: Schema.Literal("put", "get"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** What a store says whose list cannot be decoded. */
export const unreadablePopular = (cause: { readonly message: string }): PopularError =>
  new PopularError({
    operation: "get",
    message: `the stored list of best sellers cannot be decoded: run \`batch popular\` again (${cause.message})`,
    cause,
  });

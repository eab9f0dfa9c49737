/** Naming: gives each answer the id by which events tell that they come of it. */
import { Clock, Effect } from "effect";
import { makeNameAnswer } from "../../domain/RecommendationId.ts";
import type { Recommendation } from "./Answer.ts";

/** `now`: unix milliseconds; `model`: null where none answers. An item of which only its index is known is told by no id. */
export type NameList = (now: number, model: string | null, list: ReadonlyArray<Recommendation>) => string;

/** By a seed that the clock gives, so that processes differ. */
export const makeNaming: Effect.Effect<NameList> = Effect.map(Clock.currentTimeNanos, (nanos) => {
  const name = makeNameAnswer(Number(BigInt.asIntN(32, nanos)));
  return (now, model, list) =>
    name(
      now / 1000,
      model ?? undefined,
      list.map(({ metadata, source }) => ({ itemId: metadata?.article_id ?? "", source })),
    );
});

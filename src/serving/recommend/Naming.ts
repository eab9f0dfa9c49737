/** Naming: gives each answer the id by which events tell that they come of it. */
import { Clock, Effect } from "effect";
import { makeNameAnswer } from "../../domain/RecommendationId.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import type { Recommendation } from "./Answer.ts";

/**
 * `now`: unix milliseconds; `model`: null where none answers; `before`: how many items the pages before held. An item of which only
 * its index is known is told by no id. `started`: when its query was taken up, of `performance.now()`.
 */
export type NameList = (
  now: number,
  model: string | null,
  list: ReadonlyArray<Recommendation>,
  before: number,
  started: number,
) => string;

/** By a seed that the clock gives, so that processes differ. What was named is counted, and how long it took. */
export const makeNaming: Effect.Effect<NameList> = Effect.gen(function* () {
  const nanos = yield* Clock.currentTimeNanos;
  const { attributed, measured } = yield* Vitals;
  const name = makeNameAnswer(Number(BigInt.asIntN(32, nanos)));
  return (now, model, list, before, started) => {
    measured.recommended(list[0]?.source ?? "none", (performance.now() - started) / 1000);
    attributed.answered(model, list, before);
    const items = list.map(({ metadata, source }) => ({ itemId: metadata?.article_id ?? "", source }));
    return name(now / 1000, model ?? undefined, items, before);
  };
});

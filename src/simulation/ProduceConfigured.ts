/** ProduceConfigured: `producer` by the settings: shoppers who act on their taste, or a history replayed. */
import { Chunk, Effect, Random, Stream } from "effect";
import { values } from "../config/Setting.ts";
import { learntTypes } from "../datasets/LearntTypes.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { Progress } from "../ports/Progress.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { openHistory } from "./History.ts";
import { askedEverySecond } from "./NotForgotten.ts";
import { produce } from "./Produce.ts";
import { replay } from "./Replay.ts";
import { producer } from "./Settings.ts";
import { readShoppers } from "./Shoppers.ts";
import { makeVisits } from "./Visits.ts";

/** Without end: the known customers, each acting on their taste. */
export const visits = (most: number, seed: number, types: EventTypes) =>
  Effect.gen(function* () {
    const shoppers = yield* readShoppers({ most, seed });
    yield* Effect.logInfo(`${shoppers.customers.length.toLocaleString("en")} shoppers, seed ${seed}`);
    const next = makeVisits(shoppers, seed, types);
    return Stream.repeatEffectChunk(Effect.sync(() => Chunk.makeBy(2_048, next)));
  });

/** Runs until the limit, the end of the history, or interruption; answers the number of events. */
export const produceConfigured = Effect.gen(function* () {
  const { seed: chosen, rate, speed, limit, shoppers, ...settings } = yield* values(producer);
  const seed = chosen === 0 ? yield* Random.nextIntBetween(1, 2 ** 32) : chosen;
  const types = yield* learntTypes;
  const replaying = settings.replay !== "";
  const drafts = replaying
    ? replay(yield* openHistory(settings.replay, types.names[types.usual]))
    : yield* visits(shoppers, seed, types);
  const progress = yield* Progress;
  const { producer: counts } = yield* Vitals;
  const task = yield* progress.task({
    label: replaying ? "replay" : "produce",
    unit: "events",
    ...(limit === 0 ? {} : { total: limit }),
  });
  return yield* produce(limit === 0 ? drafts : Stream.take(drafts, limit), {
    seed,
    pace: replaying && speed > 0 ? { _tag: "Speed", times: speed } : { _tag: "Rate", perSecond: rate },
    catchUp: settings.catchUp,
    timestamps: settings.timestamps,
    maySend: yield* askedEverySecond,
    onAppended: (events) => {
      counts.events += events;
      task.advance(events);
    },
  });
}).pipe(Effect.scoped);

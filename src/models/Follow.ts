/** Follow: keeps one model's user states up to date with the event log. */
import { Duration, Effect } from "effect";
import { values } from "../config/Setting.ts";
import type { Event } from "../domain/Event.ts";
import type { Model } from "../domain/Model.ts";
import { readRecommendationId } from "../domain/RecommendationId.ts";
import { configuredLearner } from "../learning/Configured.ts";
import { learning } from "../learning/Settings.ts";
import { formerHalfLife } from "../learning/Trending.ts";
import { Catalogue } from "../ports/Catalogue.ts";
import type { EventLog, LogRecord } from "../ports/EventLog.ts";
import type { Forgotten } from "../ports/Forgotten.ts";
import { ItemIndex, type ModelItems } from "../ports/ItemIndex.ts";
import type { UserStates } from "../ports/UserStates.ts";
import { noteForgotten } from "../stream/NoteForgotten.ts";
import { runtime } from "../stream/Settings.ts";
import { supervise } from "../stream/Supervisor.ts";
import { updater } from "../stream/Updater.ts";
import { addTo, Vitals } from "../vitals/Vitals.ts";
import { stand, updaterGroup } from "./Standing.ts";

/** Counts the model's events by outcome; while the model serves, also how long they took, and what came of answers. */
const counting = (model: Model, isServing: () => boolean) =>
  Effect.map(Effect.all([Vitals, Effect.clock]), ([{ attributed, measured, outcomes }, clock]) => {
    const own = outcomes.get(model.id) ?? new Map<string, number>();
    outcomes.set(model.id, own);
    const isKnown = (id: string) => outcomes.has(id);
    return (counts: ReadonlyMap<string, number>, records: ReadonlyArray<LogRecord>, events: ReadonlyArray<Event>) => {
      for (const [outcome, count] of counts) addTo(own, outcome, count);
      if (isServing()) {
        for (const { eventType, itemId, recommendationId = "" } of events) {
          attributed.acted(eventType, itemId, readRecommendationId(recommendationId), isKnown);
        }
        const now = clock.unsafeCurrentTimeMillis() / 1000;
        for (const { appendedAt } of records) if (appendedAt > 0) measured.freshness.update(now - appendedAt);
      }
    };
  });

/**
 * Applies events to `model`, whose items are `catalogue`, until the scope closes; fails when a partition cannot go on. Every
 * model that is followed has each event: what came of answers is counted by the one that serves.
 */
export const followWith = (model: Model, catalogue: ModelItems, isServing: () => boolean = () => false) =>
  Effect.gen(function* () {
    const { debounce } = yield* values(learning);
    const settings = yield* values(runtime);
    const asking = yield* Effect.makeSemaphore(1);
    const context = yield* Effect.context<EventLog | UserStates | Forgotten>();
    const { learner, types } = yield* (yield* configuredLearner)(catalogue, model);
    const processing = yield* updater({
      model: model.id,
      group: updaterGroup(model.id),
      items: catalogue,
      types,
      find: (yield* Catalogue).find,
      learner,
      debounceSeconds: Duration.toSeconds(debounce),
      halfLife: model.halfLifeSeconds ?? formerHalfLife,
      // One partition after the other, so that what is new to the model is told once.
      standing: stand(model).pipe(Effect.provide(context), asking.withPermits(1)),
      onForget: (log, word) => Effect.provide(noteForgotten(log, word), context),
      onBatch: yield* counting(model, isServing),
    });
    return yield* supervise({ group: updaterGroup(model.id), start: () => 0n, processing, settings });
  });

/** As `followWith`, with the items that the index has; fails when it does not answer. */
export const followModel = (model: Model) =>
  Effect.flatMap(ItemIndex, (items) =>
    Effect.flatMap(items.items(model.id), (catalogue) => followWith(model, catalogue)),
  );

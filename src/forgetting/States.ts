/** States: what the models hold of a user who is forgotten, and whether each has come to the word that says so. */
import { Effect } from "effect";
import { slotOf } from "../domain/AppliedLogs.ts";
import { snapshotOffsets } from "../domain/Model.ts";
import { type Place, slotAt } from "../models/ForgetWord.ts";
import { EventLog } from "../ports/EventLog.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { UserStates } from "../ports/UserStates.ts";

/** The models that may hold the user: those that were loaded, and not made of data that the user had left already. */
const holders = (place: Place) =>
  Effect.map(
    Effect.flatMap(ModelRegistry, (registry) => registry.state),
    ({ models }) =>
      models.filter(
        (model) =>
          model.status !== "trained" &&
          (snapshotOffsets(model, place.log).named.get(place.partition) ?? 0n) <= place.offset,
      ),
  );

/** Whether every model that is kept up to date has applied the word. One of a log that is no more cannot be. */
export const isApplied = (place: Place) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const identity = yield* Effect.flatMap(EventLog, (log) => log.identity);
    if (identity !== place.log) return true;
    for (const model of yield* holders(place)) {
      if (model.status !== "live") continue;
      const slot = yield* slotAt(model, place);
      const position = slot === undefined ? undefined : yield* states.position(model.id, slot);
      if ((position ?? 0n) <= place.offset) return false;
    }
    return true;
  });

/** Removes the user from every model that holds them, whether it is kept up to date or not. */
export const emptyStates = (place: Place, userId: string) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    for (const model of yield* holders(place)) {
      const slot = yield* slotAt(model, place);
      // Of a model that has applied nothing of the log, any slot is as good.
      yield* states.forget(model.id, userId, { slot: slot ?? slotOf(0, place.partition), next: place.offset + 1n });
    }
  });

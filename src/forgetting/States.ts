/** States: what the models hold of a user who is forgotten, and whether each has come to the word that says so. */
import { Effect, Either } from "effect";
import { numberOf, slotOf } from "../domain/AppliedLogs.ts";
import { decodeRecord } from "../domain/EventCodec.ts";
import { isForget } from "../domain/Forget.ts";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { type Model, snapshotOffsets } from "../domain/Model.ts";
import { EventLog } from "../ports/EventLog.ts";
import { Forgotten } from "../ports/Forgotten.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { UserStates } from "../ports/UserStates.ts";

export type Place = NonNullable<Tombstone["place"]>;

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

/** The slot of the word at the model, where it has applied something of that log. */
const slotAt = (model: Model, { log, partition }: Place) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const number = numberOf((yield* states.logs(model.id)) ?? [], log);
    return number === undefined ? undefined : slotOf(number, partition);
  });

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

/** Whom the word in the log names; undefined where the log has it no more. */
export const userAt = ({ hash, place }: Tombstone) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    if (place === undefined || place.log !== (yield* log.identity)) return undefined;
    const [record] = yield* log.read(place.partition, place.offset, 1);
    if (record === undefined || record.offset !== place.offset) return undefined;
    const found = Either.getOrUndefined(decodeRecord(record.value, ""));
    const salt = yield* Effect.flatMap(Forgotten, (forgotten) => forgotten.salt);
    return found !== undefined && isForget(found) && saltedHash(salt, found.userId) === hash ? found.userId : undefined;
  });

/** ForgetWord: the word in the log by which a user is forgotten: whom it names, where a model stands to it, and what it leaves. */
import { Effect, Either } from "effect";
import { numberOf, slotOf } from "../domain/AppliedLogs.ts";
import { decodeRecord } from "../domain/EventCodec.ts";
import { isForget } from "../domain/Forget.ts";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { type Model, snapshotOffsets } from "../domain/Model.ts";
import { EventLog } from "../ports/EventLog.ts";
import { Forgotten } from "../ports/Forgotten.ts";
import { UserStates } from "../ports/UserStates.ts";

export type Place = NonNullable<Tombstone["place"]>;

/** The slot of the word at the model, where it has applied something of that log. */
export const slotAt = (model: Model, { log, partition }: Place) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const number = numberOf((yield* states.logs(model.id)) ?? [], log);
    return number === undefined ? undefined : slotOf(number, partition);
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

/**
 * Of a model that has caught up: removes what the replay left of whoever was forgotten since its snapshot. Events of before the word made
 * such a user anew, and the word emptied the state, whose key still has the id.
 */
export const forgetCaughtUp = (model: Model) =>
  Effect.gen(function* () {
    const tombstones = yield* Effect.flatMap(Forgotten, ({ all }) => all);
    const states = yield* UserStates;
    for (const tombstone of tombstones) {
      const { place } = tombstone;
      if (place === undefined) continue;
      if ((snapshotOffsets(model, place.log).named.get(place.partition) ?? 0n) > place.offset) continue;
      const userId = yield* userAt(tombstone);
      const slot = yield* slotAt(model, place);
      if (userId === undefined || slot === undefined) continue;
      yield* states.forget(model.id, userId, { slot, next: place.offset + 1n });
    }
  });

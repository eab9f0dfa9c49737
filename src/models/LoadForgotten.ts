/**
 * LoadForgotten: a model that is loaded after a user was forgotten, and was made of what that user did before, forgets at once: the
 * event log may have the word no more. Ids are looked at only where somebody is forgotten.
 */
import { Effect } from "effect";
import { slotOf } from "../domain/AppliedLogs.ts";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { type Model, snapshotOffsets } from "../domain/Model.ts";
import { Forgotten } from "../ports/Forgotten.ts";
import { UserStates } from "../ports/UserStates.ts";

type Placed = Tombstone & { readonly place: NonNullable<Tombstone["place"]> };

/** `note` is told of the ids that are loaded; `forget` removes those of them who are forgotten. */
export const forgettingLoaded = (model: Model) =>
  Effect.gen(function* () {
    const { all, salt: itsSalt } = yield* Forgotten;
    const tombstones = (yield* all).filter(
      (tombstone): tombstone is Placed =>
        tombstone.place !== undefined &&
        (snapshotOffsets(model, tombstone.place.log).named.get(tombstone.place.partition) ?? 0n) <=
          tombstone.place.offset,
    );
    const byHash = new Map(tombstones.map((tombstone) => [tombstone.hash, tombstone]));
    const salt = tombstones.length === 0 ? "" : yield* itsSalt;
    const found = new Map<string, Placed>();
    return {
      note: (ids: ReadonlyArray<string>): void => {
        if (byHash.size === 0) return;
        for (const id of ids) {
          const tombstone = byHash.get(saltedHash(salt, id));
          if (tombstone !== undefined) found.set(id, tombstone);
        }
      },
      // It has applied nothing yet, so any slot is as good.
      forget: Effect.flatMap(UserStates, (states) =>
        Effect.forEach(
          found,
          ([id, { place }]) =>
            states.forget(model.id, id, { slot: slotOf(0, place.partition), next: place.offset + 1n }),
          { discard: true },
        ),
      ),
    };
  });

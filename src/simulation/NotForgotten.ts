/**
 * NotForgotten: which drafts may be sent: none of whoever is forgotten, from the moment at which it is said. Of a history, what
 * happened after the word stays: they had come back.
 */
import { Effect } from "effect";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { Forgotten, type ForgottenError } from "../ports/Forgotten.ts";
import type { Draft } from "./Draft.ts";

/** By id, the tombstones of those of them who are forgotten. */
type Find = (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Tombstone>, ForgottenError>;

/** Of some drafts, those that may be sent. */
export type MaySend = (drafts: ReadonlyArray<Draft>) => Effect.Effect<ReadonlySet<Draft>, ForgottenError>;

const maySend =
  (find: Find): MaySend =>
  (drafts) =>
    Effect.map(
      find([...new Set(drafts.map(({ userId }) => userId))]),
      (gone) =>
        new Set(
          drafts.filter(({ timestamp, userId }) => {
            const tombstone = gone.get(userId);
            return tombstone === undefined || (timestamp !== undefined && timestamp > tombstone.forgottenAt);
          }),
        ),
    );

/** Questions at a time to a store that is elsewhere. */
const atOnce = 64;

/** Asks the store for each shopper of each batch: nobody acts on for a moment. */
export const askedEach: Effect.Effect<MaySend, never, Forgotten> = Effect.map(Forgotten, ({ find, salt }) =>
  maySend((ids) =>
    Effect.flatMap(salt, (itsSalt) =>
      Effect.forEach(ids, (id) => find(saltedHash(itsSalt, id)), { concurrency: atOnce }),
    ).pipe(
      Effect.map((found) => new Map(found.flatMap((one, at) => (one === undefined ? [] : [[ids[at]!, one] as const])))),
    ),
  ),
);

/** Asks the store who is forgotten at most once a second, for a store that is opened for each question. */
export const askedEverySecond: Effect.Effect<MaySend, never, Forgotten> = Effect.gen(function* () {
  const { all, salt } = yield* Forgotten;
  const known = yield* Effect.cachedWithTTL(all, "1 second");
  const itsSalt = yield* Effect.cached(salt);
  return maySend((ids) =>
    Effect.gen(function* () {
      const tombstones = new Map((yield* known).map((one) => [one.hash, one]));
      if (tombstones.size === 0) return new Map();
      const kept = yield* itsSalt;
      return new Map(
        ids.flatMap((id) => {
          const one = tombstones.get(saltedHash(kept, id));
          return one === undefined ? [] : [[id, one] as const];
        }),
      );
    }),
  );
});

/** Letters: dead letters of whoever is forgotten, from before the word, which are neither kept nor replayed. */
import { Effect } from "effect";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { DeadLetters, type KeptLetter } from "../ports/DeadLetters.ts";
import { Forgotten } from "../ports/Forgotten.ts";

/** More letters than there are. */
const everything = 2 ** 31 - 1;
const decoder = new TextDecoder();

/** Whom a record names that may be no event, if it is JSON at all. */
const userIn = (value: Uint8Array): string | undefined => {
  try {
    const fields: unknown = JSON.parse(decoder.decode(value));
    const user = typeof fields === "object" && fields !== null ? (fields as { user_id?: unknown }).user_id : undefined;
    return typeof user === "string" ? user : undefined;
  } catch {
    return undefined;
  }
};

/** Whether what the log took then and there is of before the word. */
export const isBefore = (
  { appendedAt, log, offset, partition }: Pick<KeptLetter, "appendedAt" | "log" | "offset" | "partition">,
  { forgottenAt, place }: Tombstone,
): boolean =>
  place !== undefined && place.log === log && place.partition === partition
    ? offset < place.offset
    : appendedAt <= forgottenAt;

/** Those that are about the user, and not of before what the tombstone says. */
export const lettersOf = (
  letters: ReadonlyArray<KeptLetter>,
  userId: string,
  tombstone: Tombstone | undefined,
): ReadonlyArray<KeptLetter> =>
  letters.filter(
    (letter) => userIn(letter.value) === userId && (tombstone === undefined || !isBefore(letter, tombstone)),
  );

/** Which letters are of before what one of the tombstones says. */
const forgottenBy = (tombstones: ReadonlyArray<Tombstone>) =>
  Effect.gen(function* () {
    if (tombstones.length === 0) return () => false;
    const salt = yield* Effect.flatMap(Forgotten, (forgotten) => forgotten.salt);
    const byHash = new Map(tombstones.map((tombstone) => [tombstone.hash, tombstone]));
    return (letter: KeptLetter): boolean => {
      const user = userIn(letter.value);
      const tombstone = user === undefined ? undefined : byHash.get(saltedHash(salt, user));
      return tombstone !== undefined && isBefore(letter, tombstone);
    };
  });

/** All that are kept but those of whoever is forgotten, which are there until they are removed. */
export const tellableLetters = Effect.gen(function* () {
  const letters = yield* Effect.flatMap(DeadLetters, ({ list }) => list(everything));
  const isForgotten = yield* forgottenBy(yield* Effect.flatMap(Forgotten, ({ all }) => all));
  return letters.filter((letter) => !isForgotten(letter));
});

/** Answers how many there were. Those that are no JSON name nobody whom this could find: retention removes them. */
export const removeLetters = (tombstones: ReadonlyArray<Tombstone>) =>
  Effect.gen(function* () {
    if (tombstones.length === 0) return 0;
    const letters = yield* DeadLetters;
    const gone = (yield* letters.list(everything)).filter(yield* forgottenBy(tombstones));
    if (gone.length > 0) yield* letters.drop(gone);
    return gone.length;
  });

/** As `removeLetters`, of everybody who is forgotten. */
export const removeAllLetters = Effect.flatMap(Forgotten, ({ all }) => Effect.flatMap(all, removeLetters));

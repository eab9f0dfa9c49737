/** NoteForgotten: what the log says of who is forgotten, kept as a tombstone, whoever wrote it there. */
import { Effect } from "effect";
import type { Forget } from "../domain/Forget.ts";
import { placedAt, saltedHash } from "../domain/Forgotten.ts";
import { Forgotten, type ForgottenError } from "../ports/Forgotten.ts";

/** A word that forgets a user, where it stands and when (unix seconds) the log took it. */
export interface PlacedForget {
  readonly word: Forget;
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
}

/** `log`: its identity. One that is known changes nothing. */
export const noteForgotten = (
  log: string,
  { appendedAt, offset, partition, word }: PlacedForget,
): Effect.Effect<void, ForgottenError, Forgotten> =>
  Effect.gen(function* () {
    const { change, find, salt } = yield* Forgotten;
    const hash = saltedHash(yield* salt, word.userId);
    const place = { log, partition, offset };
    const at = appendedAt > 0 ? appendedAt : word.timestamp;
    const before = yield* find(hash);
    if (before !== undefined && placedAt(before, hash, at, place) === before) return;
    yield* change(hash, (now) => placedAt(now, hash, at, place));
  });

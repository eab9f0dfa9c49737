/**
 * Forget: the word that a user is to be forgotten, into the event log, and its effect at once.
 *
 * The tombstone is kept before the word is written: should this end in between, what is known to be asked for is forgotten by
 * the next batch, and asking again does the rest. Models that are kept up to date come to the word in the log's order; those that
 * are not are emptied here, as is what the others hold from before they come to it.
 */
import { Clock, type Duration, Effect, Schedule } from "effect";
import { encodeForget } from "../domain/Forget.ts";
import { forgottenAgain, placedAt, saltedHash, type Tombstone, withStep } from "../domain/Forgotten.ts";
import type { Place } from "../models/ForgetWord.ts";
import { EventLog } from "../ports/EventLog.ts";
import { Forgotten } from "../ports/Forgotten.ts";
import { emptyStates, isApplied } from "./States.ts";

const now = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000);

/** Once every model that is kept up to date has applied the word, or when the wait is over: whether they have. */
const applied = (place: Place, wait: Duration.Duration) =>
  isApplied(place).pipe(
    Effect.repeat({ until: (done) => done, schedule: Schedule.spaced("10 millis") }),
    Effect.timeoutTo({ duration: wait, onTimeout: () => false, onSuccess: () => true }),
  );

/** Durable, and done to the models' states as far as it can be within the wait, when it answers. May be asked again at any time. */
export const forgetUser = (userId: string, wait: Duration.Duration) =>
  Effect.gen(function* () {
    const { change, salt } = yield* Forgotten;
    const log = yield* EventLog;
    const hash = saltedHash(yield* salt, userId);
    const asked = yield* now;
    yield* change(hash, () => forgottenAgain(hash, asked));
    const word = encodeForget({ eventId: crypto.randomUUID(), userId, timestamp: asked });
    const identity = yield* log.identity;
    const [position] = yield* log.append([{ key: userId, value: word }]);
    const place: Place = { log: identity, ...position };
    const placed = yield* change(hash, (before) => placedAt(before, hash, asked, place));
    const isDone = yield* applied(place, wait);
    yield* emptyStates(place, userId);
    const done = yield* now;
    const tombstone: Tombstone = isDone
      ? yield* change(hash, (before) =>
          before?.place?.offset === place.offset ? withStep(before, "states", done) : (before ?? placed),
        )
      : placed;
    return tombstone;
  });

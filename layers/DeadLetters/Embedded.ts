/**
 * DeadLetters in the embedded store: keyed by consumer, partition and offset, so that a redelivery finds its letter there.
 * What is beyond the size goes with the append that makes it so, what is too old within minutes.
 */
import { Clock, type ConfigError, Duration, Effect, Layer, Schedule } from "effect";
import { values } from "../../src/config/Setting.ts";
import { DeadLetters, DeadLettersError, type DeadLettersService } from "../../src/ports/DeadLetters.ts";
import { Store } from "../engines/lmdb/Store.ts";
import { makeShelf } from "./embedded/Shelf.ts";
import { deadLetters } from "./Settings.ts";

/** Letters changed or deleted per transaction: a few milliseconds of the event loop. */
const slice = 1000;

const failed = (operation: DeadLettersError["operation"]) => (error: { readonly message: string }) =>
  new DeadLettersError({ operation, message: error.message, cause: error });

const slices = <A>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / slice) }, (_, i) => all.slice(i * slice, (i + 1) * slice));

const make = Effect.gen(function* () {
  const store = yield* Store;
  const { maxBytes, retention } = yield* values(deadLetters);
  const shelf = makeShelf(store);
  const now = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000);
  const bytes = maxBytes === 0 ? Number.POSITIVE_INFINITY : maxBytes;
  const age = Duration.toSeconds(retention);
  const limits = (time: number) => ({ bytes, cutoff: age === 0 ? Number.NEGATIVE_INFINITY : time - age });

  yield* Effect.flatMap(now, (time) => store.write(() => shelf.adopt(time))).pipe(Effect.mapError(failed("append")));

  const trimSlice = Effect.flatMap(now, (time) => store.write(() => shelf.trim(limits(time), slice)));
  const trim = Effect.iterate(
    { total: 0, last: slice },
    {
      while: ({ last }) => last === slice,
      body: ({ total }) => Effect.map(trimSlice, (last) => ({ total: total + last, last })),
    },
  );
  /** Ends with the scope. */
  yield* trim.pipe(
    Effect.tap(({ total }) =>
      total > 0
        ? Effect.logInfo(`Deleted ${total} dead letters beyond DEAD_LETTER_RETENTION or DEAD_LETTER_MAX_BYTES`)
        : Effect.void,
    ),
    Effect.catchAll((error) => Effect.logWarning(`Deleting old dead letters failed: ${error.message}`)),
    Effect.schedule(Schedule.jittered(Schedule.spaced("5 minutes"))),
    Effect.forkScoped,
  );

  const service: DeadLettersService = {
    append: (letters) =>
      letters.length === 0
        ? Effect.void
        : Effect.flatMap(now, (time) =>
            store.write(() => {
              for (const letter of letters) shelf.add(letter, time);
              shelf.trim({ bytes, cutoff: Number.NEGATIVE_INFINITY }, 2 * letters.length);
            }),
          ).pipe(Effect.mapError(failed("append"))),
    list: (limit) => store.read(() => shelf.list(limit)).pipe(Effect.mapError(failed("list"))),
    mark: (letters, mark) =>
      Effect.forEach(
        slices(letters),
        (some) =>
          store.write(() => {
            for (const letter of some) shelf.mark(letter, mark);
          }),
        { discard: true },
      ).pipe(Effect.mapError(failed("mark"))),
    drop: (letters) =>
      Effect.forEach(
        slices(letters),
        (some) =>
          store.write(() => {
            for (const letter of some) shelf.drop(letter);
          }),
        { discard: true },
      ).pipe(Effect.mapError(failed("drop"))),
    stats: store.read(shelf.stats).pipe(Effect.mapError(failed("stats"))),
  };
  return service;
});

export const layer: Layer.Layer<DeadLetters, DeadLettersError | ConfigError.ConfigError, Store> = Layer.scoped(
  DeadLetters,
  make,
);

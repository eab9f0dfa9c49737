/**
 * Applied: waits until the serving model has applied the events that a token names.
 *
 * One fiber watches for all who wait: every few milliseconds it reads each position that somebody waits for, once, and
 * tells everybody. Whoever asks for what is known to be applied, or for what the log has never given out, does not wait.
 */
import { type Cause, Deferred, Effect, Exit, FiberId, Option } from "effect";
import { numberOf, slotOf } from "../domain/AppliedLogs.ts";
import { EventLog, type Position } from "../ports/EventLog.ts";
import { UserStates } from "../ports/UserStates.ts";
import { addTo } from "../vitals/Vitals.ts";
import { InvalidInput, NotNow } from "./Errors.ts";
import { shown } from "./FieldError.ts";
import { type Serving, ServingModel } from "./ServingModel.ts";
import { waiting } from "./Settings.ts";
import { encodeToken, type LogPositions } from "./Token.ts";

/** The model that has applied the positions, once one has; undefined for another log's, or when WAIT_AFTER is over. */
export type Applied = (after: LogPositions) => Effect.Effect<Serving | undefined, InvalidInput | NotNow>;

interface Waiter {
  readonly positions: ReadonlyArray<Position>;
  /** How many of them are known to be applied, from the first on. */
  met: number;
  readonly applied: Deferred.Deferred<Serving>;
}

const pollEvery = "5 millis";

/** `self` for many at once: each gets a run that began after it asked, and one runs at a time. */
const shared = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const turns = Effect.unsafeMakeSemaphore(1);
  let begun = 0;
  let last: Effect.Effect<A, E> | undefined;
  const run = Effect.suspend(() => {
    begun += 1;
    last = undefined;
    return Effect.onExit(self, (exit) =>
      Effect.sync(() => {
        last = Exit.isInterrupted(exit) ? undefined : exit;
      }),
    );
  });
  return Effect.suspend(() => {
    const wanted = begun + 1;
    return turns.withPermits(1)(Effect.suspend(() => (begun >= wanted && last !== undefined ? last : run)));
  });
};

export const makeApplied = Effect.gen(function* () {
  const waitAfter = yield* waiting.waitAfter.config;
  const maxWaiters = yield* waiting.maxWaiters.config;
  const servingModel = yield* ServingModel;
  const users = yield* UserStates;
  const log = yield* EventLog;

  const waiters = new Set<Waiter>();
  /** How many wait for each partition. */
  const wanted = new Map<number, number>();
  const someoneWaits = Effect.unsafeMakeLatch(false);
  /** Of the log; undefined until it has told. */
  let identity: string | undefined;
  let ends: ReadonlyArray<bigint> = [];
  /** The log's number at `model`, and what that has applied of it, as far as read: positions only grow. */
  let model: string | undefined;
  let number: number | undefined;
  const next = new Map<number, bigint>();

  /** The first of the positions, not before `from`, that is not known to be applied. */
  const firstUnmet = (positions: ReadonlyArray<Position>, from: number): number => {
    let at = from;
    while (at < positions.length && (next.get(positions[at].partition) ?? 0n) > positions[at].offset) at += 1;
    return at;
  };

  const readNumber = (model: string) =>
    Effect.map(Effect.option(users.logs(model)), (logs) =>
      identity === undefined ? undefined : numberOf(Option.getOrUndefined(logs) ?? [], identity),
    );

  const read = (model: string, number: number, partition: number) =>
    Effect.map(Effect.option(users.position(model, slotOf(number, partition))), (found) => {
      const position = Option.getOrUndefined(found);
      if (position !== undefined) next.set(partition, position);
    });

  const look = Effect.gen(function* () {
    const serving = yield* servingModel.current;
    if (serving?.model !== model) {
      // What one model has applied says nothing of another.
      model = serving?.model;
      number = undefined;
      next.clear();
      for (const waiter of waiters) waiter.met = 0;
    }
    if (serving === undefined) return;
    number ??= yield* readNumber(serving.model);
    const known = number;
    if (known === undefined) return;
    yield* Effect.forEach([...wanted.keys()], (partition) => read(serving.model, known, partition), {
      concurrency: 8,
      discard: true,
    });
    for (const waiter of waiters) {
      waiter.met = firstUnmet(waiter.positions, waiter.met);
      if (waiter.met === waiter.positions.length) Deferred.unsafeDone(waiter.applied, Effect.succeed(serving));
    }
  });

  const tellAll = (cause: Cause.Cause<never>) =>
    Effect.sync(() => {
      for (const { applied } of waiters) Deferred.unsafeDone(applied, Effect.failCause(cause));
    });

  // Stopped by the layer's scope.
  const watch = Effect.forever(
    Effect.zipRight(
      someoneWaits.await,
      Effect.suspend(() => {
        if (waiters.size > 0) return Effect.zipRight(Effect.catchAllCause(look, tellAll), Effect.sleep(pollEvery));
        someoneWaits.unsafeClose();
        return Effect.void;
      }),
    ),
  );
  yield* Effect.forkScoped(watch);

  const join = (positions: ReadonlyArray<Position>) =>
    Effect.sync(() => {
      const waiter: Waiter = { positions, met: 0, applied: Deferred.unsafeMake(FiberId.none) };
      waiters.add(waiter);
      for (const { partition } of positions) addTo(wanted, partition, 1);
      someoneWaits.unsafeOpen();
      return waiter;
    });

  const leave = (waiter: Waiter) =>
    Effect.sync(() => {
      waiters.delete(waiter);
      for (const { partition } of waiter.positions) {
        addTo(wanted, partition, -1);
        if (wanted.get(partition) === 0) wanted.delete(partition);
      }
    });

  const exist = (positions: ReadonlyArray<Position>): boolean =>
    positions.every(({ offset, partition }) => offset < (ends[partition] ?? 0n));

  const newEnds = shared(
    Effect.map(log.endOffsets, (found) => {
      ends = found;
    }),
  );

  /** Fails for positions that the log has not given out. While it does not tell its end, they may exist. */
  const check = (after: LogPositions): Effect.Effect<void, InvalidInput> =>
    Effect.suspend(() =>
      exist(after.positions)
        ? Effect.void
        : Effect.matchEffect(newEnds, {
            onFailure: () => Effect.void,
            onSuccess: () => (exist(after.positions) ? Effect.void : Effect.fail(beyondTheEnd(after))),
          }),
    );

  const wait = (after: LogPositions) =>
    Effect.zipRight(
      check(after),
      Effect.suspend(() =>
        waiters.size < maxWaiters
          ? Effect.acquireUseRelease(join(after.positions), ({ applied }) => Deferred.await(applied), leave)
          : Effect.fail(crowded(maxWaiters)),
      ),
    );

  /** A log that cannot say which it is may be the one. */
  const isOfThisLog = (after: LogPositions) =>
    Effect.map(Effect.option(log.identity), (told) => {
      identity = Option.getOrElse(told, () => identity);
      return identity === undefined || identity === after.log;
    });

  const applied: Applied = (after) =>
    Effect.gen(function* () {
      if (!(yield* isOfThisLog(after))) return undefined;
      const serving = yield* servingModel.current;
      const isKnown = serving?.model === model && firstUnmet(after.positions, 0) === after.positions.length;
      return isKnown && serving !== undefined ? serving : yield* wait(after);
    }).pipe(Effect.timeoutOption(waitAfter), Effect.map(Option.getOrUndefined));
  return applied;
});

const beyondTheEnd = (after: LogPositions) =>
  new InvalidInput({
    message: "after: it names events that the event log has not taken.",
    errors: [
      {
        field: "after",
        value: shown(encodeToken(after)),
        detail: "send the token of an answer of POST /events, as it was given",
      },
    ],
  });

const crowded = (maxWaiters: number) =>
  new NotNow({
    message: `${maxWaiters} requests wait for events already (MAX_WAITERS): try again, or ask without after.`,
  });

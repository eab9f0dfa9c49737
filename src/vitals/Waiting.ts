/**
 * Waiting: what a role cannot go on without just now, or goes on without. Each store's outage is told once when it begins and once when it
 * ends, however many partitions wait for it and however often they try.
 */
import { Clock, Duration, Effect, Fiber, identity, Schedule } from "effect";
import { backOff } from "../ports/BackOff.ts";

export interface Outage {
  readonly store: string;
  readonly reason: string;
}

export interface Waiting {
  /** `party` waits for `store`; what it waited for before has answered it. */
  readonly begin: (party: string, outage: Outage) => Effect.Effect<void>;
  /** `party` waits no longer, since it was answered. */
  readonly end: (party: string) => Effect.Effect<void>;
  /** `party` is no more. */
  readonly leave: (party: string) => Effect.Effect<void>;
  /** `store` answers, whoever asked: its outage is over, unless somebody was told of it after `time`, in milliseconds of the clock. */
  readonly answers: (store: string, time: number) => Effect.Effect<void>;
  readonly outages: () => ReadonlyArray<Outage>;
  /** Whether there are any. */
  readonly isAway: () => boolean;
  /** Returns while there are any. */
  readonly awaitAway: Effect.Effect<void>;
  /** Whether it is one of them that `party` was last told of. */
  readonly isOut: (party: string) => boolean;
  /** Parties whose store is asked whether it is back. */
  readonly probing: Set<string>;
}

interface Known extends Outage {
  readonly since: number;
  /** When somebody was last told of it. */
  readonly last: number;
  readonly parties: Set<string>;
}

const stores: Readonly<Record<string, string>> = {
  EventLogError: "event log",
  DeadLettersError: "dead letters",
  UserStatesError: "user states",
  ItemIndexError: "item vectors",
  ModelRegistryError: "model registry",
  PopularError: "best sellers",
  CatalogueError: "catalogue",
  ForgottenError: "who is forgotten",
  TableError: "tables",
  MicroBatchesError: "Spark",
};

/** That a store does not answer, and which: of an error of a port. */
export const unanswered = (error: { readonly _tag: string }): string => {
  const store = stores[error._tag];
  return `a store that is needed does not answer${store === undefined ? "" : ` (${store})`}`;
};

/** The store that an error of a port speaks of. */
export const outageOf = (error: { readonly _tag: string; readonly message: string }): Outage => ({
  store: stores[error._tag] ?? error._tag,
  reason: error.message,
});

/** `verb` is what the role does in an outage: it waits, if nothing else. */
export const makeWaiting = (role: string, verb = "waits"): Waiting => {
  const known = new Map<string, Known>();
  const away = Effect.unsafeMakeLatch();

  const remove = (store: string): boolean => {
    const was = known.delete(store);
    if (known.size === 0) away.unsafeClose();
    return was;
  };

  /** Takes the party from every outage but that of `except`; answers those that are over. */
  const take = (party: string, except?: string): ReadonlyArray<Known> => {
    const over = [...known.values()].filter(
      ({ parties, store }) => store !== except && parties.delete(party) && parties.size === 0,
    );
    for (const { store } of over) remove(store);
    return over;
  };

  const tell = (over: () => ReadonlyArray<Known>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.forEach(
        over(),
        ({ since, store }) => Effect.logInfo(`${role} goes on: ${store} back after ${Duration.format(now - since)}`),
        { discard: true },
      ),
    );

  const answered = (party: string, except?: string) => tell(() => take(party, except));

  return {
    begin: (party, { reason, store }) =>
      Effect.zipRight(
        answered(party, store),
        Effect.flatMap(Clock.currentTimeMillis, (last) => {
          const before = known.get(store);
          const parties = before?.parties ?? new Set();
          known.set(store, { store, reason, since: before?.since ?? last, last, parties: parties.add(party) });
          away.unsafeOpen();
          return before === undefined
            ? Effect.logWarning(`${role} ${verb}, ${store} away: ${reason}`)
            : Effect.logDebug(`${role} (${party}) still ${verb}, ${store} away: ${reason}`);
        }),
      ),
    end: (party) => (known.size === 0 ? Effect.void : answered(party)),
    leave: (party) => Effect.sync(() => void take(party)),
    answers: (store, time) =>
      tell(() => {
        const over = known.get(store);
        return over !== undefined && over.last <= time && remove(store) ? [over] : [];
      }),
    outages: () => [...known.values()].map(({ reason, store }) => ({ store, reason })),
    isAway: () => known.size > 0,
    awaitAway: away.await,
    isOut: (party) => [...known.values()].some(({ parties }) => parties.has(party)),
    probing: new Set(),
  };
};

/** How long an answer waits for a store while one is away: one that is there answers in a few milliseconds. */
const whileAway = "300 millis";

/**
 * `self`, or `fallback` where it fails. While a store is away nobody waits long for any, and of a party that it is away for one asks at
 * a time; what is asked goes on until it has an answer, so that the store's return is noticed.
 */
export const orElse = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  waiting: Waiting,
  party: string,
  self: Effect.Effect<A, E, R>,
  fallback: A,
): Effect.Effect<A, never, R> =>
  Effect.suspend(() => {
    const asked = Effect.matchEffect(self, {
      onFailure: (error) => Effect.as(waiting.begin(party, outageOf(error)), fallback),
      onSuccess: (value) => (waiting.isAway() ? Effect.as(waiting.end(party), value) : Effect.succeed(value)),
    });
    if (!waiting.isAway()) return asked;
    if (waiting.probing.has(party)) return Effect.succeed(fallback);
    const isProbe = waiting.isOut(party);
    const going = Effect.ensuring(
      asked,
      Effect.sync(() => isProbe && waiting.probing.delete(party)),
    );
    return Effect.uninterruptibleMask((restore) => {
      if (isProbe) waiting.probing.add(party);
      return Effect.flatMap(Effect.forkDaemon(Effect.interruptible(going)), (fiber) =>
        restore(
          Effect.timeoutTo(Fiber.join(fiber), { duration: whileAway, onSuccess: identity, onTimeout: () => fallback }),
        ),
      );
    });
  });

/** For as long as it takes, from the start again after half a minute without a failure. */
const patience = Schedule.resetAfter(backOff("100 millis", "10 seconds"), "30 seconds");

/** `self`, tried again for as long as it fails with what passes by itself. */
export const patiently = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  waiting: Waiting,
  party: string,
  passes: (error: E) => boolean,
  self: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  self.pipe(
    Effect.tapError((error) => (passes(error) ? waiting.begin(party, outageOf(error)) : Effect.void)),
    Effect.retry({ schedule: patience, while: passes }),
    Effect.zipLeft(Effect.suspend(() => waiting.end(party))),
    Effect.ensuring(waiting.leave(party)),
  );

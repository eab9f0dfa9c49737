/**
 * Beside: parts of batches answered by other processes beside this one, so that batches take as many cores as there are. A part is
 * answered there or, where no process has room, is ready, may answer it (`Messages.ts`) or does so in time, here, as without them.
 *
 * Processes are started once many users are asked for within a short time, and end when nobody asks any more. None is started for a
 * catalogue of more than `mostItems`, which each would hold in memory once more.
 */
import { availableParallelism } from "node:os";
import { Context, Deferred, Effect, FiberId, FiberMap, Layer, Option, Schedule } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { Answerers } from "../../ports/Answerers.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import type { Serving } from "../ServingModel.ts";
import { beside } from "../Settings.ts";
import { type Member, makeMember, type Part, type Sent, underWay } from "./Member.ts";
import type { Ask, Said } from "./Messages.ts";
import { makeTurns, type Own, type Waiter } from "./Turns.ts";

export const mostItems = 200_000;
/** So many users in so long a time, and processes are started; so long without any, and they end. */
const manyUsers = 2_000;
const withinMillis = 10_000;
const idleMillis = 180_000;
/** One that has failed is not started again for so long. */
const restMillis = 60_000;
/** A part takes some ten milliseconds elsewhere: after so long it is answered here, too, and after so much longer the process is ended. */
const patience = "250 millis";
const silence = "10 seconds";

/**
 * The answers to a part, as `Messages.ts` has them. `here` makes the same in this process, one part of the batch at a time. Undefined:
 * here it is.
 */
export type AnswerPart = <E>(
  part: Part | undefined,
  here: Effect.Effect<Uint8Array, E>,
) => Effect.Effect<Uint8Array, E>;

export interface BesideService {
  /**
   * Parts of a batch to be asked for at a time: 1 where this process is alone. One more for each who answers than all have: answers keep
   * their order, and who is ready before the others has the next.
   */
  readonly atOnce: number;
  /** For one batch. */
  readonly batch: () => AnswerPart;
  /** Processes that answer parts now. */
  readonly ready: () => number;
}

const make = Effect.gen(function* () {
  const answerers = yield* Answerers;
  const live = yield* LiveCatalogue;
  const vitals = yield* Vitals;
  const clock = yield* Effect.clock;
  const wanted = (yield* beside.processes.config) ?? Math.min(4, availableParallelism() - 1);
  const most = answerers.canStart ? wanted : 0;
  const members = new Map<number, Member>();
  const scope = yield* Effect.scope;
  const fibers = yield* FiberMap.make<number>();
  const turns = makeTurns<Sent>(() => members.values());
  let asked = { since: 0, users: 0 };
  let usedAt = 0;
  let failedAt = Number.NEGATIVE_INFINITY;

  const tellEnd = (why: string) =>
    Effect.suspend(() => {
      failedAt = clock.unsafeCurrentTimeMillis();
      return Effect.logWarning(
        `a process that answers parts of batches has ended: ${why}; none is started for a minute, and those that are left answer`,
      );
    });

  const end = (place: number) => Effect.asVoid(Effect.forkIn(FiberMap.remove(fibers, place), scope));

  /** Ends with the process, or ends it. */
  const run = (place: number) =>
    Effect.gen(function* () {
      const answerer = yield* answerers.start<Ask, Said>();
      const member = makeMember({
        ...{ channel: answerer, live, vitals, settle: turns.settle },
        end: Effect.zipRight(tellEnd("it did not answer in time"), end(place)),
      });
      members.set(place, member);
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          members.delete(place);
          member.gone();
        }),
      );
      answerer.listen(member.hear);
      yield* Effect.forkScoped(
        Effect.zipRight(
          Deferred.await(member.ready),
          Effect.logInfo("a process answers parts of batches beside this one"),
        ),
      );
      return yield* answerer.ended;
    }).pipe(
      Effect.scoped,
      Effect.catchAll(({ message }) => Effect.succeed(message)),
      Effect.flatMap(tellEnd),
    );

  /** Sees to it that there are processes while many users are asked for. */
  const tend = (serving: Serving | undefined, users: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const now = clock.unsafeCurrentTimeMillis();
      if (now - asked.since > withinMillis) asked = { since: now, users: 0 };
      asked.users += users;
      usedAt = now;
      const isWanted = asked.users >= manyUsers && now - failedAt >= restMillis;
      const stale = [...members].find(([, member]) => member.isStale());
      if (stale !== undefined) return end(stale[0]);
      if (!isWanted || serving === undefined || serving.catalogue.size() > mostItems) return Effect.void;
      return Effect.forEach(
        Array.from({ length: most }, (_, place) => place),
        (place) => FiberMap.run(fibers, place, run(place), { onlyIfMissing: true }),
        { discard: true },
      );
    });

  const endIfSilent = (sent: Sent): Effect.Effect<void> =>
    Effect.flatMap(Effect.timeoutOption(Deferred.await(sent.reply), silence), (text) =>
      Option.isSome(text) ? Effect.void : sent.end,
    );

  const replyTo = (sent: Sent): Effect.Effect<Uint8Array | undefined> =>
    Effect.flatMap(Effect.timeoutOption(Deferred.await(sent.reply), patience), (text) =>
      Effect.gen(function* () {
        if (Option.isSome(text)) return text.value;
        const late = yield* Deferred.poll(sent.reply);
        if (Option.isSome(late)) return yield* late.value;
        sent.isTakenOver = true;
        yield* Effect.forkIn(endIfSilent(sent), scope);
        return undefined;
      }),
    );

  const endIdle = Effect.suspend(() =>
    clock.unsafeCurrentTimeMillis() - usedAt < idleMillis ? Effect.void : FiberMap.clear(fibers),
  );
  if (most > 0) yield* Effect.forkScoped(Effect.schedule(endIdle, Schedule.spaced("30 seconds")));

  const batch = (): AnswerPart => {
    const own: Own = { isBusy: false };

    /** `sent` undefined: here, in its turn. */
    const answered = <E>(sent: Sent | undefined, here: Effect.Effect<Uint8Array, E>): Effect.Effect<Uint8Array, E> =>
      Effect.uninterruptibleMask((restore) => {
        const turn = Deferred.unsafeMake<boolean>(FiberId.none);
        let isHere = false;
        const waiter: Waiter<Sent> = {
          own,
          part: sent,
          told: (by) => {
            isHere = by === "here";
            Deferred.unsafeDone(turn, Effect.succeed(isHere));
          },
        };
        turns.join(waiter);
        const inTurn = Effect.flatMap(Deferred.await(turn), (isHere) =>
          isHere || sent === undefined
            ? here
            : Effect.flatMap(replyTo(sent), (text) =>
                text === undefined ? answered(undefined, here) : Effect.succeed(text),
              ),
        );
        return Effect.ensuring(
          restore(inTurn),
          Effect.sync(() => {
            turns.leave(waiter);
            if (isHere) turns.answered(own);
          }),
        );
      });

    return (part, here) => {
      if (most === 0) return here;
      const users = part?.queries.length ?? 0;
      const isForOthers = part?.serving !== undefined && users > 0;
      return Effect.zipRight(
        tend(part?.serving, users),
        Effect.suspend(() =>
          answered(
            isForOthers
              ? { part, reply: Deferred.unsafeMake(FiberId.none), end: Effect.void, isTakenOver: false }
              : undefined,
            here,
          ),
        ),
      );
    };
  };

  return {
    atOnce: most === 0 ? 1 : 1 + underWay * most + (1 + most),
    batch,
    ready: () => [...members.values()].filter(({ isReady }) => isReady()).length,
  } satisfies BesideService as BesideService;
});

export class Beside extends Context.Tag("slipstream/Beside")<Beside, BesideService>() {
  static readonly layer = Layer.scoped(Beside, make);
}

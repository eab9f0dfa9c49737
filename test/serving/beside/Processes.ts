/** Processes of tests: what another would do, in this one, on a shop's ports; or nothing but what the test says. */
import { Deferred, Effect, Layer, Stream } from "effect";
import { Answerers, type Channel } from "../../../src/ports/Answerers.ts";
import { Catalogue } from "../../../src/ports/Catalogue.ts";
import { UserStates, UserStatesError } from "../../../src/ports/UserStates.ts";
import { answering, layer } from "../../../src/serving/beside/Answering.ts";
import type { Ask, Said } from "../../../src/serving/beside/Messages.ts";
import { settings } from "../../http/Served.ts";
import type { Shop } from "../Shop.ts";

/** Both ends of a channel that copies as the one between processes does. */
export const makeEnds = <A, B>() => {
  let [toOne, toOther]: [(message: B) => void, (message: A) => void] = [() => {}, () => {}];
  const one: Channel<A, B> = {
    send: (message) => void setImmediate(() => toOther(structuredClone(message))),
    listen: (take) => {
      toOne = take;
    },
  };
  const other: Channel<B, A> = {
    send: (message) => void setImmediate(() => toOne(structuredClone(message))),
    listen: (take) => {
      toOther = take;
    },
  };
  return { one, other };
};

/** Answers parts as a process does: over the shop's stores, which for it may lag behind or be away. */
export const answererOf = (shop: Shop, over: Record<string, string> = {}) => {
  /** Open: it learns of changes of items. */
  const learns = Effect.unsafeMakeLatch(true);
  const control = { isAway: false, said: [] as Array<Said> };
  const lagging = Layer.effect(
    Catalogue,
    Effect.map(Catalogue, (catalogue) => ({
      ...catalogue,
      pages: (after: number) => Stream.tap(catalogue.pages(after), () => learns.await),
    })),
  );
  const failing = Layer.effect(
    UserStates,
    Effect.map(UserStates, (users) => {
      const unlessAway = <A, E>(read: Effect.Effect<A, E>) =>
        Effect.suspend(
          (): Effect.Effect<A, E | UserStatesError> =>
            control.isAway ? new UserStatesError({ operation: "read", message: "the test says so" }) : read,
        );
      return {
        ...users,
        read: (model: string, ids: ReadonlyArray<string>) => unlessAway(users.read(model, ids)),
        readPacked: (model: string, ids: ReadonlyArray<string>) => unlessAway(users.readPacked(model, ids)),
      };
    }),
  );
  const ports = Layer.provideMerge(Layer.merge(lagging, failing), shop.layer);
  const answers = (channel: Channel<Said, Ask>) =>
    answering({
      ...channel,
      send: (said) => {
        control.said.push(said);
        channel.send(said);
      },
    }).pipe(Effect.provide(Layer.provide(layer, Layer.provide(Layer.merge(ports, settings(over)), settings(over)))));
  return { answers, control, learns };
};

/** Starts what `answers` says; a test may end it. */
export const answerersBy = (answers: (channel: Channel<Said, Ask>) => Effect.Effect<unknown>) => {
  const control = { started: 0, running: 0, end: (_: string): void => {} };
  const start = Effect.gen(function* () {
    control.started += 1;
    const { one, other } = makeEnds<Ask, Said>();
    const ended = yield* Deferred.make<string>();
    control.end = (why) => Deferred.unsafeDone(ended, Effect.succeed(why));
    control.running += 1;
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        control.running -= 1;
      }),
    );
    yield* Effect.forkScoped(answers(other));
    return { ...one, ended: Deferred.await(ended) };
  });
  return { control, layer: Layer.succeed(Answerers, { canStart: true, start: () => start as never }) };
};

/**
 * Answering: what a process does that answers parts of another's batches: one part at a time, by the same stages and the same gate, or
 * not at all (`Messages.ts` says when). It counts nothing and changes nothing but in its own memory.
 */
import { Context, Effect, Layer, Queue, Stream } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import type { Channel } from "../../ports/Answerers.ts";
import { UserStates } from "../../ports/UserStates.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { Many } from "../recommend/Many.ts";
import { lineText, userFieldsText } from "../recommend/ManyText.ts";
import type { RecommendQuery } from "../recommend/Query.ts";
import { Recommend } from "../recommend/Recommend.ts";
import { Shared } from "../recommend/Shared.ts";
import { makeTextBytes } from "../recommend/TextBytes.ts";
import { ServingModel } from "../ServingModel.ts";
import { makeNoting, type Noting } from "./Counted.ts";
import { type Ask, between, type Said } from "./Messages.ts";

/** More than are sent to one process before it has answered. */
const mostWaiting = 64;

/** Reads of users' states: how many were begun, and how many have succeeded. */
interface Reads {
  begun: number;
  succeeded: number;
}

class Watched extends Context.Tag("slipstream/beside/Watched")<
  Watched,
  { readonly reads: Reads; readonly noting: Noting }
>() {}

/** The texts of a part's answers, or why it is refused. */
const answer = Effect.fnUntraced(function* ({ change, isWorded, ks, lines, model, query, users }: Ask) {
  const { number } = yield* LiveCatalogue;
  const { answers } = yield* Many;
  const { waiting } = yield* Shared;
  const { noting, reads } = yield* Watched;
  const queries = users.map((user, i): RecommendQuery => ({ ...query, user, k: ks[i] ?? query.k }));
  const serving = yield* (yield* ServingModel).current;
  noting.take();
  if (serving?.model !== model) return { why: "another model serves here" };
  if (number() < change) return { why: "not all changes of items are known here yet" };
  if (waiting.isAway()) {
    // Asked for one, so that the store's return is noticed.
    yield* Effect.forkDaemon(Effect.ignore(answers(serving, queries.slice(0, 1), () => {})));
    return { why: "a store is away" };
  }
  const before = { ...reads };
  let isAway = false;
  const text = makeTextBytes();
  yield* answers(serving, queries, (answer, place) => {
    isAway ||= waiting.isAway();
    if (lines === undefined) text.add(`${place === 0 ? "" : between}${userFieldsText(answer, isWorded)}`);
    else text.add(`${lineText(lines[place] ?? 0, answer, isWorded)}\n`);
  });
  const lost = reads.begun - before.begun - (reads.succeeded - before.succeeded);
  if (isAway || waiting.isAway() || lost !== 0) return { why: "a store is away" };
  return { text: text.take(), counted: noting.take() };
});

/** Answers what comes, until interrupted. */
export const answering = (channel: Channel<Said, Ask>) =>
  Effect.gen(function* () {
    const asked = yield* Queue.bounded<Ask>(mostWaiting);
    channel.listen((ask) => {
      if (!Queue.unsafeOffer(asked, ask)) {
        channel.send({ _tag: "Refused", id: ask.id, why: "too many wait" });
      }
    });
    yield* (yield* LiveCatalogue).whenReady;
    const { changes } = yield* ServingModel;
    yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving !== undefined));
    channel.send({ _tag: "Ready" });
    return yield* Effect.forever(
      Effect.flatMap(Queue.take(asked), (ask) =>
        answer(ask).pipe(
          Effect.map(
            (made): Said =>
              "why" in made
                ? { _tag: "Refused", id: ask.id, why: made.why }
                : { _tag: "Answered", id: ask.id, ...made },
          ),
          // What is wrong with the query, or a fault of ours, is for the process that was asked to tell.
          Effect.catchAllCause(() =>
            Effect.succeed<Said>({ _tag: "Refused", id: ask.id, why: "the query has no answer here" }),
          ),
          Effect.map(channel.send),
        ),
      ),
    );
  });

const watched = Layer.sync(Watched, () => ({ reads: { begun: 0, succeeded: 0 }, noting: makeNoting() }));

const watchedStates = Layer.effect(
  UserStates,
  Effect.gen(function* () {
    const users = yield* UserStates;
    const { reads } = yield* Watched;
    const counted = <A, E>(read: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        reads.begun += 1;
        return Effect.tap(read, () =>
          Effect.sync(() => {
            reads.succeeded += 1;
          }),
        );
      });
    return {
      ...users,
      read: (model, ids) => counted(users.read(model, ids)),
      readPacked: (model, ids) => counted(users.readPacked(model, ids)),
      userIdsOf: (model, indices) => counted(users.userIdsOf(model, indices)),
    };
  }),
);

const notingVitals = Layer.effect(
  Vitals,
  Effect.map(Watched, ({ noting }) => noting.vitals),
);

/** What it answers by, over the ports. */
export const layer = Many.layer.pipe(
  Layer.provideMerge(Recommend.layer),
  Layer.provideMerge(Shared.layer),
  Layer.provideMerge(ServingModel.layer),
  Layer.provideMerge(LiveCatalogue.layer),
  Layer.provide(Layer.merge(watchedStates, notingVitals)),
  Layer.provideMerge(watched),
);

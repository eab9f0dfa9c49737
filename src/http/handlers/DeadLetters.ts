/**
 * DeadLetters: /dead-letters and below. One replay or drop at a time in this process, and each to its end, though its caller
 * goes away; of two in two processes each event counts once all the same.
 */
import { HttpApiBuilder } from "@effect/platform";
import { Effect, Fiber } from "effect";
import { findLetters } from "../../deadletters/Described.ts";
import { dropLetters } from "../../deadletters/Drop.ts";
import { ArchiveElsewhere } from "../../deadletters/GatherFacts.ts";
import { replayLetters } from "../../deadletters/Replay.ts";
import { unanswered } from "../../vitals/Waiting.ts";
import { Api } from "../Api.ts";
import { type Dropped, defaultLetters, type Letters, type Replayed } from "../api/DeadLetters.ts";
import { Conflict, Unavailable } from "../Problem.ts";
import { json } from "../Responses.ts";

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const unavailable =
  (what: string) =>
  (error: { readonly _tag: string }): Effect.Effect<never, Unavailable> => {
    const detail = `${what}: ${unanswered(error)}. Ask again.`;
    return Effect.zipRight(
      Effect.logWarning(`${what}: ${error instanceof Error ? error.message : String(error)}`),
      Effect.fail(new Unavailable({ detail })),
    );
  };

type Ports = Effect.Effect.Context<ReturnType<typeof replayLetters>>;

export const layer = HttpApiBuilder.group(Api, "deadLetters", (handlers) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Ports>();
    const scope = yield* Effect.scope;
    const turns = yield* Effect.makeSemaphore(1);
    const toItsEnd = <A, E>(work: Effect.Effect<A, E, Ports>) =>
      Effect.flatMap(Effect.forkIn(turns.withPermits(1)(Effect.provide(work, context)), scope), Fiber.join);
    return handlers
      .handle("deadLetters", ({ urlParams: { cursor, limit = defaultLetters, reason } }) =>
        findLetters({ reason, limit, cursor }).pipe(
          Effect.provide(context),
          Effect.catchAll(unavailable("The dead letters cannot be listed")),
          Effect.map(({ byReason, cursor, done, letters, total }) => {
            const answer: typeof Letters.Type = {
              ...{ total, by_reason: Object.fromEntries(byReason), done, letters, next_cursor: cursor ?? null },
            };
            return json(answer);
          }),
        ),
      )
      .handle("replayDeadLetters", ({ urlParams: { all = false, reason } }) =>
        toItsEnd(replayLetters({ reason, all })).pipe(
          Effect.catchAll(
            (error): Effect.Effect<never, Conflict | Unavailable> =>
              error instanceof ArchiveElsewhere
                ? Effect.fail(new Conflict({ detail: sentence(error.message) }))
                : unavailable("The dead letters cannot be replayed")(error),
          ),
          Effect.map(({ counted, replayed, unusable }) => {
            const stay = [...unusable].map(([why, events]) => ({ why, events }));
            const answer: typeof Replayed.Type = {
              ...{ replayed, counted, unusable: stay.sort((a, b) => b.events - a.events) },
            };
            return json(answer);
          }),
        ),
      )
      .handle("dropDeadLetters", ({ urlParams: { all = false, reason } }) =>
        toItsEnd(dropLetters({ reason, done: !all })).pipe(
          Effect.catchAll(unavailable("The dead letters cannot be dropped")),
          Effect.map((dropped) => {
            const answer: typeof Dropped.Type = { dropped };
            return json(answer);
          }),
        ),
      );
  }),
);

/** Forgetting: a user's wish to be forgotten, and how far it is. */
import { Clock, Context, Duration, Effect, Layer } from "effect";
import { eventLog, tableRetention } from "../config/Shared.ts";
import { type StepName, withStep } from "../domain/Forgotten.ts";
import { forgetUser } from "../forgetting/Forget.ts";
import { askForCompaction, goneFromLog } from "../forgetting/Freed.ts";
import { type Receipt, receiptOf } from "../forgetting/Receipt.ts";
import { emptyStates, isApplied } from "../forgetting/States.ts";
import { userAt } from "../models/ForgetWord.ts";
import type { EventLog } from "../ports/EventLog.ts";
import { Forgotten } from "../ports/Forgotten.ts";
import type { ModelRegistry } from "../ports/ModelRegistry.ts";
import { StoreFile } from "../ports/StoreFile.ts";
import type { UserStates } from "../ports/UserStates.ts";
import { unanswered } from "../vitals/Waiting.ts";
import { NotNow, UnknownIds } from "./Errors.ts";
import { shown } from "./FieldError.ts";
import { waiting } from "./Settings.ts";
import { makeNamed } from "./users/Named.ts";

export interface ForgettingService {
  /** Durable when it answers; by then nothing of the user is in an answer, unless the receipt says that models are behind. */
  readonly forget: (userId: string) => Effect.Effect<Receipt, NotNow>;
  readonly receipt: (id: string) => Effect.Effect<Receipt, UnknownIds | NotNow>;
}

const notNow =
  (what: string) =>
  (error: { readonly _tag: string; readonly message: string }): Effect.Effect<never, NotNow> =>
    Effect.zipRight(
      Effect.logWarning(`${what}: ${error.message}`),
      new NotNow({
        message: `This cannot be done just now: ${unanswered(error)}. Ask again: to forget a user twice does no harm.`,
      }),
    );

const make = Effect.gen(function* () {
  const context = yield* Effect.context<EventLog | Forgotten | ModelRegistry | StoreFile | UserStates>();
  const wait = yield* waiting.waitAfter.config;
  const retentions = { log: yield* eventLog.retention.config, tables: yield* tableRetention.config };
  const forgotten = yield* Forgotten;
  const named = yield* makeNamed;
  const { compactedAt, isEmbedded } = yield* StoreFile;
  const told = (tombstone: Parameters<typeof receiptOf>[0]) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis;
      return receiptOf(tombstone, retentions, { isEmbedded, compactedAt: yield* compactedAt }, now / 1000);
    });

  const forget: ForgettingService["forget"] = (userId) =>
    named(userId).pipe(
      Effect.flatMap((id) => forgetUser(id, wait)),
      Effect.flatMap(told),
      Effect.provide(context),
      Effect.catchAll(notNow("a user could not be forgotten just now")),
    );

  const receipt: ForgettingService["receipt"] = (id) =>
    Effect.gen(function* () {
      const found = yield* forgotten.find(id);
      if (found === undefined) {
        return yield* new UnknownIds({
          message: "There is no such receipt.",
          errors: [{ field: "receipt", value: shown(id), detail: "send what DELETE /users/{user_id} answered" }],
        });
      }
      const { done, forgottenAt, place } = found;
      if (place === undefined) return yield* told(found);
      const isCaughtUp = done.states === undefined && (yield* isApplied(place));
      // A model that was behind emptied the state itself, under a key that still has the id.
      const userId = isCaughtUp ? yield* userAt(found) : undefined;
      if (userId !== undefined) yield* emptyStates(place, userId);
      const now = (yield* Clock.currentTimeMillis) / 1000;
      const isOver = forgottenAt + Duration.toSeconds(retentions.log) <= now;
      const isGone =
        done.event_log === undefined && isOver
          ? yield* goneFromLog([found]).pipe(
              Effect.map(({ length }) => length > 0),
              Effect.orElseSucceed(() => false),
            )
          : false;
      const steps: ReadonlyArray<StepName> = [
        ...(isCaughtUp ? (["states"] as const) : []),
        ...(isGone ? (["event_log"] as const) : []),
      ];
      if (steps.length === 0) return yield* told(found);
      const changed = yield* forgotten.change(id, (before) =>
        before?.place?.offset === place.offset
          ? steps.reduce((tombstone, step) => withStep(tombstone, step, now), before)
          : (before ?? found),
      );
      if (isGone) yield* askForCompaction([changed]);
      return yield* told(changed);
    }).pipe(
      Effect.provide(context),
      Effect.catchAll(
        (error): Effect.Effect<never, UnknownIds | NotNow> =>
          error._tag === "UnknownIds" ? Effect.fail(error) : notNow("a receipt could not be read")(error),
      ),
    );

  return { forget, receipt };
});

export class Forgetting extends Context.Tag("slipstream/Forgetting")<Forgetting, ForgettingService>() {
  static readonly layer = Layer.effect(Forgetting, make);
}

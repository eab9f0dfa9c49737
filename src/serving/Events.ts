/**
 * Events: takes events from clients into the event log.
 *
 * All of a list is taken or nothing. An `item_id` or `user_id` that no model knows is taken too: new articles and new
 * customers act before the next batch knows them, and the updater keeps what it cannot use among the dead letters.
 */
import { Clock, Context, Effect, Either, Layer } from "effect";
import type { Event } from "../domain/Event.ts";
import { encodeEvent } from "../domain/EventCodec.ts";
import { EventLog } from "../ports/EventLog.ts";
import { UserStates } from "../ports/UserStates.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { outageOf } from "../vitals/Waiting.ts";
import { InvalidInput, NotNow, type ServingError, UnknownIds } from "./Errors.ts";
import { EventIds, type NewEventId } from "./EventIds.ts";
import { type DecodeEvent, type EventInput, makeDecodeEvent, maxEvents } from "./EventInput.ts";
import type { FieldError } from "./FieldError.ts";
import { type Serving, ServingModel } from "./ServingModel.ts";
import { byTakenTypes } from "./TakenTypes.ts";
import { encodeToken } from "./Token.ts";

export interface Accepted {
  readonly accepted: number;
  /** In the order of the events; the client's own where it gave one. */
  readonly event_ids: ReadonlyArray<string>;
  /** For `GET /recommend?after=`. */
  readonly token: string;
}

export interface EventsService {
  /** `body` is JSON as parsed: one event or a list. Durable when it returns. */
  readonly accept: (body: unknown) => Effect.Effect<Accepted, ServingError>;
}

const noModel = new NotNow({
  message: "user_idx and item_idx are looked up in the serving model, and none serves yet: send user_id and item_id.",
});

const make = Effect.gen(function* () {
  const decoderFor = yield* byTakenTypes(({ names }) => makeDecodeEvent(names));
  const log = yield* EventLog;
  const users = yield* UserStates;
  const servingModel = yield* ServingModel;
  const waiting = (yield* Vitals).waiting("api");

  /** The ids of the users that the events name by index alone, in one read. */
  const userIds = (inputs: ReadonlyArray<EventInput>, serving: Serving | undefined) => {
    const indices = [...new Set(inputs.flatMap((input) => (input.user_id === undefined ? [input.user_idx ?? 0] : [])))];
    if (indices.length === 0) return Effect.succeed(new Map<number, string | undefined>());
    if (serving === undefined) return Effect.fail(noModel);
    return users.userIdsOf(serving.model, indices).pipe(
      Effect.map((ids) => new Map(indices.map((userIdx, i) => [userIdx, ids[i]]))),
      Effect.tapBoth({
        onFailure: (error) => waiting.begin("users", outageOf(error)),
        onSuccess: () => waiting.end("users"),
      }),
      Effect.mapError(() => unavailable("The user store does not answer: send user_id, or try again.")),
    );
  };

  const userIdOf = (
    input: EventInput,
    known: ReadonlyMap<number, string | undefined>,
    field: string,
  ): Either.Either<string, FieldError> => {
    const userIdx = input.user_idx ?? 0;
    const found = input.user_id ?? known.get(userIdx);
    const unknown = () => ({ field, value: userIdx, detail: "no user has this index: send user_id" });
    return Either.fromNullable(found, unknown);
  };

  const itemIdOf = (
    input: EventInput,
    serving: Serving | undefined,
    field: string,
  ): Effect.Effect<Either.Either<string, FieldError>, NotNow> => {
    if (input.item_id !== undefined) {
      return Effect.succeed(Either.right(serving?.itemIdOf(input.item_id) ?? input.item_id));
    }
    const itemIdx = input.item_idx ?? 0;
    if (serving === undefined) return Effect.fail(noModel);
    const itemId = serving.catalogue.idOf(itemIdx);
    const unknown: FieldError = { field, value: itemIdx, detail: "no item has this index: send item_id" };
    return Effect.succeed(itemId === undefined ? Either.left(unknown) : Either.right(itemId));
  };

  const decodeAll = (decode: DecodeEvent, body: unknown, now: number) => {
    const list = Array.isArray(body) ? body : [body];
    if (list.length === 0 || list.length > maxEvents) {
      const detail = `send 1 to ${maxEvents} events at a time`;
      return Effect.fail(invalid([{ field: "body", value: `${list.length} events`, detail }]));
    }
    const decoded = list.map((input, at) => decode(input, now, Array.isArray(body) ? `[${at}]` : ""));
    const wrong = decoded.flatMap(Either.match({ onLeft: (errors) => errors, onRight: () => [] }));
    return wrong.length > 0
      ? Effect.fail(invalid(wrong))
      : Effect.succeed(decoded.flatMap(Either.match({ onLeft: () => [], onRight: (input) => [input] })));
  };

  const accept = Effect.fnUntraced(function* (body: unknown) {
    const now = (yield* Clock.currentTimeMillis) / 1000;
    const newId = yield* EventIds;
    const serving = yield* servingModel.current;
    const inputs = yield* decodeAll(decoderFor(serving), body, now);
    const known = yield* userIds(inputs, serving);
    const unknown: Array<FieldError> = [];
    const events: Array<Event> = [];
    for (const [at, input] of inputs.entries()) {
      const prefix = Array.isArray(body) ? `[${at}].` : "";
      const user = userIdOf(input, known, `${prefix}user_idx`);
      const item = yield* itemIdOf(input, serving, `${prefix}item_idx`);
      if (Either.isLeft(user)) unknown.push(user.left);
      if (Either.isLeft(item)) unknown.push(item.left);
      if (Either.isRight(user) && Either.isRight(item)) {
        events.push(eventOf(input, user.right, item.right, now, newId));
      }
    }
    if (unknown.length > 0) {
      const message = "The serving model lacks what the events name.";
      return yield* new UnknownIds({ message, errors: unknown });
    }
    const records = events.map((event) => ({ key: event.userId, value: encodeEvent(event) }));
    const [identity, positions] = yield* Effect.zip(log.identity, log.append(records)).pipe(
      Effect.tapBoth({
        onFailure: (error) => waiting.begin("log", outageOf(error)),
        onSuccess: () => waiting.end("log"),
      }),
      Effect.mapError(() =>
        unavailable("The event log does not take events just now. Try again; with an event_id a retry counts once."),
      ),
    );
    return {
      accepted: events.length,
      event_ids: events.map(({ eventId }) => eventId),
      token: encodeToken({ log: identity, positions }),
    };
  });

  return { accept };
});

export class Events extends Context.Tag("slipstream/Events")<Events, EventsService>() {
  static readonly layer = Layer.effect(Events, make);
}

const unavailable = (message: string) => new NotNow({ message });

const invalid = (errors: ReadonlyArray<FieldError>) =>
  new InvalidInput({
    message: `${errors.length === 1 ? "One value is not as it" : `${errors.length} values are not as they`} should be; nothing was accepted.`,
    // A list of bad events could name thousands.
    errors: errors.slice(0, 100),
  });

const eventOf = (input: EventInput, userId: string, itemId: string, now: number, newId: NewEventId): Event => ({
  eventId: input.event_id ?? newId(input),
  userId,
  itemId,
  eventType: input.event_type,
  timestamp: input.timestamp ?? now,
  quantity: input.quantity ?? 1,
  ...(input.user_idx === undefined ? {} : { userIdx: input.user_idx }),
  ...(input.item_idx === undefined ? {} : { itemIdx: input.item_idx }),
  ...(input.recommendation_id === undefined ? {} : { recommendationId: input.recommendation_id }),
});

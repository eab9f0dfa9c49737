/**
 * Events: takes events from clients into the event log.
 *
 * All of a list is taken or nothing, unless it is asked for that wrong ones are passed over. An `item_id` or `user_id` that no model knows is taken too: new articles and new
 * customers act before the next batch knows them, and the updater keeps what it cannot use among the dead letters.
 */
import { Clock, Context, Effect, Either, Layer } from "effect";
import type { Event } from "../domain/Event.ts";
import { encodeEvent } from "../domain/EventCodec.ts";
import { EventLog } from "../ports/EventLog.ts";
import { UserStates } from "../ports/UserStates.ts";
import { eachInTurn } from "../vitals/OthersFirst.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { outageOf } from "../vitals/Waiting.ts";
import { unwrapped } from "./CloudEvents.ts";
import { InvalidInput, NotNow, type ServingError, UnknownIds } from "./Errors.ts";
import { EventIds, type NewEventId } from "./EventIds.ts";
import { type EventInput, makeDecodeEvent, maxEvents } from "./EventInput.ts";
import type { FieldError } from "./FieldError.ts";
import type { SentEvent } from "./SentEvents.ts";
import { type Serving, ServingModel } from "./ServingModel.ts";
import { byTakenTypes } from "./TakenTypes.ts";
import { encodeToken } from "./Token.ts";

/** What became of one event where wrong ones are passed over. */
export type Result = { readonly event_id: string } | { readonly errors: ReadonlyArray<FieldError> };

export interface Accepted {
  readonly accepted: number;
  /** Of those that were accepted, in their order; the client's own where it gave one. */
  readonly event_ids: ReadonlyArray<string>;
  /** For `GET /recommend?after=`. */
  readonly token: string;
  /** Where wrong ones are passed over: how many, and what became of each event, in their order. */
  readonly rejected?: number;
  readonly results?: ReadonlyArray<Result>;
}

/** What is done about events that are not as they should be: nothing is accepted, or the others are. */
export type OnError = "refuse" | "skip";

export interface Batch {
  readonly events: ReadonlyArray<SentEvent>;
  /** Whether each is a CloudEvent. */
  readonly isCloud?: boolean;
  readonly onError: OnError;
}

export interface EventsService {
  /** Durable when it returns. Fails where nothing is accepted, however wrong ones are dealt with. */
  readonly accept: (batch: Batch) => Effect.Effect<Accepted, ServingError>;
}

/** Events that are read before others get their turn: a few milliseconds, where all is wrong with them. */
const atOnce = 128;
/** A list of bad events could name thousands. */
const mostErrors = 100;

type Read = Either.Either<Event, ReadonlyArray<FieldError>>;

/** What indices stand for. */
interface Known {
  readonly serving: Serving | undefined;
  readonly users: ReadonlyMap<number, string | undefined>;
}

const errorsOf = <A>(all: ReadonlyArray<Either.Either<A, ReadonlyArray<FieldError>>>): ReadonlyArray<FieldError> =>
  all.flatMap(Either.match({ onLeft: (errors) => errors, onRight: () => [] }));

const rightsOf = <A, E>(all: ReadonlyArray<Either.Either<A, E>>): ReadonlyArray<A> =>
  all.flatMap(Either.match({ onLeft: () => [], onRight: (one) => [one] }));

const noModel = new NotNow({
  message: "user_idx and item_idx are looked up in the serving model, and none serves yet: send user_id and item_id.",
});

const make = Effect.gen(function* () {
  const takenFor = yield* byTakenTypes(({ names }) => ({ names, decode: makeDecodeEvent(names) }));
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

  const userIdOf = (input: EventInput, { users }: Known, field: string): Either.Either<string, FieldError> => {
    const userIdx = input.user_idx ?? 0;
    const unknown = () => ({ field, value: userIdx, detail: "no user has this index: send user_id" });
    return Either.fromNullable(input.user_id ?? users.get(userIdx), unknown);
  };

  const itemIdOf = (input: EventInput, { serving }: Known, field: string): Either.Either<string, FieldError> => {
    if (input.item_id !== undefined) return Either.right(serving?.itemIdOf(input.item_id) ?? input.item_id);
    const itemIdx = input.item_idx ?? 0;
    const unknown = () => ({ field, value: itemIdx, detail: "no item has this index: send item_id" });
    return Either.fromNullable(serving?.catalogue.idOf(itemIdx), unknown);
  };

  const resolved = (input: EventInput, place: string, known: Known, now: number, newId: NewEventId): Read => {
    const prefix = place === "" ? "" : `${place}.`;
    const user = userIdOf(input, known, `${prefix}user_idx`);
    const item = itemIdOf(input, known, `${prefix}item_idx`);
    return Either.isRight(user) && Either.isRight(item)
      ? Either.right(eventOf(input, user.right, item.right, now, newId))
      : Either.left([user, item].flatMap(Either.match({ onLeft: (error) => [error], onRight: () => [] })));
  };

  const append = (events: ReadonlyArray<Event>) =>
    eachInTurn(events, atOnce, (event) => Effect.succeed({ key: event.userId, value: encodeEvent(event) })).pipe(
      Effect.flatMap((records) => Effect.zip(log.identity, log.append(records))),
      Effect.tapBoth({
        onFailure: (error) => waiting.begin("log", outageOf(error)),
        onSuccess: () => waiting.end("log"),
      }),
      Effect.mapError(() =>
        unavailable("The event log does not take events just now. Try again; with an event_id a retry counts once."),
      ),
    );

  const accept = Effect.fnUntraced(function* ({ events: sent, isCloud = false, onError }: Batch) {
    if (sent.length === 0 || sent.length > maxEvents) {
      const detail = `send 1 to ${maxEvents} events at a time`;
      const value = sent.length === 0 ? "0 events" : `more than ${maxEvents} events`;
      return yield* invalid([{ field: "body", value, detail }]);
    }
    const now = (yield* Clock.currentTimeMillis) / 1000;
    const newId = yield* EventIds;
    const serving = yield* servingModel.current;
    const { decode, names } = takenFor(serving);
    const told = isCloud ? yield* eachInTurn(sent, atOnce, (one) => Effect.succeed(unwrapped(one, names))) : sent;
    const decoded = yield* eachInTurn(told, atOnce, ({ input, place }) =>
      Effect.succeed(Either.flatMap(input, (value) => decode(value, now, place))),
    );
    const wrong = errorsOf(decoded);
    if (wrong.length > 0 && (onError === "refuse" || decoded.every(Either.isLeft))) return yield* invalid(wrong);
    const inputs = rightsOf(decoded);
    if (serving === undefined && inputs.some(({ item_id }) => item_id === undefined)) return yield* noModel;
    const known = { serving, users: yield* userIds(inputs, serving) };
    const read = yield* eachInTurn(decoded, atOnce, (one, at) =>
      Effect.succeed(Either.flatMap(one, (input) => resolved(input, told[at].place, known, now, newId))),
    );
    const events = rightsOf(read);
    if (events.length === 0 || (onError === "refuse" && events.length < read.length)) {
      const message = "The serving model lacks what the events name.";
      return yield* new UnknownIds({ message, errors: errorsOf(read).slice(0, mostErrors) });
    }
    const [identity, positions] = yield* append(events);
    return {
      accepted: events.length,
      event_ids: events.map(({ eventId }) => eventId),
      token: encodeToken({ log: identity, positions }),
      ...(onError === "refuse"
        ? {}
        : {
            rejected: read.length - events.length,
            results: read.map(
              Either.match({
                onLeft: (errors): Result => ({ errors }),
                onRight: ({ eventId }) => ({ event_id: eventId }),
              }),
            ),
          }),
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
    errors: errors.slice(0, mostErrors),
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

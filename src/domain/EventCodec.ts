/**
 * EventCodec: events as JSON bytes on the topic. The decoder is by hand, for speed, and equal to `WireEvent` (property-tested).
 */
import { Either, Option, Schema } from "effect";
import type { Event } from "./Event.ts";
import { type Forget, isForget, saysForget } from "./Forget.ts";
import { longestRecommendationId } from "./RecommendationId.ts";

const shortText = (max: number) => Schema.String.pipe(Schema.minLength(1), Schema.maxLength(max));
const index = Schema.optional(Schema.NullOr(Schema.Int.pipe(Schema.between(0, 2 ** 31 - 1))));

const WireReplay = Schema.Struct({
  partition: Schema.Int.pipe(Schema.between(0, 65_535)),
  /** In decimal. */
  offset: Schema.String.pipe(Schema.pattern(/^(-1|\d{1,19})$/)),
  archived: Schema.Boolean,
  missed: Schema.Array(Schema.String),
});
const decodeReplay = Schema.decodeUnknownOption(WireReplay);

/**
 * The wire form. `user_idx` and `item_idx` are the producer's own and only archived. Which times are taken depends on when
 * the event arrived: see `EventTime.ts`.
 */
export const WireEvent = Schema.Struct({
  event_id: Schema.optional(shortText(128)),
  user_id: shortText(256),
  item_id: shortText(256),
  event_type: shortText(64),
  timestamp: Schema.Number,
  quantity: Schema.optional(Schema.Int.pipe(Schema.between(1, 1000))),
  user_idx: index,
  item_idx: index,
  recommendation_id: Schema.optional(Schema.NullOr(shortText(longestRecommendationId))),
  replay_of: Schema.optional(WireReplay),
});
export type WireEvent = typeof WireEvent.Type;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const encodeEvent = (event: Event): Uint8Array =>
  encoder.encode(
    JSON.stringify({
      event_id: event.eventId,
      user_id: event.userId,
      item_id: event.itemId,
      event_type: event.eventType,
      timestamp: event.timestamp,
      quantity: event.quantity,
      ...(event.userIdx === undefined ? {} : { user_idx: event.userIdx }),
      ...(event.itemIdx === undefined ? {} : { item_idx: event.itemIdx }),
      ...(event.recommendationId === undefined ? {} : { recommendation_id: event.recommendationId }),
      ...(event.replayOf === undefined
        ? {}
        : { replay_of: { ...event.replayOf, offset: String(event.replayOf.offset) } }),
    }),
  );

const isText = (value: unknown, max: number): value is string =>
  typeof value === "string" && value.length >= 1 && value.length <= max;

const isInteger = (value: unknown, min: number, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

const isIndex = (value: unknown): value is number | null | undefined =>
  value === undefined || value === null || isInteger(value, 0, 2 ** 31 - 1);

const shownLength = 80;

/** Without what lies deeper than can be shown: text may nest values deeper than `JSON.stringify` can follow. */
const shallow = (value: unknown, levels = shownLength): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((one) => shallow(one, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shallow(one, levels - 1)]));
};

const shown = (value: unknown): string => {
  const json = JSON.stringify(shallow(value));
  return json === undefined ? "missing" : json.length > shownLength ? `${json.slice(0, shownLength)}…` : json;
};

/** The id of an event that came without one: the same for the same record of the same log. */
export const positionId = (identity: string, partition: number, offset: bigint): string =>
  `${identity}-${partition}-${offset}`;

/**
 * The event, or the word that forgets a user, or a sentence that names field, value and what is wanted. `position` is the id
 * of what came without one.
 */
export const decodeRecord = (bytes: Uint8Array, position: string): Either.Either<Event | Forget, string> => {
  if (bytes.length === 0) return Either.left("the record has no value; an event as JSON is wanted");
  let wire: unknown;
  try {
    wire = JSON.parse(decoder.decode(bytes));
  } catch {
    return Either.left("the event is not JSON in UTF-8");
  }
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) {
    return Either.left(`the event is ${shown(wire)}; a JSON object is wanted`);
  }
  const e = wire as Record<string, unknown>;
  if (!isText(e.user_id, 256))
    return Either.left(`user_id is ${shown(e.user_id)}; text of 1 to 256 characters is wanted`);
  if (saysForget(e)) {
    const eventId = isText(e.event_id, 128) ? e.event_id : position;
    return Either.right({ forget: true, eventId, userId: e.user_id, timestamp: Number(e.timestamp) || 0 });
  }
  if (!isText(e.item_id, 256))
    return Either.left(`item_id is ${shown(e.item_id)}; text of 1 to 256 characters is wanted`);
  if (!isText(e.event_type, 64)) {
    return Either.left(`event_type is ${shown(e.event_type)}; text of 1 to 64 characters is wanted`);
  }
  const time = e.timestamp;
  if (typeof time !== "number") return Either.left(`timestamp is ${shown(time)}; unix seconds are wanted`);
  if (e.event_id !== undefined && !isText(e.event_id, 128)) {
    return Either.left(`event_id is ${shown(e.event_id)}; text of 1 to 128 characters, or nothing, is wanted`);
  }
  if (e.quantity !== undefined && !isInteger(e.quantity, 1, 1000)) {
    return Either.left(`quantity is ${shown(e.quantity)}; a whole number from 1 to 1000 is wanted`);
  }
  if (!isIndex(e.user_idx))
    return Either.left(`user_idx is ${shown(e.user_idx)}; a whole number, or nothing, is wanted`);
  if (!isIndex(e.item_idx))
    return Either.left(`item_idx is ${shown(e.item_idx)}; a whole number, or nothing, is wanted`);
  const recommendation = e.recommendation_id ?? undefined;
  if (recommendation !== undefined && !isText(recommendation, longestRecommendationId)) {
    return Either.left(
      `recommendation_id is ${shown(recommendation)}; text of 1 to ${longestRecommendationId} characters, or nothing, is wanted`,
    );
  }
  const replay = e.replay_of === undefined ? undefined : Option.getOrNull(decodeReplay(e.replay_of));
  if (replay === null)
    return Either.left(`replay_of is ${shown(e.replay_of)}; what dead-letters replay writes is wanted`);
  return Either.right({
    eventId: e.event_id ?? position,
    userId: e.user_id,
    itemId: e.item_id,
    eventType: e.event_type,
    timestamp: time,
    quantity: e.quantity ?? 1,
    userIdx: e.user_idx ?? undefined,
    itemIdx: e.item_idx ?? undefined,
    ...(recommendation === undefined ? {} : { recommendationId: recommendation }),
    ...(replay === undefined ? {} : { replayOf: { ...replay, offset: BigInt(replay.offset) } }),
  });
};

/** As `decodeRecord`, where events alone are wanted. */
export const decodeEvent = (bytes: Uint8Array, position: string): Either.Either<Event, string> =>
  Either.flatMap(decodeRecord(bytes, position), (record) =>
    isForget(record) ? Either.left("the record forgets a user, and is no event") : Either.right(record),
  );

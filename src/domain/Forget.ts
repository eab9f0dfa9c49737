/**
 * Forget: the word, in the event log, that a user is to be forgotten. It stands in the user's own partition, so it comes after
 * all that the user did before: whoever reads the log in order, whenever that is, forgets at the same place.
 *
 * On the wire: `{event_id, user_id, forget: true, timestamp}`, without an item and without a type.
 */
import type { Event } from "./Event.ts";

export interface Forget {
  readonly forget: true;
  readonly eventId: string;
  readonly userId: string;
  /** Unix seconds, fractional: when it was asked for. */
  readonly timestamp: number;
}

export const isForget = (record: Event | Forget): record is Forget => "forget" in record;

const encoder = new TextEncoder();

export const encodeForget = ({ eventId, timestamp, userId }: Omit<Forget, "forget">): Uint8Array =>
  encoder.encode(JSON.stringify({ event_id: eventId, user_id: userId, forget: true, timestamp }));

/** Whether the fields of a record are such a word, whatever their values are. */
export const saysForget = (fields: Readonly<Record<string, unknown>>): boolean =>
  fields.forget === true && fields.item_id === undefined && fields.event_type === undefined;

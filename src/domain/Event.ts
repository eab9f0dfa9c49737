/**
 * Event: something a shopper did, and its JSON form on the topic `user_events`.
 *
 * The wire form is the reference's: `{event_id, user_id, item_id, event_type, timestamp, quantity}`, plus `user_idx`
 * and `item_idx`, which producers may send and which are not trusted (ids are looked up again).
 */
export interface Event {
  /** Chosen by the client, or a UUID made at the API. Two events of one id and user count once. */
  readonly eventId: string;
  readonly userId: string;
  readonly itemId: string;
  /** One of `eventTypes`, or a type this version does not know (archived, weight 0, sent to the dead letters). */
  readonly eventType: string;
  /** Unix seconds, fractional. */
  readonly timestamp: number;
  /** Pieces, at least 1. */
  readonly quantity: number;
  /** As the producer gave them: archived, never trusted. */
  readonly userIdx?: number | undefined;
  readonly itemIdx?: number | undefined;
}

export const eventTypes = ["click", "add_to_cart", "purchase"] as const;
export type EventType = (typeof eventTypes)[number];

/** Implicit-feedback weight per type. Unknown types weigh 0. */
export const eventWeights: Readonly<Record<EventType, number>> = { click: 0.1, add_to_cart: 0.5, purchase: 1.0 };

/** Index into `eventTypes`, as stored in binary records; -1 for an unknown type. */
export const eventTypeCode = (type: string): number => (eventTypes as ReadonlyArray<string>).indexOf(type);

/** Weight by `eventTypeCode`. */
export const eventTypeWeights: ReadonlyArray<number> = eventTypes.map((type) => eventWeights[type]);

/** Draft: an event that has yet to be sent. */
import type { Event } from "../domain/Event.ts";

export interface Draft extends Pick<Event, "userId" | "itemId" | "eventType" | "quantity"> {
  /** When it happened, in unix seconds, for events out of a history. */
  readonly timestamp?: number;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/**
 * The UUID (version 8, RFC 9562) of a producer's n-th event: seed and number as they stand. A producer that is started
 * again with the same seed words the same ids, so what it had already sent counts once.
 */
export const eventIdOf = (seed: number, sequence: number): string =>
  `${hex(seed >>> 0, 8)}-0000-8000-8000-${hex(sequence, 12)}`;

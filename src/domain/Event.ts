/**
 * Event: something a shopper did, and its JSON form on the topic `user_events`.
 *
 * The wire form is the reference's: `{event_id, user_id, item_id, event_type, timestamp, quantity}`, plus `user_idx`
 * and `item_idx`, which producers may send and which are not trusted (ids are looked up again), and `recommendation_id`.
 */

/**
 * Where an event stood that was given up and was appended again by `dead-letters replay`, and who has it already: whoever
 * reads it decides by that alone whether it is to count, so that it counts once, whatever the time between.
 */
export interface ReplayOf {
  readonly partition: number;
  /** -1: it stood in another log. */
  readonly offset: bigint;
  /** The archive has it, or will have it: it is not archived again, and models trained beyond its offset have counted it. */
  readonly archived: boolean;
  /** The models that have not counted it, whatever they have read: they gave it up, or were trained without it. */
  readonly missed: ReadonlyArray<string>;
}

export interface Event {
  /** Chosen by the client, or a UUID made at the API. Two events of one id and user count once. */
  readonly eventId: string;
  readonly userId: string;
  readonly itemId: string;
  /** Of the shop's types (`EventTypes.ts`), or one that a model does not know: archived, and among the dead letters. */
  readonly eventType: string;
  /** Unix seconds, fractional. */
  readonly timestamp: number;
  /** Pieces, at least 1. */
  readonly quantity: number;
  /** As the producer gave them: archived, never trusted. */
  readonly userIdx?: number | undefined;
  readonly itemIdx?: number | undefined;
  /** Of the answer that it comes of, as `RecommendationId.ts` has it; beyond the API any text: then it comes of none. */
  readonly recommendationId?: string | undefined;
  readonly replayOf?: ReplayOf | undefined;
}

/** Whether a model counts an event that was replayed, when its training data ends at `start` in the partition it stood in. */
export const countsReplay = (replay: ReplayOf, model: string, start: bigint): boolean =>
  replay.missed.includes(model) || (replay.offset < start && !replay.archived);

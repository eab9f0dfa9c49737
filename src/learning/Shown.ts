/**
 * Shown: what an impression does to what a user was shown, which changes neither what is learnt nor what is remembered of events.
 * Decided as retries are (`Recent.ts`): the batch over the archive comes to what the stream came to.
 */
import { isRetry, type ShownItems, withShown } from "../domain/ShownItems.ts";
import { isActedOn, type Recent } from "./Recent.ts";

export interface Impression {
  /** Of its event's id the key, or at least its low 32 bits. */
  readonly id: number;
  /** Unix seconds: when the log took it, and when it happened. */
  readonly arrival: number;
  readonly time: number;
  readonly itemIdx: number;
}

/**
 * What was shown after the impression; undefined: a client sent it again. What the user did to the item meanwhile, by the events' own times,
 * outweighs an impression that comes late, while it is remembered.
 */
export const markShown = (
  shown: ShownItems,
  recent: Recent,
  { arrival, id, itemIdx, time }: Impression,
): ShownItems | undefined => {
  if (isRetry(shown, id)) return undefined;
  return isActedOn(recent, itemIdx, time, arrival) ? shown : withShown(shown, itemIdx, time, id);
};

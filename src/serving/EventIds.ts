/** EventIds: what an event is called that came without an id of its own. */
import { hash } from "node:crypto";
import { Context } from "effect";

/** By what the event says. Each call names one more event of a request. */
export type NewEventId = (said: unknown) => string;

/** A number of its own each, unless a request says otherwise. */
export class EventIds extends Context.Reference<EventIds>()("slipstream/EventIds", {
  defaultValue: (): NewEventId => () => crypto.randomUUID(),
}) {}

/**
 * For one request: the same ids for the same seed and words, in every process and after every restart, so that what is sent
 * again counts once. Of events that say the same, each has an id; other words under the same seed are other events.
 */
export const idsFrom = (seed: string): NewEventId => {
  const times = new Map<string, number>();
  return (said) => {
    const words = JSON.stringify(said);
    const time = times.get(words) ?? 0;
    times.set(words, time + 1);
    return hash("sha256", `${seed}\n${time}\n${words}`).slice(0, 32);
  };
};

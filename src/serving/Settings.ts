/** Settings: how long a request waits for an event, and how many do. */
import { duration, integer } from "../config/Setting.ts";

export const waiting = {
  waitAfter: duration("WAIT_AFTER", {
    default: "2 seconds",
    max: "1 hour",
    description: "Longest wait of GET /recommend?after=TOKEN for the event to be applied.",
  }),
  maxWaiters: integer("MAX_WAITERS", {
    default: 1000,
    min: 1,
    max: 1_000_000,
    description: "Requests with ?after= that wait at a time; further ones are answered with 503.",
  }),
};

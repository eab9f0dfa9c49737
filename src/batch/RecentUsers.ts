/**
 * RecentUsers: the users' recent events over the archive, judged and remembered as the stream does (`learning/Recent.ts`):
 * which rows are a client's retries, and what is still remembered where the archive ends.
 *
 * Memory is that of two days' events: whenever there are many, what has long been outdated is dropped, also of users who have
 * done nothing since. (Only a log whose clock went back by more than a day could tell that from the stream's memory.)
 */
import { eventKey, noEvents, type RecentEvents } from "../domain/RecentEvents.ts";
import {
  countRemembered,
  dropOutdated,
  makeRecent,
  type Recent,
  recentEvents,
  remember,
  rememberedSeconds,
  type Verdict,
} from "../learning/Recent.ts";
import type { ArchivedEvent } from "./InteractionRows.ts";

export interface RecentUsers {
  /**
   * Judges an event of the archive and remembers it. Those of a partition come in its order; one that does not say when it
   * arrived did when the newest of those before it happened, or itself.
   */
  readonly judge: (event: ArchivedEvent, itemIdx: number) => Verdict;
  /** What is remembered at the end, of the users of whom anything is. */
  readonly remembered: () => ReadonlyMap<string, RecentEvents>;
}

interface User {
  readonly recent: Recent;
  /** That of the last event. */
  partition: number;
}

const defaultHeld = 1 << 20;

/** `held`: how many events are held before the outdated ones are looked for. */
export const makeRecentUsers = (debounceSeconds: number, held = defaultHeld): RecentUsers => {
  const users = new Map<string, User>();
  const newest = new Map<number, number>();
  let count = 0;
  let limit = held;

  const sweep = (): void => {
    count = 0;
    for (const [userId, { recent, partition }] of users) {
      dropOutdated(recent, (newest.get(partition) ?? 0) - rememberedSeconds);
      const left = countRemembered(recent);
      if (left === 0) users.delete(userId);
      count += left;
    }
    limit = Math.max(held, 2 * count);
  };

  return {
    judge: ({ eventId, partition, time, type, userId, ...event }, itemIdx) => {
      const arrival = event.arrival ?? Math.max(newest.get(partition) ?? 0, time);
      newest.set(partition, arrival);
      let user = users.get(userId);
      if (user === undefined) {
        user = { recent: makeRecent(noEvents), partition };
        users.set(userId, user);
      }
      user.partition = partition;
      const before = countRemembered(user.recent);
      const verdict = remember(user.recent, { id: eventKey(eventId), arrival, time, itemIdx, type }, debounceSeconds);
      count += countRemembered(user.recent) - before;
      if (count > limit) sweep();
      return verdict;
    },
    remembered: () => {
      sweep();
      return new Map(Array.from(users, ([userId, { recent }]) => [userId, recentEvents(recent)]));
    },
  };
};

/**
 * RetryFilter: tells whether an event is a client's retry of one that was seen within a sliding window.
 *
 * The window holds at least the last `size` distinct events and at most twice as many, in two generations: bounded
 * memory for an archive of any length. A retry follows its original closely and, keyed by user, in the same partition.
 */
export const defaultRetryWindow = 1 << 18;

/** Answers true for the second and later events of one user and event id. */
export const makeRetryFilter = (size = defaultRetryWindow): ((userId: string, eventId: string) => boolean) => {
  let young = new Set<string>();
  let old = new Set<string>();
  return (userId, eventId) => {
    const key = `${userId}\u0000${eventId}`;
    if (young.has(key) || old.has(key)) return true;
    young.add(key);
    if (young.size >= size) {
      old = young;
      young = new Set();
    }
    return false;
  };
};

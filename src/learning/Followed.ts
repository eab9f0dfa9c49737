/** Followed: the events of a batch that followed others, gathered in their order for what counts them. */
import type { FollowerEvents } from "../domain/FollowerCounts.ts";
import { followerWindow } from "../domain/Followers.ts";
import type { Interaction } from "../domain/UserState.ts";

/** Changed by `addFollowed` alone. */
export interface Followed {
  words: Uint32Array;
  length: number;
}

export const makeFollowed = (): Followed => ({ words: new Uint32Array(256), length: 0 });

/** Adds an event with `itemIdx`, which came after the first `followed` of `before`; nothing where it came after none. */
export const addFollowed = (
  gathered: Followed,
  itemIdx: number,
  before: ReadonlyArray<Interaction>,
  followed: number,
): void => {
  const count = Math.min(followed, followerWindow);
  if (count === 0) return;
  let at = gathered.length;
  if (at + 2 + count > gathered.words.length) {
    const words = new Uint32Array(2 * gathered.words.length);
    words.set(gathered.words);
    gathered.words = words;
  }
  const { words } = gathered;
  words[at++] = itemIdx;
  words[at++] = count;
  for (let lag = 1; lag <= count; lag++) words[at++] = before[followed - lag].itemIdx;
  gathered.length = at;
};

/** A copy. */
export const followedEvents = ({ length, words }: Followed): FollowerEvents => words.slice(0, length);

/**
 * FollowerLists: who follows an item, as scores are made of it: √P(b|a) in f32, P(b|a) = C[a→b] / (s + Σ C[a→·]).
 */
import { type Followers, followProbability } from "../domain/Followers.ts";

/** The followers of one item: entries `from` to `to` − 1, at most `keptFollowers`, each item once. */
export interface FollowerList {
  /** itemIdx. */
  readonly items: Uint32Array;
  /** How often, in millionths; above 0. */
  readonly counts: Float64Array;
  /** √P of each. */
  readonly roots: Float32Array;
  readonly from: number;
  readonly to: number;
  /** Over all followers, listed or not; millionths. */
  readonly total: number;
}

/** By catalogue row; undefined: none. */
export type FollowersOf = (row: number) => FollowerList | undefined;

/** √P of followers of one item by their counts, as scores are made of them. */
export const rootsOf = (counts: Float64Array, total: number): Float32Array => {
  const roots = new Float32Array(counts.length);
  for (let at = 0; at < counts.length; at++) roots[at] = Math.sqrt(followProbability(counts[at], total));
  return roots;
};

/** A model's own: the same object each time. Takes 4 bytes per follower, and some 80 per item that was asked for. */
export const followersOf = ({ counts, items, pointers, totals }: Followers): FollowersOf => {
  const roots = new Float32Array(counts.length);
  totals.forEach((total, row) => {
    roots.set(rootsOf(counts.subarray(pointers[row], pointers[row + 1]), total), pointers[row]);
  });
  const lists = new Array<FollowerList | undefined>(totals.length);
  return (row) => {
    lists[row] ??= { items, counts, roots, from: pointers[row], to: pointers[row + 1], total: totals[row] };
    return lists[row];
  };
};

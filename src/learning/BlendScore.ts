/**
 * BlendScore: ranks candidates for one shopper by what follows their items, by their taste and by what is popular.
 *
 *   score(j) = Σₜ wₜ·[ √P(j|hₜ) + τ·ŷⱼ·ŷ(hₜ) ] + π·√popⱼ·Σₜ wₜ,   wₜ = w(typeₜ)·dᵗ
 *
 * hₜ are the newest interactions (age t = 0 the newest) with items that the model knows, P(b|a) = C[a→b] / (s + Σ C[a→·]),
 * popⱼ the item's share of all events, ŷ item vectors of length 1; d, τ, π and the window are `BlendConstants`. Sums are
 * f64, but for v and ŷ·v, whose sums are f32, as √P is; a score is the nearest f32. Candidates are the best followers by the
 * first sum, and what the caller adds: what the index finds near to v (`Blend.ts`), and what is trending.
 */
import { keptFollowers } from "../domain/Followers.ts";
import { makeBest } from "../kernels/Best.ts";
import { makeBlendKernel } from "../kernels/BlendKernel.ts";
import { inverseLengths } from "../kernels/Lengths.ts";
import type { Hits } from "../kernels/TopK.ts";
import { type BlendConstants, blendConstants, makeRecall, type Recalled } from "./Blend.ts";
import { type BlendReasons, settled } from "./BlendReasons.ts";
import type { BlendItems, BlendRequest, BlendScorer, BlendSearch, Popularity } from "./BlendSearch.ts";
import type { FollowerList, FollowersOf } from "./FollowerLists.ts";

/** How many candidates each source gives, where fewer than half as many are asked for: followers here, the others by the caller. */
export const candidates = { followers: 100, taste: 50, trending: 30 };

/** Candidates that there is room for before more is made. */
const firstRoom = 256;
/** Rows that are multiplied at once. */
const rowsAtOnce = 256;
/** Lists of followers that are kept ready to be added up: as many as serving keeps merged. */
const keptLists = 10_000;
/** Followers that are looked at beyond those that are wanted, for what the gate takes out. */
const spare = 28;
/** Of sums whose parts are f32. */
const slack = 1e-4;

/**
 * Holds a copy of the vectors, 12 bytes per item beside `items`, and the last 10,000 lists of followers that it was given, with a copy
 * of 832 bytes each (8 MB in all); serves one request at a time.
 */
export const makeBlendScorer = (items: BlendItems, constants: BlendConstants = blendConstants): BlendScorer => {
  const { itemIdx, rank, rowOfIdx, vectors } = items;
  const inverse = items.inverse ?? inverseLengths(vectors, rank);
  const recall = makeRecall(rowOfIdx, constants);
  /** The first sum, and ŷ·v. */
  const kept = Math.min(keptLists, itemIdx.length);
  const room = { items: itemIdx.length, lists: constants.window, entries: keptFollowers, kept, mostRows: rowsAtOnce };
  const kernel = makeBlendKernel({ rank, vectors, inverse }, room);
  /** A bit by row: whether it is a candidate. */
  const considered = new Uint32Array(Math.ceil(itemIdx.length / 32));
  const isConsidered = (row: number): boolean => ((considered[row >>> 5] >>> (row & 31)) & 1) !== 0;
  const best = makeBest();
  /** No follower that is no candidate has a larger first sum. */
  let leastFollowing = 0;
  /** The candidates, and of each the three sums. */
  let size = 0;
  let rows = new Uint32Array(firstRoom);
  let firsts = new Float64Array(firstRoom);

  const add = (row: number, first: number): void => {
    if (size === rows.length) {
      const [before, sums] = [rows, firsts];
      rows = new Uint32Array(2 * size);
      firsts = new Float64Array(2 * size);
      rows.set(before);
      firsts.set(sums);
    }
    considered[row >>> 5] |= 1 << (row & 31);
    rows[size] = row;
    firsts[size++] = first;
  };

  /** Adds up the first sum of all that follow; answers how many do. */
  const follow = ({ rows, size, weights }: Recalled, followersOf: FollowersOf): number => {
    kernel.clear();
    for (let i = 0; i < size; i++) {
      const list = followersOf(rows[i]);
      if (list === undefined || weights[i] === 0) continue;
      kernel.add(rows[i], list, weights[i]);
    }
    return kernel.size();
  };

  /** Makes candidates of the best `most` of the `following` items that have a first sum and are allowed. */
  const takeFollowers = (following: number, most: number, allowed: (row: number) => boolean): void => {
    let wanted = Math.min(following, most + spare);
    while (true) {
      const { items, size: gathered, sums } = kernel.gather(wanted);
      let found = 0;
      for (let i = 0; i < gathered; i++) {
        const row = rowOfIdx(items[i]);
        if (row === undefined || !allowed(row)) continue;
        items[found] = row;
        sums[found++] = sums[i];
      }
      if (found < most && gathered < following) {
        wanted = following;
        continue;
      }
      if (found > most) kernel.putBestFirst(found, most);
      leastFollowing = found < most ? 0 : Number.POSITIVE_INFINITY;
      for (let i = 0; i < found && i < most; i++) {
        add(items[i], sums[i]);
        if (sums[i] < leastFollowing) leastFollowing = sums[i];
      }
      return;
    }
  };

  /** ŷⱼ·v, the same bits as among others. */
  const nearness = (row: number): number => {
    kernel.rows[0] = row;
    return kernel.products(1)[0];
  };

  const trend = ({ scores, total }: Popularity, row: number, weights: number): number =>
    total > 0 ? constants.popularity * weights * Math.sqrt(scores[row] / total) : 0;

  /** The same bits wherever it is computed: parts are added in this order. */
  const scoreOf = (first: number, near: number, trending: number): number =>
    Math.fround(first + constants.taste * near + trending);

  const recalled = ({ interactions }: BlendRequest): Recalled => {
    const history = recall(interactions);
    for (let i = 0; i < history.size; i++) {
      kernel.rows[i] = history.rows[i];
      kernel.weights[i] = history.weights[i];
    }
    kernel.mix(history.size);
    return history;
  };

  /** What the last search was of. */
  let last: { readonly popularity: Popularity; readonly total: number } = {
    popularity: { scores: [], total: 0 },
    total: 0,
  };

  /** Makes candidates of those that are allowed and none yet. */
  const consider = (found: ArrayLike<number>, allowed: (row: number) => boolean): void => {
    for (let i = 0; i < found.length; i++) {
      const row = found[i];
      if (!isConsidered(row) && allowed(row)) add(row, kernel.sumOf(itemIdx[row]));
    }
  };

  /** Offers the candidates from `start` on to the best. */
  const offer = (start: number): void => {
    const { popularity, total } = last;
    let least = best.least();
    for (let from = start; from < size; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, size - from);
      for (let i = 0; i < count; i++) kernel.rows[i] = rows[from + i];
      const near = kernel.products(count);
      for (let i = 0; i < count; i++) {
        const row = rows[from + i];
        const score = scoreOf(firsts[from + i], near[i], trend(popularity, row, total));
        if (score < least) continue;
        best.offer(row, score);
        least = best.least();
      }
    }
  };

  /**
   * How near an item that is no candidate must be to be among the best, and whether any is: none has a larger first sum than the least of
   * the followers that were taken, lies nearer than |v|, or is more popular than the most popular; and a little for rounding.
   */
  const toCome = (): { readonly may: boolean; readonly least: number } => {
    const { popularity, total } = last;
    if (popularity.most === undefined) return { may: true, least: Number.NEGATIVE_INFINITY };
    let squares = 0;
    for (let f = 0; f < rank; f++) squares += kernel.vector[f] * kernel.vector[f];
    const beside =
      Math.max(0, leastFollowing) +
      (popularity.total > 0
        ? Math.max(0, constants.popularity * total) * Math.sqrt(popularity.most / popularity.total)
        : 0);
    const nearest = Math.abs(constants.taste) * Math.sqrt(squares);
    const rounding = slack * (beside + nearest);
    const asked = best.least() - beside - rounding;
    return {
      may: !(asked > nearest),
      least: constants.taste > 0 ? asked / constants.taste : Number.NEGATIVE_INFINITY,
    };
  };

  const search = (wanted: BlendSearch): Hits => {
    const { allowed, followers: followersOf, k, more, popularity } = wanted;
    const history = recalled(wanted);
    last = { popularity, total: history.total };
    for (let i = 0; i < size; i++) considered[rows[i] >>> 5] = 0;
    size = 0;
    takeFollowers(follow(history, followersOf), Math.max(candidates.followers, 2 * k), allowed);
    best.reset(history.size === 0 ? 0 : k);
    wanted.observer?.followed(rows.slice(0, size), firsts.slice(0, size));
    for (const found of wanted.candidates) consider(found, allowed);
    offer(0);
    if (more === undefined) return best.take();
    const { least, may } = toCome();
    if (may) {
      const before = size;
      consider(more(least), allowed);
      offer(before);
    }
    return best.take();
  };

  const scoreNow = (row: number): number =>
    scoreOf(kernel.sumOf(itemIdx[row]), nearness(row), trend(last.popularity, row, last.total));

  /** √P(j|h) times the weight of h. */
  const followPart = (list: FollowerList | undefined, weight: number, row: number): number => {
    if (list === undefined) return 0;
    for (let at = list.from; at < list.to; at++) {
      if (list.items[at] === itemIdx[row]) return weight * list.roots[at];
    }
    return 0;
  };

  const explain = (request: BlendRequest, row: number): BlendReasons => {
    const { rows, size, total, weights } = recalled(request);
    let first = 0;
    const because = Array.from({ length: size }, (_, i) => {
      const other = rows[i];
      const part = followPart(request.followers(other), weights[i], row);
      first += part;
      let cosine = 0;
      for (let f = 0; f < rank; f++) cosine += vectors[row * rank + f] * vectors[other * rank + f];
      const taste = constants.taste * weights[i] * cosine * inverse[row] * inverse[other];
      return { itemIdx: itemIdx[other], followers: part, taste };
    });
    const trending = trend(request.popularity, row, total);
    return settled(scoreOf(first, nearness(row), trending), because, trending);
  };

  return { take: kernel.take, search, explain, scoreNow };
};

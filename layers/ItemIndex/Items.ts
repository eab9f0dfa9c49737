/** Items: all that a model knows of its items, gathered by row, as the stores keep it and the catalogue gives it. */
import type { AttributeMap } from "../../src/domain/AttributeMap.ts";
import type { Followers } from "../../src/domain/Followers.ts";
import type { ItemMetadata } from "../../src/domain/Item.ts";
import type { Metric } from "../../src/domain/Model.ts";
import type { ItemVector } from "../../src/ports/ItemIndex.ts";

/** Rows ascend by itemIdx. */
export interface Items {
  readonly rank: number;
  readonly metric: Metric;
  readonly itemIdx: Uint32Array;
  /** rows × rank, row-major. */
  readonly vectors: Float32Array;
  readonly metadata: ReadonlyArray<ItemMetadata>;
  /** By row, 1 or 0. */
  readonly available: Uint8Array;
  /** By row, 1 or 0. */
  readonly isNew: Uint8Array;
  /** By row. */
  readonly buyers: Uint32Array;
  readonly followers: Followers;
  /** By row. */
  readonly popularity: Float32Array;
  readonly attributes: AttributeMap | undefined;
}

/** Each row's share of all buyers: the popularity of a model without one of its own. */
export const sharesOf = (buyers: Uint32Array): Float32Array => {
  const all = buyers.reduce((sum, count) => sum + count, 0);
  return Float32Array.from(buyers, (count) => (all === 0 ? 0 : count / all));
};

const gatherFollowers = (items: ReadonlyArray<ItemVector>): Followers => {
  const pointers = new Uint32Array(items.length + 1);
  items.forEach(({ followers }, row) => {
    pointers[row + 1] = pointers[row]! + (followers?.items.length ?? 0);
  });
  const size = pointers[items.length]!;
  const gathered = { items: new Uint32Array(size), counts: new Float64Array(size) };
  items.forEach(({ followers }, row) => {
    if (followers === undefined) return;
    gathered.items.set(followers.items, pointers[row]);
    gathered.counts.set(followers.counts, pointers[row]);
  });
  return { pointers, ...gathered, totals: Float64Array.from(items, ({ followers }) => followers?.total ?? 0) };
};

/** Sorts by itemIdx; of several items with one index the last counts. */
export const collectItems = (
  { rank, metric, attributes }: Pick<Items, "rank" | "metric"> & Partial<Pick<Items, "attributes">>,
  items: ReadonlyArray<ItemVector>,
): Items => {
  const newest = new Map(items.map((item) => [item.itemIdx, item]));
  const sorted = [...newest.values()].sort((a, b) => a.itemIdx - b.itemIdx);
  const vectors = new Float32Array(sorted.length * rank);
  sorted.forEach((item, row) => {
    vectors.set(item.vector, row * rank);
  });
  const buyers = Uint32Array.from(sorted, (item) => item.buyers);
  return {
    rank,
    metric,
    itemIdx: Uint32Array.from(sorted, (item) => item.itemIdx),
    vectors,
    metadata: sorted.map((item) => item.metadata),
    available: Uint8Array.from(sorted, (item) => (item.available ? 1 : 0)),
    isNew: Uint8Array.from(sorted, (item) => (item.isNew === true && item.available ? 1 : 0)),
    buyers,
    followers: gatherFollowers(sorted),
    popularity: sorted.some(({ popularity }) => popularity === undefined)
      ? sharesOf(buyers)
      : Float32Array.from(sorted, ({ popularity }) => popularity!),
    attributes,
  };
};

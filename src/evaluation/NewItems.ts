/**
 * NewItems: listed items that the train part does not have, ranked among themselves for a shopper: by the cosine of their
 * taste and of where such an item lies by what it is (`training/Attributes.ts`), as serving tries them.
 *
 * All that the items file lists take part, those too that nobody comes to in the test part: their being listed is not of it.
 */
import { makeNewItemDraw } from "../learning/NewItemDraw.ts";
import { type Features, fitAttributes, placeUnlearnt } from "../training/Attributes.ts";
import type { Measured } from "./Measured.ts";

export interface NewItemRanks {
  /** How many have a vector. */
  readonly placed: number;
  /** Of the log's item, from 1; Infinity where it has no vector, and where no taste is known. */
  readonly rank: (taste: Float32Array | undefined, item: number) => number;
}

const nothing: Features = [];

export const rankNewItems = ({ factors, log, set }: Pick<Measured, "factors" | "log" | "set">): NewItemRanks => {
  const { itemFactors, rank } = factors;
  const descriptions = log.descriptions ?? [];
  const unknown = [...descriptions.keys()].filter(
    (item) => descriptions[item] !== undefined && !((set.rowOf[item] ?? -1) >= 0),
  );
  const users = new Uint32Array(set.items + unknown.length);
  for (const row of set.itemIdx) users[row]++;
  const vectors = new Float32Array(users.length * rank);
  vectors.set(itemFactors);
  const all = [...set.itemOf, ...unknown].map((item) => descriptions[item] ?? nothing);
  const map = fitAttributes(all, vectors, rank, users);
  const { items, vectors: placed } = placeUnlearnt(all, map, users);
  /** By the log's item. */
  const places = new Map(Array.from(items, (at, place) => [unknown[at - set.items], place]));
  const { nearness } = makeNewItemDraw(placed, rank);
  return {
    placed: items.length,
    rank: (taste, item) => {
      const place = places.get(item);
      if (taste === undefined || place === undefined) return Number.POSITIVE_INFINITY;
      const own = nearness(place, taste);
      let before = 0;
      for (let other = 0; other < items.length; other++) {
        const near = nearness(other, taste);
        if (near > own || (near === own && other < place)) before++;
      }
      return before + 1;
    },
  };
};

/**
 * Search: the best of the items that a request may be answered with, though Qdrant's filter may let others pass, or hold back some
 * whose payload is not yet as the shop says.
 *
 * What may be answered is known by row. Where that is few, Qdrant is asked for those by their ids. Else it is asked by the filter, for
 * more until k are found; and by ids at last, where the filter's are fewer.
 */
import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import type { Candidate, Within } from "../../../src/ports/ItemIndex.ts";

/** Up to so many ids are asked for by themselves. */
const fewIds = 2_000;
/** Most points asked for at a time; a longer tie is cut as Qdrant orders it. */
const mostPoints = 10_000;

/** Which items may be answered. */
export interface Eligible {
  readonly count: number;
  readonly has: (itemIdx: number) => boolean;
  /** Ascending. */
  readonly all: () => ReadonlyArray<number>;
}

export interface Searchable {
  readonly itemIdx: Uint32Array;
  readonly rowOfIdx: (itemIdx: number) => number | undefined;
  /** By row, 1 or 0. */
  readonly findable: Uint8Array;
}

export const eligibleOf = ({ findable, itemIdx, rowOfIdx }: Searchable, { exclude, rows }: Within): Eligible => {
  const isIn = new Uint8Array(itemIdx.length);
  let count = 0;
  for (let row = 0; row < itemIdx.length; row++) {
    if (rows[row] !== 1 || findable[row] !== 1) continue;
    isIn[row] = 1;
    count++;
  }
  for (const item of exclude) {
    const row = rowOfIdx(item);
    if (row === undefined || isIn[row] === 0) continue;
    isIn[row] = 0;
    count--;
  }
  return {
    count,
    has: (item) => {
      const row = rowOfIdx(item);
      return row !== undefined && isIn[row] === 1;
    },
    all: () => Array.from(itemIdx.filter((_, row) => isIn[row] === 1)),
  };
};

export interface Wanted {
  readonly vector: ReadonlyArray<number>;
  readonly k: number;
  readonly exact: boolean;
  readonly filter: Schemas["Filter"];
  readonly eligible: Eligible;
}

const betterFirst = (a: Candidate, b: Candidate): number => b.score - a.score || a.itemIdx - b.itemIdx;

/** The `k` best eligible ones under a filter, enough of a tie at their end to choose by index; fewer where there are no more. */
const bestUnder = async (
  client: QdrantClient,
  collection: string,
  { eligible, exact, k, vector }: Wanted,
  filter: Schemas["Filter"],
): Promise<ReadonlyArray<Candidate>> => {
  for (let limit = k + 1; ; limit = Math.min(mostPoints, 8 * limit)) {
    const { points } = await client.query(collection, {
      query: [...vector],
      filter,
      limit,
      params: { exact },
      with_payload: false,
    });
    const found = points.map(({ id, score }) => ({ itemIdx: Number(id), score: Math.fround(score) }));
    found.sort(betterFirst);
    const last = found[limit - 1]?.score;
    const best = found.filter(({ itemIdx }) => eligible.has(itemIdx));
    const isWhole = last === undefined || (best.length >= k && best[k - 1]!.score !== last);
    if (isWhole || limit === mostPoints) return best.slice(0, k);
  }
};

/** The `k` best, best first, ties by smaller index; any `k` where the query is of zeros: the first. */
export const search = async (
  client: QdrantClient,
  collection: string,
  wanted: Wanted,
): Promise<ReadonlyArray<Candidate>> => {
  const { eligible, filter } = wanted;
  const k = Math.min(wanted.k, eligible.count);
  if (k === 0 || wanted.vector.every((value) => value === 0)) {
    // Nothing to choose, but whether the collection is there.
    await client.scroll(collection, { limit: 1, with_payload: false });
    return eligible
      .all()
      .slice(0, k)
      .map((itemIdx) => ({ itemIdx, score: 0 }));
  }
  const byIds = () => bestUnder(client, collection, { ...wanted, k }, { must: [{ has_id: [...eligible.all()] }] });
  if (eligible.count <= fewIds) return byIds();
  const found = await bestUnder(client, collection, { ...wanted, k }, filter);
  return found.length === k ? found : byIds();
};

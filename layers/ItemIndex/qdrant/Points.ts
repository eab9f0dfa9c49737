/**
 * Points: an item of a model as a point.
 *
 * Point id = itemIdx; payload = the item's metadata, its `buyers`, `status` (an untrained item has a zero vector, an
 * unavailable one is gone from the shop, a new one is known by what it is alone), `popularity` and
 * `followers` (base64, see `packFollowers`) where the model has them, and under cosine `factors`: the vector itself in base64,
 * since Qdrant then keeps only its direction. Points of version 0.1.0 have no `buyers` and are all available.
 */
import type { Schemas } from "@qdrant/js-client-rest";
import { type ItemMetadata, itemMetadataFields } from "../../../src/domain/Item.ts";
import type { Metric } from "../../../src/domain/Model.ts";
import { decodeVector, encodeVector } from "../../../src/domain/UserStateCodec.ts";
import type { ItemVector } from "../../../src/ports/ItemIndex.ts";
import { packFollowers, unpackFollowers } from "./PackedFollowers.ts";

/** Payload fields with an index of keywords, for readers outside and for searches. */
export const indexedFields: ReadonlyArray<string> = [...itemMetadataFields, "status"];

const trained = "trained";
const untrained = "untrained";
const unavailable = "unavailable";
const fresh = "new";

const statusOf = ({ available, isNew, vector }: ItemVector): string => {
  if (!available) return unavailable;
  if (isNew === true) return fresh;
  return vector.every((value) => value === 0) ? untrained : trained;
};

export const pointOf = (item: ItemVector, metric: Metric): Schemas["PointStruct"] => ({
  id: item.itemIdx,
  vector: Array.from(item.vector),
  payload: {
    ...item.metadata,
    status: statusOf(item),
    buyers: item.buyers,
    ...(item.popularity === undefined ? {} : { popularity: item.popularity }),
    ...(item.followers === undefined ? {} : { followers: packFollowers(item.followers) }),
    ...(metric === "cosine" ? { factors: Buffer.from(encodeVector(item.vector)).toString("base64") } : {}),
  },
});

const isFactors = (vector: unknown): vector is ReadonlyArray<number> =>
  Array.isArray(vector) && typeof vector[0] === "number";

/** The item of a point read with payload and vector; undefined when it is not one of ours. */
export const itemOf = ({ id, payload, vector }: Schemas["Record"], rank: number): ItemVector | undefined => {
  if (typeof id !== "number" || payload === null || payload === undefined) return undefined;
  const metadata: { -readonly [K in keyof ItemMetadata]?: string } = {};
  for (const field of itemMetadataFields) {
    const value = payload[field];
    if (typeof value !== "string") return undefined;
    metadata[field] = value;
  }
  const { buyers, factors, followers, popularity, status } = payload;
  const own =
    typeof factors === "string"
      ? decodeVector(Buffer.from(factors, "base64"))
      : isFactors(vector)
        ? Float32Array.from(vector)
        : undefined;
  return own?.length === rank
    ? {
        itemIdx: id,
        metadata: metadata as ItemMetadata,
        available: status !== unavailable,
        buyers: typeof buyers === "number" ? buyers : 0,
        vector: own,
        ...(status === fresh ? { isNew: true } : {}),
        ...(typeof popularity === "number" ? { popularity } : {}),
        ...(typeof followers === "string" ? { followers: unpackFollowers(followers) } : {}),
      }
    : undefined;
};

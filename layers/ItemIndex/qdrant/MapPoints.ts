/**
 * MapPoints: a model's attribute map as points of its collection, which no search ever finds.
 *
 * Their ids lie above every item's: 2^32 and up, in the order of the features. Their vector is zeros, payload: `status` (attributes),
 * `features` (a list of names) and `weights` (base64 of features × rank as f32, little-endian), so many features a point that
 * it stays below a megabyte.
 */
import type { Schemas } from "@qdrant/js-client-rest";
import type { AttributeMap } from "../../../src/domain/AttributeMap.ts";

const firstId = 2 ** 32;
const status = "attributes";
/** Numbers of a point. */
const weightsAtOnce = 64 * 1024;

const textOf = ({ buffer, byteLength, byteOffset }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");

/** A copy of its own begins where numbers may begin. */
const weightsOf = (text: string): Float32Array => new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);

export const mapPoints = ({ features, weights }: AttributeMap, rank: number): ReadonlyArray<Schemas["PointStruct"]> => {
  const size = Math.max(1, Math.floor(weightsAtOnce / rank));
  return Array.from({ length: Math.ceil(features.length / size) }, (_, n) => ({
    id: firstId + n,
    vector: new Array<number>(rank).fill(0),
    payload: {
      status,
      features: features.slice(n * size, (n + 1) * size),
      weights: textOf(weights.subarray(n * size * rank, (n + 1) * size * rank)),
    },
  }));
};

/** Gathers the map from points in the order of their ids; `take` tells whether a point is of a map. */
export const gatherMap = (rank: number) => {
  const names: Array<string> = [];
  const parts: Array<Float32Array> = [];
  return {
    take: ({ id, payload }: Schemas["Record"]): boolean => {
      if (typeof id !== "number" || id < firstId) return false;
      const { features, weights } = payload ?? {};
      if (Array.isArray(features) && typeof weights === "string") {
        names.push(...features.map(String));
        parts.push(weightsOf(weights));
      }
      return true;
    },
    /** Undefined where there was none, or not one that is whole. */
    gathered: (): AttributeMap | undefined => {
      const weights = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
      parts.reduce((at, part) => {
        weights.set(part, at);
        return at + part.length;
      }, 0);
      return names.length === 0 || weights.length !== names.length * rank ? undefined : { features: names, weights };
    },
  };
};
